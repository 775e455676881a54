# SPDX-License-Identifier: Apache-2.0
"""Answers: does every file begin, measure and speak as docs/STYLE.md says?

Licence line, lengths, words that must not land, hosts that must not be named.
"""

import re

from tree import Finding

LINE_COLUMNS_MAX = 100
SPDX = "SPDX-License-Identifier: Apache-2.0"

# Golden texts and data keep the lines they were given.
LENGTH_FREE_ENDINGS = {".test", ".script", ".toml"}

HEADER_LINES_MAX = 250
SOURCE_LINES_MAX = 500
LINES_MAX = 1000
REASON = re.compile(r"[Ll]onger than \d+ lines, because \w+")

# Put together, so that this file does not contain what it looks for.
LATER = "TO" + "DO"
NEVER = ["FIX" + "ME", "XX" + "X", "HA" + "CK", r"\[" + r"WIP\]"]
SEPARATOR = re.compile(r"^\s*(//|#|--|/\*|\*)\s*([-=*#~/_])\2{4,}")

HOSTS = re.compile(
    r"\bregistry\.[a-z-]+\.(org|io|com)\b|\bregistry-1\.\w+|\b(files\.)?pythonhosted\.org\b"
    r"|\bpypi\.org\b|\bcrates\.io\b|\b(hub\.)?docker\.(io|com)\b|\b(ghcr|quay|gcr)\.io\b"
    r"|\b(deb|security|ftp[\w.]*|snapshot)\.debian\.org\b|\b(archive|security)\.ubuntu\.com\b"
    r"|\bproxy\.golang\.org\b|\brubygems\.org\b|\brepo1?\.maven\.[a-z.]+\b|\bnpmjs\.(com|org)\b")


def check_licence(tree):
    """licence: the first line (after #!) is the SPDX line."""
    for file in tree.files:
        if not file.is_source or file.ending == ".toml":  # a manifest has a license key
            continue
        head = [line for line in file.lines[:2] if not line.startswith("#!")]
        if not head or SPDX not in head[0]:
            yield Finding(file.path, 1, "licence", f"does not begin with {SPDX}")


def check_line_length(tree):
    """line-length: 100 columns."""
    for file in tree.files:
        if not file.is_source or file.ending in LENGTH_FREE_ENDINGS:
            continue
        for number, line in enumerate(file.lines, 1):
            if len(line) > LINE_COLUMNS_MAX:
                yield Finding(file.path, number, "line-length", f"has {len(line)} columns")


def check_whitespace(tree):
    """whitespace: no tab in code, no blank at the end of a line, a line end at the end."""
    for file in tree.files:
        if not (file.is_cpp or file.ending in {".py", ".sh", ".cmake"}):
            continue
        for number, line in enumerate(file.lines, 1):
            if line != line.rstrip() or "\t" in line:
                yield Finding(file.path, number, "whitespace", "tab, or blank at the end")
        if file.text and not file.text.endswith("\n"):
            yield Finding(file.path, len(file.lines), "whitespace", "no line end at the end")


def check_file_length(tree):
    """file-length: header 250, source 500; a reason in the head beyond that; never past 1,000."""
    for file in tree.files:
        if not file.is_cpp and file.ending not in {".py", ".sh"}:
            continue
        count = len(file.lines)
        limit = HEADER_LINES_MAX if file.ending in {".h", ".hpp"} else SOURCE_LINES_MAX
        if count > LINES_MAX:
            yield Finding(file.path, 1, "file-length", f"has {count} lines; split it along nouns")
        elif count > limit and not any(REASON.search(line) for line in file.lines[:40]):
            yield Finding(file.path, 1, "file-length",
                          f"has {count} lines; split it, or say in its head: Longer than {limit} "
                          "lines, because ...")


def check_words(tree):
    """words: nothing half done lands; what is left for later has an issue."""
    never = re.compile("|".join(rf"\b{word}\b" if word.isalpha() else word for word in NEVER))
    later = re.compile(rf"\b{LATER}\b(?!\(#\d+\): )")
    for file in tree.files:
        if not file.is_source:
            continue
        for number, line in enumerate(file.lines, 1):
            if never.search(line):
                yield Finding(file.path, number, "words", "half done; finish it")
            if later.search(line):
                yield Finding(file.path, number, "words", f"{LATER} without (#issue): ")
            if SEPARATOR.match(line) and file.ending not in {".test", ".script"}:
                yield Finding(file.path, number, "words", "a separator line separates nothing")


def check_hosts(tree):
    """hosts: no registry is named; where packages come from is the machine's business."""
    for file in tree.files:
        for number, line in enumerate(file.lines, 1):
            if HOSTS.search(line):
                yield Finding(file.path, number, "hosts", "names the host of a registry")


RULES = [check_licence, check_line_length, check_whitespace, check_file_length, check_words,
         check_hosts]
