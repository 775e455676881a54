#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Answers: do the text tests hold on a server of their own?

usage: run.py --target mortise|postgres [--way simple|extended|embedded] [--build BUILD]
              [--rewrite | --mark] [FILE|FOLDER...]

Starts a throw-away server, runs mortise-sqltest on the files (all of tests/sql by default) and ends
with its status; 77 (skipped) when the server or the runner is not there.  `--way` is the simple or
the extended protocol, or `embedded`: no server, a new data directory inside the runner.

`--target postgres` says whether the expectations are PostgreSQL 15's; `--rewrite` writes its
answers down.  `--mark` puts `skipif TARGET` before the records that fail and takes it from those
that pass: the marks are the list of what is missing.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from throwaway_servers import SKIPPED, Mortise, Postgres, ServerError  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", choices=["mortise", "postgres"], required=True)
    parser.add_argument("--way", choices=["simple", "extended", "embedded"], default="simple")
    parser.add_argument("--build", default=str(Mortise.default_build()))
    parser.add_argument("--rewrite", action="store_true")
    parser.add_argument("--mark", action="store_true")
    parser.add_argument("paths", nargs="*", default=[str(HERE)])
    return parser.parse_args()


def run_runner(options, where):
    """mortise-sqltest on the files; `where` are its arguments that name the database."""
    runner = pathlib.Path(options.build) / "bin" / "mortise-sqltest"
    command = [runner, *where, "--target", options.target]
    command += [f"--{name}" for name in ("rewrite", "mark") if getattr(options, name)]
    return subprocess.run(command + options.paths, check=False).returncode


def run_on_server(options, server):
    with server:
        protocol = ["--extended"] if options.way == "extended" else []
        status = run_runner(options, ["--dsn", server.dsn(), *protocol])
        if status != 0 and options.target == "mortise":
            print(server.log_tail())
        return status


def run_embedded(options):
    with tempfile.TemporaryDirectory(prefix="mortise-embedded-") as folder:
        return run_runner(options, ["--directory", str(pathlib.Path(folder, "data"))])


def main():
    options = arguments()
    is_there = (pathlib.Path(options.build) / "bin" / "mortise-sqltest").exists() and (
        Postgres.find() if options.target == "postgres" else Mortise.find(options.build))
    if not is_there:
        print(f"skipped: {options.target} or mortise-sqltest is not there")
        return SKIPPED
    try:
        if options.way == "embedded":
            return run_embedded(options)
        return run_on_server(options, Postgres({"fsync": "off"}) if options.target == "postgres"
                             else Mortise(options.build))
    except ServerError as error:
        print(error)
        return 2


if __name__ == "__main__":
    sys.exit(main())
