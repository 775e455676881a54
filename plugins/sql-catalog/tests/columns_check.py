# SPDX-License-Identifier: Apache-2.0
"""Answers: do the system relations have the columns that PostgreSQL has?

Compares relation/*_columns.hpp (names, object ids, kinds, columns, types, order) with a PostgreSQL
server, and the object ids and signatures of functions in function/*.cpp with its pg_proc.  A
throw-away server is started unless one is named.

  columns_check.py ["host=... port=... user=..."]
"""

import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HERE.parents[1] / "tests" / "support"))
import throwaway_servers  # noqa: E402

RELATIONS = """
select n.nspname, c.relname, c.oid, c.relkind, a.attname, b.typname
from pg_attribute a
join pg_class c on c.oid = a.attrelid
join pg_namespace n on n.oid = c.relnamespace
join pg_type t on t.oid = a.atttypid
join pg_type b on b.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end
where c.relkind in ('r', 'v') and n.nspname in ('pg_catalog', 'information_schema')
  and a.attnum > 0 and c.oid < 16384
order by 1, 2, a.attnum"""

FUNCTIONS = """
select p.oid, p.proname,
  coalesce((select string_agg(t.typname, ',' order by o)
            from unnest(p.proargtypes::oid[]) with ordinality a(x, o)
            join pg_type t on t.oid = x), ''),
  r.typname, p.proretset
from pg_proc p join pg_type r on r.oid = p.prorettype where p.pronamespace = 11"""

# pg_statistic's lists of composite values stand as anyarray.
SPECIAL = {"_pg_statistic": "anyarray"}


def ask(connection, query):
    done = subprocess.run(
        ["psql", "-AtF", "\t", "-d", connection, "-c", query],
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.split("\t") for line in done.stdout.splitlines()]


def described():
    """Our descriptions: {(schema, name): (oid, kind, [column:type, ...])}."""
    found = {}
    for file, schema in (
        ("stored_columns.hpp", "pg_catalog"),
        ("view_columns.hpp", "pg_catalog"),
        ("information_schema_columns.hpp", "information_schema"),
    ):
        text = (HERE / "relation" / file).read_text().split('R"(\n')[1].split('\n)"')[0]
        for line in text.splitlines():
            if line.startswith(" "):
                last[2].extend(line.split())
                continue
            name, oid, kind = line.split()
            last = found[schema, name] = (oid, kind, [])
    return found


def listed():
    """Our functions: [(oid, name, arguments, result)], those with PostgreSQL's numbers."""
    pattern = re.compile(r'(?:scalar|rows_function)<"([^"]*)"[^()]*>\(\s*(\d+),\s*"([^"]+)"')
    for file in sorted((HERE / "function").glob("*.cpp")):
        for signature, oid, name in pattern.findall(file.read_text()):
            arguments, result = signature.split(":")
            yield oid, name, arguments, result


def differences(connection):
    theirs = {}
    for schema, name, oid, kind, column, kind_of_value in ask(connection, RELATIONS):
        entry = theirs.setdefault((schema, name), (oid, kind, []))
        entry[2].append(f"{column}:{SPECIAL.get(kind_of_value, kind_of_value)}")
    ours = described()
    for key in sorted(theirs.keys() | ours.keys()):
        if ours.get(key) != theirs.get(key):
            yield f"{'.'.join(key)}: {ours.get(key)} is {theirs.get(key)} in PostgreSQL"
    functions = {row[0]: tuple(row[1:4]) for row in ask(connection, FUNCTIONS)}
    for oid, name, arguments, result in listed():
        if functions.get(oid) != (name, arguments, result):
            yield f"{oid} {name}({arguments}) -> {result}: {functions.get(oid)} in PostgreSQL"


def check(connection):
    found = list(differences(connection))
    for line in found:
        print(line)
    print(
        f"{len(described())} relations, {len(list(listed()))} functions, {len(found)} differences"
    )
    return 1 if found else 0


def main():
    if len(sys.argv) > 1:
        return check(sys.argv[1])
    if throwaway_servers.Postgres.find() is None:
        print("no PostgreSQL 15 is installed: nothing compared")
        return throwaway_servers.SKIPPED
    with throwaway_servers.Postgres({"fsync": "off"}) as server:
        return check(server.dsn())


if __name__ == "__main__":
    sys.exit(main())
