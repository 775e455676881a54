#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Answers: does sql-functions give what PostgreSQL 15 gives?

Generates calls, seeded, evaluates each here (tests/driver.cpp) and in a PostgreSQL server, and
shows every difference in text, null, SQLSTATE or message.  A throw-away server is started unless
--host names a running one.  What is known to differ stands in known_differences.txt.

  differential.py --driver build/debug/bin/sql-functions-driver [--seed 1] [--only numeric,text]
"""

import argparse
import pathlib
import random
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[2] / "tests" / "support")]
import differential_arrays as arrays  # noqa: E402
import differential_numbers as numbers  # noqa: E402
import differential_texts as texts  # noqa: E402
import differential_times as times  # noqa: E402
from differential_aggregates import aggregate_cases  # noqa: E402
from differential_regexes import regex_cases  # noqa: E402
from differential_templates import template_cases  # noqa: E402
import throwaway_servers  # noqa: E402

SKIPPED = 77  # CTest's code for a test that could not run

EVALUATOR = r"""
create function pg_temp.evaluate(q text) returns text language plpgsql as $f$
declare r text; m text; s text;
begin
  execute 'select case when v is null then ''\N'' else replace(replace(replace('
       || 'format(''%s'', v), ''\'', ''\\''), E''\t'', ''\t''), E''\n'', ''\n'') '
       || 'end from (select (' || q || ') as v) s' into r;
  return r;
exception when others then
  get stacked diagnostics m = message_text, s = returned_sqlstate;
  return 'ERROR ' || s || ': '
      || replace(replace(replace(m, '\', '\\'), E'\t', '\t'), E'\n', '\n');
end $f$;
"""


TOPICS = {
    "array": arrays.array_cases,
    "template": template_cases,
    "regex": regex_cases,
    "integer": numbers.integer_cases,
    "float": numbers.float_cases,
    "numeric": numbers.numeric_cases,
    "math": numbers.math_cases,
    "cast": numbers.cast_cases,
    "datetime": times.datetime_cases,
    "make": times.make_cases,
    "text": texts.text_cases,
    "aggregate": aggregate_cases,
}


def generate(rng, count, only):
    cases = []
    for name, make in TOPICS.items():
        if not only or name in only.split(","):
            cases += list(make(rng, count))
    return cases


def quote(text):
    return "'" + text.replace("'", "''") + "'"


def ask(command, text):
    answer = subprocess.run(
        command, input=text, capture_output=True, text=True, errors="surrogateescape", check=False
    )
    if answer.returncode != 0:
        sys.exit(f"{command[0]} ended with {answer.returncode}: {answer.stderr[:2000]}")
    return answer.stdout.split("\n")[:-1]


def ask_postgres(psql, cases):
    """One answer a case, in order."""
    script = [
        "\\set ON_ERROR_STOP 1",
        "set client_min_messages = error;",
        "set standard_conforming_strings = on;",
        EVALUATOR,
    ]
    settings = {
        "zone": "timezone",
        "dates": "datestyle",
        "intervals": "intervalstyle",
        "floats": "extra_float_digits",
    }
    for case in cases:
        if case.setting:
            name, value = case.setting
            script.append(f"set {settings[name]} = {quote(value)};")
        else:
            script.append(f"select pg_temp.evaluate({quote(case.sql)});")
    return ask(psql, "\n".join(script))


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
    return ask([driver], "\n".join(lines) + "\n")


def compare(driver, psql, cases, limit):
    expected = ask_postgres(psql, cases)
    actual = ask_driver(driver, cases)
    asked = [case for case in cases if not case.setting]
    if len(expected) != len(asked) or len(actual) != len(asked):
        sys.exit(f"{len(asked)} cases, {len(expected)} answers there, {len(actual)} here")
    known = set((HERE / "known_differences.txt").read_text(encoding="utf-8").split("\n"))
    differences, accepted, totals = {}, {}, {}
    for case, theirs, ours in zip(asked, expected, actual):
        totals[case.topic] = totals.get(case.topic, 0) + 1
        if theirs == ours:
            continue
        if case.sql in known:
            accepted[case.topic] = accepted.get(case.topic, 0) + 1
        else:
            differences.setdefault(case.topic, []).append((case, theirs, ours))
    for topic, total in sorted(totals.items()):
        wrong = differences.get(topic, [])
        print(
            f"{topic}: {total - len(wrong)} of {total} agree, "
            f"{accepted.get(topic, 0)} known differences"
        )
        for case, theirs, ours in wrong[:limit]:
            print(f"  {case.sql}\n    PostgreSQL: {theirs}\n    here:       {ours}")
    return sum(len(wrong) for wrong in differences.values())


def psql_command(host, port):
    return [
        "psql",
        "-X",
        "-q",
        "-A",
        "-t",
        "-h",
        host,
        "-p",
        str(port),
        "-U",
        "postgres",
        "-d",
        "postgres",
    ]


def with_server(options, run):
    """Calls run(psql command) with the server that the options name, or one of our own."""
    if options.host:
        return run(psql_command(options.host, options.port))
    if throwaway_servers.Postgres.find() is None:
        print("no PostgreSQL 15 is installed: nothing compared")
        return SKIPPED
    with throwaway_servers.Postgres({"fsync": "off"}) as server:
        return run(psql_command("127.0.0.1", server.port))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--driver", required=True)
    parser.add_argument("--host")
    parser.add_argument("--port", default="5432")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--limit", type=int, default=20)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    print(f"seed {options.seed}")
    cases = generate(random.Random(options.seed), options.count, options.only)

    def run(psql):
        wrong = compare(options.driver, psql, cases, options.limit)
        print(f"{wrong} differences")
        return 1 if wrong else 0

    return with_server(options, run)


if __name__ == "__main__":
    sys.exit(main())
