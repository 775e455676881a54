#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Answers: is the house tidy?

usage: tidy.py [--root FOLDER] [--headers | --all] [--list]

Runs the rules of layout.py, wording.py and conduct.py; with --headers those of headers.py instead,
which need a compiler and some seconds; with --all both.  Prints `path:line: what is wrong [rule]`.
Exit status: 0 tidy, 1 not.
"""

import argparse
import pathlib
import sys

import conduct
import headers
import layout
import wording
from tree import Tree

QUICK_RULES = layout.RULES + wording.RULES + conduct.RULES
HEADER_RULES = headers.RULES


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", default=pathlib.Path(__file__).resolve().parents[2])
    parser.add_argument("--headers", action="store_true", help="only what needs a compiler")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--list", action="store_true", help="print the rules and end")
    options = parser.parse_args()
    rules = HEADER_RULES if options.headers else QUICK_RULES
    if options.all:
        rules = QUICK_RULES + HEADER_RULES
    if options.list:
        print("\n".join(rule.__doc__ for rule in rules))
        return 0
    tree = Tree(options.root)
    findings = sorted(finding for rule in rules for finding in rule(tree))
    for finding in findings:
        print(finding)
    print(f"{len(tree.files)} files, {len(rules)} rules, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
