#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Answers: does Mortise give PostgreSQL's rows for TPC-H, and in which share of the time?

Generates the tables (mortise-tpchgen), loads them into Mortise and into a throw-away PostgreSQL 15
with psql's \\copy, runs the 22 queries on both in one psql session per query, compares the rows and
prints one line per query: Mortise ms, PostgreSQL ms, their ratio (above 1: Mortise is faster).

Rows are compared as text, without any tolerance, in order.  Where ORDER BY leaves rows equal, they
may come in any order among themselves.  Times are psql's own (\\timing), the median of --repeat
runs after one run that is not counted.

Exit status: 0 all rows equal, 1 rows differ or a query failed, 2 a server is missing.
"""

import argparse
import contextlib
import json
import math
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tests" / "support"))
from throwaway_servers import Mortise, Postgres, Server, ServerError  # noqa: E402

TABLES = ["region", "nation", "supplier", "customer", "part", "partsupp", "orders", "lineitem"]

# Columns (from 0) of the ORDER BY, where they do not name a row uniquely.
ORDER_KEYS = {3: (1, 2), 5: (1,), 10: (2,), 11: (1,), 18: (4, 3)}

# Both cache all pages of a small scale factor.  The peer as someone who cares would set it up: no
# compilation of short queries, room for hash tables and sorts.
MORTISE_SETTINGS = {"buffer_pool_size": "1GiB"}
POSTGRES_SETTINGS = {"shared_buffers": "1GB", "work_mem": "64MB", "jit": "off",
                     "max_wal_size": "4GB", "maintenance_work_mem": "256MB"}


class Attached(Server):
    """A Mortise that runs already."""

    name = "Mortise"

    def __init__(self, address):
        self.host, _, port = address.rpartition(":")
        self.port = int(port)

    def __enter__(self):
        self.wait_until_it_answers()
        return self

    def __exit__(self, *_):
        pass


def query_text(number, scale):
    text = (HERE / "queries" / f"q{number:02}.sql").read_text(encoding="utf-8")
    if number == 11:
        text = text.replace("0.0001000000", f"{0.0001 / scale:.10f}")
    return text


def generate(generator, scale, folder):
    """Writes all tables, the big ones in parallel."""
    processes = [subprocess.Popen([generator, "--quiet", "--scale", str(scale), "--out", folder,
                                   "--table", table]) for table in TABLES]
    if any([process.wait() != 0 for process in processes]):
        raise ServerError("mortise-tpchgen failed")


def load(server, folder):
    """Makes the tables and fills them; the time of the \\copy commands alone in seconds."""
    server.psql((HERE / "schema.sql").read_text(encoding="utf-8"))
    begin = time.monotonic()
    for table in TABLES:
        server.psql(f"\\copy {table} from '{folder}/{table}.tsv'\n")
    seconds = time.monotonic() - begin
    server.psql("analyze;", check=False)  # Mortise may not have it
    return seconds


def run_query(server, number, scale, repeat):
    """The rows as lists of texts and the median time in ms, or the error's text."""
    text = query_text(number, scale)
    with tempfile.NamedTemporaryFile("r", encoding="utf-8", newline="\n") as rows_file:
        first = f"\\pset fieldsep '\\t'\n\\o {rows_file.name}\n{text}\n"
        counted = "\\o /dev/null\n\\timing on\n" + (text + "\n") * repeat
        done = server.psql(first + counted, check=False)
        if done.returncode != 0:
            return None, None, done.stderr.strip().splitlines()[0]
        times = [float(t) for t in re.findall(r"^Time: ([0-9.]+) ms", done.stdout, re.MULTILINE)]
        rows = [line.split("\t") for line in rows_file.read().splitlines()]
    return rows, statistics.median(times), None


def normalized(rows, keys):
    """The rows, with those that are neighbours and equal in `keys` put into one order."""
    if keys is None:
        return rows
    result, group = [], []
    for row in rows:
        if group and [group[0][k] for k in keys] != [row[k] for k in keys]:
            result += sorted(group)
            group = []
        group.append(row)
    return result + sorted(group)


def first_difference(ours, theirs):
    for i, (a, b) in enumerate(zip(ours, theirs), 1):
        if a != b:
            return f"row {i}: Mortise {a}, PostgreSQL {b}"
    return f"Mortise gives {len(ours)} rows, PostgreSQL {len(theirs)}"


def compare(number, scale, repeat, mortise, postgres):
    """Runs one query on the servers that are there."""
    result = {"query": number}
    answers = {}
    for key, server in (("mortise", mortise), ("postgres", postgres)):
        if server is None:
            continue
        rows, milliseconds, error = run_query(server, number, scale, repeat)
        result[f"{key}_ms"] = milliseconds
        if error:
            result[f"{key}_error"] = error
        else:
            result["rows"] = len(rows)
            answers[key] = normalized(rows, ORDER_KEYS.get(number))
    if len(answers) == 2:
        result["ratio"] = result["postgres_ms"] / max(result["mortise_ms"], 0.001)
        result["equal"] = answers["mortise"] == answers["postgres"]
        if not result["equal"]:
            result["difference"] = first_difference(answers["mortise"], answers["postgres"])
    return result


def print_result(result):
    def cell(value):
        return f"{value:12.2f}" if value is not None else f"{'-':>12}"
    note = ""
    if "mortise_error" in result:
        note = "  " + result["mortise_error"]
    elif result.get("equal") is False:
        note = "  DIFFERENT: " + result["difference"]
    print(f"q{result['query']:02} {cell(result.get('mortise_ms'))} "
          f"{cell(result.get('postgres_ms'))} {cell(result.get('ratio'))} "
          f"{result.get('rows', '-'):>6}{note}", flush=True)


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=0.1)
    parser.add_argument("--queries", default="1-22", help="such as 1,3,5-8 (default: all)")
    parser.add_argument("--repeat", type=int, default=3, help="counted runs of each query")
    parser.add_argument("--build", default=str(Mortise.default_build()), help="the build tree")
    parser.add_argument("--mortise", metavar="HOST:PORT",
                        help="a server that runs already, with an empty database")
    parser.add_argument("--no-mortise", action="store_true")
    parser.add_argument("--no-postgres", action="store_true")
    parser.add_argument("--data", help="keep the generated files here, or use those that are")
    parser.add_argument("--json", help="write the figures here")
    options = parser.parse_args()
    numbers = []
    for piece in options.queries.split(","):
        low, _, high = piece.partition("-")
        numbers += range(int(low), int(high or low) + 1)
    options.numbers = [n for n in numbers if 1 <= n <= 22]
    options.repeat = max(options.repeat, 1)
    return options


def open_servers(stack, options):
    mortise = postgres = None
    if not options.no_mortise:
        mortise = Attached(options.mortise) if options.mortise else Mortise(options.build)
        mortise.settings = MORTISE_SETTINGS  # of no effect on one that runs already
        stack.enter_context(mortise)
    if not options.no_postgres:
        if Postgres.find():
            postgres = stack.enter_context(Postgres(POSTGRES_SETTINGS))
        else:
            print("PostgreSQL 15 is not installed: no comparison", file=sys.stderr)
    if mortise is None and postgres is None:
        raise ServerError("there is no server to run on")
    return mortise, postgres


def data_files(stack, options):
    folder = options.data or stack.enter_context(
        tempfile.TemporaryDirectory(prefix="mortise-tpch-"))
    if not all((pathlib.Path(folder) / f"{table}.tsv").exists() for table in TABLES):
        begin = time.monotonic()
        generator = pathlib.Path(options.build) / "bin" / "mortise-tpchgen"
        generate(str(generator), options.scale, folder)
        print(f"generated scale {options.scale:g} in {time.monotonic() - begin:.1f} s", flush=True)
    return folder


def run(options):
    with contextlib.ExitStack() as stack:
        mortise, postgres = open_servers(stack, options)
        folder = data_files(stack, options)
        report = {"benchmark": "tpch", "scale": options.scale, "repeat": options.repeat,
                  "cpu_count": os.cpu_count(), "postgres_settings": POSTGRES_SETTINGS}
        for key, server in (("mortise", mortise), ("postgres", postgres)):
            if server is not None:
                report[f"{key}_load_s"] = load(server, folder)
                print(f"{server.name} loaded in {report[f'{key}_load_s']:.1f} s", flush=True)
        print(f"{'':3} {'Mortise ms':>12} {'PostgreSQL ms':>12} {'ratio':>11} {'rows':>6}")
        report["queries"] = []
        for number in options.numbers:
            result = compare(number, options.scale, options.repeat, mortise, postgres)
            print_result(result)
            report["queries"].append(result)
    return report


def summarize(report):
    """Adds the means and says whether all is well."""
    results = report["queries"]
    for key in ("mortise_ms", "postgres_ms", "ratio"):
        report[f"{key}_geomean"] = geometric_mean([r[key] for r in results if r.get(key)])
    if report["ratio_geomean"]:
        print(f"geo {report['mortise_ms_geomean']:12.2f} {report['postgres_ms_geomean']:12.2f} "
              f"{report['ratio_geomean']:12.2f}")
    bad = [r["query"] for r in results
           if r.get("equal") is False or "mortise_error" in r or "postgres_error" in r]
    report["failed"] = bad
    compared = sum(1 for r in results if r.get("equal"))
    print(f"{compared} of {len(results)} queries give equal rows"
          + (f"; not well: {bad}" if bad else ""))
    return not bad


def main():
    options = arguments()
    try:
        report = run(options)
    except ServerError as error:
        print(f"run.py: {error}", file=sys.stderr)
        return 2
    well = summarize(report)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
