#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Answers: does sql-functions give what PostgreSQL 15 gives?

Generates calls, seeded, evaluates each here (tests/driver.cpp) and in a PostgreSQL server, and shows
every difference in text, null, SQLSTATE or message.  A server is started from --pg-bin in a temporary
folder unless --host names a running one.

  differential.py --driver build/debug/bin/sql-functions-driver [--seed 1] [--count 300] [--only numeric]
"""

import argparse
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import differential_cases  # noqa: E402

EVALUATOR = r"""
create function pg_temp.evaluate(q text) returns text language plpgsql as $f$
declare r text; m text; s text;
begin
  execute 'select case when v is null then ''\N'' else '
       || 'replace(replace(replace(format(''%s'', v), ''\'', ''\\''), E''\t'', ''\t''), E''\n'', ''\n'') '
       || 'end from (select (' || q || ') as v) s' into r;
  return r;
exception when others then
  get stacked diagnostics m = message_text, s = returned_sqlstate;
  return 'ERROR ' || s || ': ' || replace(replace(replace(m, '\', '\\'), E'\t', '\t'), E'\n', '\n');
end $f$;
"""


class Server:
    """A PostgreSQL server of its own, gone with the block."""

    def __init__(self, pg_bin):
        self.bin = pathlib.Path(pg_bin)
        self.folder = tempfile.mkdtemp(prefix="mortise-pg-")
        self.port = str(50000 + os.getpid() % 10000)

    def __enter__(self):
        os.chmod(self.folder, 0o777)
        data = f"{self.folder}/data"
        self.run("initdb", "-D", data, "--locale=C", "-E", "UTF8", "-A", "trust", "-U", "postgres")
        self.run("pg_ctl", "-D", data, "-w", "-l", f"{self.folder}/log", "-o",
                 f"-p {self.port} -k {self.folder} -c listen_addresses= -c fsync=off "
                 "-c timezone=UTC", "start")
        return self

    def __exit__(self, *_):
        self.run("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, program, *arguments):
        command = [str(self.bin / program), *arguments]
        if os.geteuid() == 0:  # the server refuses to run as root
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")


def quote(text):
    return "'" + text.replace("'", "''") + "'"


def ask_postgres(psql, cases):
    """One answer a case, in order."""
    script = ["\\set ON_ERROR_STOP 1", "set client_min_messages = error;",
              "set standard_conforming_strings = on;", EVALUATOR]
    settings = {"zone": "timezone", "dates": "datestyle", "intervals": "intervalstyle",
                "floats": "extra_float_digits"}
    for case in cases:
        if case.setting:
            name, value = case.setting
            script.append(f"set {settings[name]} = {quote(value)};")
        else:
            script.append(f"select pg_temp.evaluate({quote(case.sql)});")
    answer = subprocess.run(psql, input="\n".join(script), capture_output=True, text=True, errors="surrogateescape",
                            check=False)
    if answer.returncode != 0:
        sys.exit(f"psql failed: {answer.stderr[:2000]}")
    return answer.stdout.split("\n")[:-1]


def escape(text):
    if text is None:
        return "\\N"
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def ask_driver(driver, cases):
    lines = []
    for case in cases:
        if case.setting:
            lines.append("\t".join(["set", *case.setting]))
        else:
            lines.append("\t".join([case.kind, *[escape(field) for field in case.fields]]))
    answer = subprocess.run([driver], input="\n".join(lines) + "\n", capture_output=True, text=True, errors="surrogateescape",
                            check=False)
    if answer.returncode != 0:
        sys.exit(f"the driver ended with {answer.returncode}: {answer.stderr[:2000]}")
    return answer.stdout.split("\n")[:-1]


def compare(driver, psql, cases, limit):
    expected = ask_postgres(psql, cases)
    actual = ask_driver(driver, cases)
    asked = [case for case in cases if not case.setting]
    if len(expected) != len(asked) or len(actual) != len(asked):
        sys.exit(f"{len(asked)} cases, {len(expected)} answers there, {len(actual)} here")
    differences = {}
    for case, theirs, ours in zip(asked, expected, actual):
        if theirs != ours and not case.accepts(theirs, ours):
            differences.setdefault(case.topic, []).append((case, theirs, ours))
    totals = {}
    for case in asked:
        totals[case.topic] = totals.get(case.topic, 0) + 1
    for topic, total in sorted(totals.items()):
        wrong = differences.get(topic, [])
        print(f"{topic}: {total - len(wrong)} of {total} agree")
        for case, theirs, ours in wrong[:limit]:
            print(f"  {case.sql}\n    PostgreSQL: {theirs}\n    here:       {ours}")
    return sum(len(wrong) for wrong in differences.values())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--driver", required=True)
    parser.add_argument("--pg-bin", default="/usr/lib/postgresql/15/bin")
    parser.add_argument("--host")
    parser.add_argument("--port", default="5432")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--limit", type=int, default=20)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    print(f"seed {options.seed}")
    cases = differential_cases.generate(random.Random(options.seed), options.count, options.only)

    def run(host, port):
        psql = ["psql", "-X", "-q", "-A", "-t", "-h", host, "-p", port, "-U", "postgres",
                "-d", "postgres"]
        return compare(options.driver, psql, cases, options.limit)

    if options.host:
        wrong = run(options.host, options.port)
    elif not (pathlib.Path(options.pg_bin) / "initdb").exists():
        print(f"no PostgreSQL in {options.pg_bin}: nothing compared")
        return 77
    else:
        with Server(options.pg_bin) as server:
            wrong = run(server.folder, server.port)
    print(f"{wrong} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
