#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Answers: do the lists of sql-functions agree with the catalog of PostgreSQL 15?

Object ids, result types, volatility, strictness, operators with commutator and negator, casts with
their contexts, and types are compared with pg_proc, pg_operator, pg_cast and pg_type of a running
server.

  catalog_check.py --driver build/debug/bin/sql-functions-driver [--host /tmp --port 5432]
"""

import argparse
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from differential import with_server  # noqa: E402

PROCEDURES = """
select p.oid::int8, proname, array_to_string(proargtypes::oid[]::int8[], ','), prorettype::int8,
       case when proretset then 3 when prokind = 'a' then 2 else 1 end,
       case provolatile when 'i' then 1 when 's' then 2 else 3 end, proisstrict::int
from pg_proc p where pronamespace = 'pg_catalog'::regnamespace"""
OPERATORS = """
select o.oprcode::int8, o.oprname, coalesce(c.oprname, ''), coalesce(n.oprname, '')
from pg_operator o left join pg_operator c on c.oid = o.oprcom
     left join pg_operator n on n.oid = o.oprnegate"""
CASTS = """
select castsource::int8, casttarget::int8, case castcontext when 'i' then 1 when 'a' then 2 else 3
end
from pg_cast"""
TYPES = """
select oid::int8, typarray::int8, typname, format_type(oid, null), typlen, typcategory,
       typispreferred::int,
       case when typsubscript = 'array_subscript_handler'::regproc then typelem else 0 end::int8
from pg_type"""


def lines_of(command, text):
    answer = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return [line.split("\t") for line in answer.stdout.split("\n") if line and line != "."]


def check_functions(ours, procedures, operators):
    by_oid = {row[0]: row for row in procedures}
    symbols = {}
    for row in operators:
        symbols.setdefault(row[0], []).append(row[1:])
    for (
        oid,
        name,
        arguments,
        result,
        kind,
        volatility,
        strict,
        symbol,
        commutator,
        negator,
        _,
    ) in ours:
        theirs = by_oid.get(oid)
        if theirs is None:
            yield f"function {name}: no {oid} there"
            continue
        mine = [oid, name, arguments, result, kind, volatility]
        if mine != theirs[:6]:
            yield f"function {name}: {mine} here, {theirs[:6]} there"
        if kind != "2" and strict != theirs[6]:
            yield f"function {name} {oid}: strict {strict} here, {theirs[6]} there"
        if symbol and [symbol, commutator, negator] not in symbols.get(oid, []):
            yield f"operator {symbol} {oid}: {[commutator, negator]} here, {symbols.get(oid)} there"


def check_rows(what, ours, theirs, key):
    known = {tuple(row[:key]): row for row in theirs}
    for row in ours:
        other = known.get(tuple(row[:key]))
        if other is None or other[: len(row)] != row:
            yield f"{what} {row} here, {other} there"


def run(driver, psql):
    ask = lambda query: lines_of([*psql, "-F", "\t", "-c", query], "")  # noqa: E731
    listed = lambda what: lines_of([driver], f"list\t{what}\n")  # noqa: E731
    found = list(check_functions(listed("functions"), ask(PROCEDURES), ask(OPERATORS)))
    found += check_rows("cast", [row[:3] for row in listed("casts")], ask(CASTS), 2)
    found += check_rows("type", listed("types"), ask(TYPES), 1)
    for line in found:
        print(line)
    print(
        f"{len(listed('functions'))} functions, {len(listed('casts'))} casts, "
        f"{len(listed('types'))} types, {len(found)} differences"
    )
    return 1 if found else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--driver", required=True)
    parser.add_argument("--host")
    parser.add_argument("--port", default="5432")
    options = parser.parse_args()
    return with_server(options, lambda psql: run(options.driver, psql))


if __name__ == "__main__":
    sys.exit(main())
