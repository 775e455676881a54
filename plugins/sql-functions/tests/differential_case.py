# SPDX-License-Identifier: Apache-2.0
"""Answers: what is a case that differential.py compares?

A case is a line for the driver and the same as an SQL expression.
"""

import dataclasses


CALL_SYMBOLS = {
    "+",
    "-",
    "*",
    "/",
    "%",
    "=",
    "<>",
    "<",
    "<=",
    ">",
    ">=",
    "~~",
    "!~~",
    "~~*",
    "!~~*",
    "||",
    "&",
    "|",
    "#",
    "<<",
    ">>",
    "~",
    "!~",
    "~*",
    "!~*",
    "^",
    "@",
    "|/",
    "||/",
    "@>",
    "<@",
    "&&",
}
SQL_NAMES = {"char": '"char"'}


@dataclasses.dataclass
class Case:
    topic: str
    kind: str = ""
    fields: tuple = ()
    sql: str = ""
    setting: tuple = None

    @staticmethod
    def accepts(theirs, ours):
        return False


def literal(value, kind):
    text = "null" if value is None else "'" + value.replace("'", "''") + "'"
    return f"{text}::{SQL_NAMES.get(kind, kind)}"


def call(topic, name, *arguments):
    """arguments: (type, text) pairs."""
    fields = [name]
    for kind, value in arguments:
        fields += [kind, value]
    shown = [literal(value, kind) for kind, value in arguments]
    if name in CALL_SYMBOLS:
        sql = (
            f"{shown[0]} operator(pg_catalog.{name}) {shown[1]}"
            if len(shown) == 2
            else f"operator(pg_catalog.{name}) {shown[0]}"
        )
    else:
        sql = f"pg_catalog.{name}({', '.join(shown)})"
    return Case(topic, "call", tuple(fields), sql)


def rows(topic, name, *arguments):
    """All rows of a set-returning function, with | between them."""
    made = call(topic, name, *arguments)
    shown = "string_agg(case when v is null then 'NULL' else format('%s', v) end, '|')"
    sql = f"(select {shown} from (select {made.sql} as v) t)"
    return Case(topic, "rows", made.fields, sql)


def given(topic, kind, value):
    sql = literal(value, kind)
    if kind.startswith(("varchar(", "bpchar(")):  # a written cast would cut, input does not
        name, length = kind[:-1].split("(")
        shown = "'" + value.replace("'", "''") + "'"
        sql = f"{name}in({shown}::cstring, 0, {int(length) + 4})"
    return Case(topic, "in", (kind, value), sql)


def cast(topic, source, target, value):
    return Case(
        topic,
        "cast",
        (source, target, value, "1"),
        f"cast({literal(value, source)} as {SQL_NAMES.get(target, target)})",
    )


def aggregate(topic, name, kinds, rows):
    fields = [name, str(len(kinds)), *kinds]
    values = []
    for row in rows:
        fields += row
        values.append("(" + ", ".join(literal(v, k) for k, v in zip(kinds, row)) + ")")
    columns = ", ".join(f"c{i}" for i in range(len(kinds)))
    body = (
        f"(values {', '.join(values)}) t({columns})"
        if rows
        else "(select "
        + ", ".join(f"{literal(None, k)} c{i}" for i, k in enumerate(kinds))
        + " where false) t"
    )
    return Case(topic, "agg", tuple(fields), f"select {name}({columns}) from {body}")
