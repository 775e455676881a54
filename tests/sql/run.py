#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Answers: do the text tests hold on a server of their own?

usage: run.py --target mortise|postgres [--build BUILD] [--extended] [--rewrite | --mark]
              [FILE|FOLDER...]

Starts a throw-away server, runs mortise-sqltest on the files (all of tests/sql by default) and ends
with its status; 77 (skipped) when the server or the runner is not there.  `--target postgres` says
whether the expectations are PostgreSQL 15's; `--rewrite` writes its answers down.  `--mark` puts
`skipif TARGET` before the records that fail and takes it from those that pass: the marks are the
list of what is missing.
"""

import argparse
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from throwaway_servers import SKIPPED, Mortise, Postgres, ServerError  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", choices=["mortise", "postgres"], required=True)
    parser.add_argument("--build", default=str(Mortise.default_build()))
    parser.add_argument("--extended", action="store_true")
    parser.add_argument("--rewrite", action="store_true")
    parser.add_argument("--mark", action="store_true")
    parser.add_argument("paths", nargs="*", default=[str(HERE)])
    return parser.parse_args()


def open_server(options):
    """The server, not yet started, or None."""
    if options.target == "postgres":
        return Postgres({"fsync": "off"}) if Postgres.find() else None
    return Mortise(options.build) if Mortise.find(options.build) else None


def main():
    options = arguments()
    runner = pathlib.Path(options.build) / "bin" / "mortise-sqltest"
    server = open_server(options)
    if server is None or not runner.exists():
        print(f"skipped: {options.target} or {runner} is not there")
        return SKIPPED
    try:
        with server:
            command = [runner, "--dsn", server.dsn(), "--target", options.target]
            switches = ("extended", "rewrite", "mark")
            command += [f"--{name}" for name in switches if getattr(options, name)]
            status = subprocess.run(command + options.paths, check=False).returncode
            if status != 0 and options.target == "mortise":
                print(server.log_tail())
            return status
    except ServerError as error:
        print(error)
        return 2


if __name__ == "__main__":
    sys.exit(main())
