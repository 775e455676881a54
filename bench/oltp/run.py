#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Answers: how many short transactions a second does Mortise do, beside PostgreSQL in the same run?

Starts both servers on fresh folders with equal room for pages and equal durability (every commit
on disk), fills pgbench's tables, and lets pgbench run one workload at a time: first on one server,
then on the other, --rounds times.  Prints the median transactions per second of each, the ratio
(above 1: Mortise is faster), the spread, and beside the workloads that write how often PostgreSQL's
pg_test_fsync says that this disk can flush: the floor under durable commits of one client.

Workloads (rows P1 to P4 of the project's targets):
  select-N-MODE   a row by its key, N clients, protocol mode simple or prepared
  tpcb-N          pgbench's own mix: three updates by key, one insert, one select; N clients
  insert-N        one row into a table with a primary key
  update-N        one row by its key

Exit status: 0 measured, 1 a workload failed, 2 a server or pgbench is missing.
"""

import argparse
import contextlib
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tests" / "support"))
from throwaway_servers import Mortise, Postgres, ServerError, psql_environment  # noqa: E402

MORTISE_SETTINGS = {"buffer_pool_size": "1GiB"}
POSTGRES_SETTINGS = {"shared_buffers": "1GB", "max_connections": "200", "max_wal_size": "4GB"}

ACCOUNTS_PER_SCALE = 100_000

SCRIPTS = {
    "select": "\\set aid random(1, {accounts})\n"
              "select abalance from pgbench_accounts where aid = :aid;\n",
    "insert": "insert into oltp_insert (v) values ('one row, one commit');\n",
    "update": "\\set aid random(1, {accounts})\n"
              "update pgbench_accounts set abalance = abalance + 1 where aid = :aid;\n",
}

# name, script (None: pgbench's own), clients, protocol mode
WORKLOADS = [
    ("select-1-prepared", "select", 1, "prepared"),
    ("select-8-prepared", "select", 8, "prepared"),
    ("select-8-simple", "select", 8, "simple"),
    ("select-32-prepared", "select", 32, "prepared"),
    ("tpcb-1", None, 1, "prepared"),
    ("tpcb-8", None, 8, "prepared"),
    ("tpcb-32", None, 32, "prepared"),
    ("insert-32", "insert", 32, "prepared"),
    ("update-32", "update", 32, "prepared"),
]

SCHEMA = ("drop table if exists oltp_insert;"
          "create table oltp_insert (id bigint generated always as identity primary key, v text);")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=int, default=10, help="pgbench's: 100,000 accounts each")
    parser.add_argument("--seconds", type=int, default=5, help="of each run")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each workload and server")
    parser.add_argument("--workloads", help="such as select-8-simple,tpcb-32 (default: all)")
    parser.add_argument("--build", default=str(Mortise.default_build()), help="the build tree")
    parser.add_argument("--json", help="write the figures here")
    options = parser.parse_args()
    if options.workloads:
        known = {w[0] for w in WORKLOADS}
        wanted = options.workloads.split(",")
        unknown = [name for name in wanted if name not in known]
        if unknown:
            parser.error(f"unknown workload {unknown[0]}; there are {', '.join(sorted(known))}")
        options.chosen = [w for w in WORKLOADS if w[0] in wanted]
    else:
        options.chosen = WORKLOADS
    return options


def pgbench(server, *arguments):
    done = subprocess.run(
        [str(Postgres.folder / "pgbench"), "-h", server.host, "-p", str(server.port),
         "-U", server.user, *arguments, server.database],
        capture_output=True, text=True, check=False, env=psql_environment())
    if done.returncode != 0:
        raise ServerError(f"{server.name}: pgbench {' '.join(arguments)}: {done.stderr[-600:]}")
    return done.stdout


def fill(server, scale):
    pgbench(server, "-i", "-I", "dtgp", "-q", "-s", str(scale))
    server.psql(SCHEMA)


def measure(server, script_file, clients, mode, seconds):
    """Transactions per second of one run."""
    script = ["-f", script_file] if script_file else []
    text = pgbench(server, "-n", "-M", mode, "-c", str(clients), "-j", "1", "-T", str(seconds),
                   *script)
    failed = re.search(r"number of failed transactions: (\d+)", text)
    if failed and int(failed.group(1)) > 0:
        raise ServerError(f"{server.name}: {failed.group(1)} transactions failed")
    return float(re.search(r"^tps = ([0-9.]+)", text, re.MULTILINE).group(1))


def flushes_per_second(folder):
    """What the disk under `folder` does for one writer that overwrites 8 KiB and syncs."""
    program = Postgres.folder / "pg_test_fsync"
    if not program.exists():
        return None
    done = subprocess.run([str(program), "-s", "1", "-f", str(pathlib.Path(folder) / "probe")],
                          capture_output=True, text=True, check=False)
    found = re.search(r"fdatasync\s+([0-9.]+) ops/sec", done.stdout)
    return float(found.group(1)) if found else None


def run_workload(workload, options, servers, folder):
    name, script, clients, mode = workload
    script_file = None
    if script:
        script_file = str(pathlib.Path(folder) / f"{script}.sql")
        text = SCRIPTS[script].format(accounts=ACCOUNTS_PER_SCALE * options.scale)
        pathlib.Path(script_file).write_text(text, encoding="utf-8")
    rates = {server.name: [] for server in servers}
    for round_number in range(options.rounds):
        # Who goes first changes, so that neither always meets a busy disk.
        for server in servers if round_number % 2 == 0 else reversed(servers):
            rates[server.name].append(
                measure(server, script_file, clients, mode, options.seconds))
    result = {"workload": name, "clients": clients, "mode": mode}
    for server in servers:
        values = rates[server.name]
        key = server.name.lower()
        result[f"{key}_tps"] = statistics.median(values)
        result[f"{key}_spread"] = (max(values) - min(values)) / statistics.median(values)
    result["ratio"] = result["mortise_tps"] / result["postgresql_tps"]
    print(f"{name:20} {result['mortise_tps']:10.0f} {result['postgresql_tps']:11.0f} "
          f"{result['ratio']:7.2f}   {result['mortise_spread']:5.0%} "
          f"{result['postgresql_spread']:5.0%}", flush=True)
    return result


def run(options):
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="mortise-oltp-"))
        mortise = Mortise(options.build)
        mortise.settings = MORTISE_SETTINGS
        servers = [stack.enter_context(mortise), stack.enter_context(Postgres(POSTGRES_SETTINGS))]
        report = {"benchmark": "oltp", "scale": options.scale, "seconds": options.seconds,
                  "rounds": options.rounds, "cpu_count": os.cpu_count(),
                  "flushes_per_second": flushes_per_second(folder), "workloads": []}
        if report["flushes_per_second"]:
            print(f"the disk flushes {report['flushes_per_second']:.0f} times a second")
        for server in servers:
            fill(server, options.scale)
        print(f"{'':20} {'Mortise':>10} {'PostgreSQL':>11} {'ratio':>7}   spread", flush=True)
        for workload in options.chosen:
            report["workloads"].append(run_workload(workload, options, servers, folder))
    return report


def main():
    options = arguments()
    if Mortise.find(options.build) is None or Postgres.find() is None \
            or not (Postgres.folder / "pgbench").exists():
        print("run.py: needs a built Mortise, PostgreSQL 15 and pgbench", file=sys.stderr)
        return 2
    try:
        report = run(options)
    except ServerError as error:
        print(f"run.py: {error}", file=sys.stderr)
        return 1
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
