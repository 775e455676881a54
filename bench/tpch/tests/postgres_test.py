#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Goal:   PostgreSQL 15 accepts the generated tables and answers all 22 queries with rows.
Method: scale 0.01 into a throw-away server, then primary and foreign keys as PostgreSQL checks
        them, row counts, the rules that span tables, and the queries.  Skipped without
        PostgreSQL 15.

usage: postgres_test.py GENERATOR
"""

import pathlib
import subprocess
import sys
import tempfile

TPCH = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TPCH))
sys.path.insert(0, str(TPCH.parents[1] / "tests" / "support"))
import run  # noqa: E402
from throwaway_servers import SKIPPED, Postgres  # noqa: E402

SCALE = 0.01
COUNTS = {"region": 5, "nation": 25, "supplier": 100, "customer": 1500, "part": 2000,
          "partsupp": 8000, "orders": 15000}

# Each gives the number of rows that break the rule named.
RULES = {
    "o_totalprice follows from the lines":
        "select count(*) from (select o_totalprice, round(sum(l_extendedprice * (1 + l_tax) * "
        "(1 - l_discount)), 2) as computed from orders join lineitem on l_orderkey = o_orderkey "
        "group by o_orderkey) t where o_totalprice <> computed",
    "l_extendedprice is quantity times p_retailprice":
        "select count(*) from lineitem join part on p_partkey = l_partkey "
        "where l_extendedprice <> l_quantity * p_retailprice",
    "line numbers are 1, 2, ... without a gap":
        "select count(*) from (select max(l_linenumber) as last, count(*) as lines from lineitem "
        "group by l_orderkey) t where last <> lines",
    "every order has lines":
        "select count(*) from orders where not exists "
        "(select * from lineitem where l_orderkey = o_orderkey)",
    "a third of the customers has no order":
        "select abs(count(*) - 500) from customer where not exists "
        "(select * from orders where o_custkey = c_custkey)",
}


def check(failures, what, is_right):
    print(("ok    " if is_right else "FAIL  ") + what, flush=True)
    if not is_right:
        failures.append(what)


def check_tables(server, failures):
    for table, expected in COUNTS.items():
        count = int(server.psql(f"select count(*) from {table};").stdout)
        check(failures, f"{table} has {expected} rows, not {count}", count == expected)
    server.psql((TPCH / "foreign_keys.sql").read_text(encoding="utf-8"))
    check(failures, "PostgreSQL accepts the foreign keys", True)
    for rule, query in RULES.items():
        check(failures, rule, server.psql(query + ";").stdout.strip() == "0")


def check_queries(server, failures):
    for number in range(1, 23):
        rows, _, error = run.run_query(server, number, SCALE, 1)
        check(failures, f"query {number} runs: {error}", error is None)
        # One row of NULL is what an aggregate over nothing gives.
        check(failures, f"query {number} has an answer", bool(rows) and rows != [[""]])


def check_comparison_can_fail(failures):
    rows = [["a", "1"], ["b", "1"], ["c", "2"]]
    swapped = [rows[1], rows[0], rows[2]]
    check(failures, "the comparison sees an order that is wrong",
          run.normalized(rows, None) != run.normalized(swapped, None))
    check(failures, "the comparison forgives order among equals only",
          run.normalized(rows, (1,)) == run.normalized(swapped, (1,))
          and run.normalized(rows, (1,)) != run.normalized([rows[2], rows[0], rows[1]], (1,)))
    check(failures, "a lost row is named",
          run.first_difference(rows, rows[:2]) == "Mortise gives 3 rows, PostgreSQL 2")


def main():
    if not Postgres.find():
        print("PostgreSQL 15 is not installed")
        return SKIPPED
    failures = []
    check_comparison_can_fail(failures)
    with tempfile.TemporaryDirectory(prefix="mortise-tpch-") as folder, Postgres() as server:
        subprocess.run([sys.argv[1], "--scale", str(SCALE), "--out", folder], check=True)
        run.load(server, folder)
        check_tables(server, failures)
        check_queries(server, failures)
    print(f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
