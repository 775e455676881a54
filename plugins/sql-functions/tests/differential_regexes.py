# SPDX-License-Identifier: Apache-2.0
"""Answers: which regular expressions does differential.py compare?"""

from differential_case import call
from differential_text_values import PATTERNS, REGEXES, TEXTS


def regex_cases(rng, count):
    for text in TEXTS + ["name", "hello", "foobarbaz", "aabbcc", "a.b"]:
        for pattern in REGEXES:
            for name in ["~", "!~", "~*"]:
                yield call("regex", name, ("text", text), ("text", pattern))
            yield call("regex", "substring", ("text", text), ("text", pattern))
            yield call(
                "regex",
                "regexp_replace",
                ("text", text),
                ("text", pattern),
                ("text", rng.choice(["X", "[\\1]", "<\\&>", "", "\\\\"])),
            )
            yield call(
                "regex",
                "regexp_replace",
                ("text", text),
                ("text", pattern),
                ("text", rng.choice(["X", "[\\1]", "<\\&>", ""])),
                ("text", rng.choice(["g", "i", "gi", "z", "", "q", "x"])),
            )
            yield call("regex", "regexp_count", ("text", text), ("text", pattern))
            yield call(
                "regex",
                "regexp_substr",
                ("text", text),
                ("text", pattern),
                ("int4", str(rng.randint(0, 5))),
                ("int4", str(rng.randint(0, 3))),
            )
            yield call(
                "regex",
                "regexp_instr",
                ("text", text),
                ("text", pattern),
                ("int4", str(rng.randint(0, 5))),
                ("int4", str(rng.randint(0, 3))),
            )
        for pattern in PATTERNS + ["a(b|c)%", "[a-c]+", "%(x|y)_", "a.c", "x{2}%"]:
            yield call("regex", "similar_to_escape", ("text", pattern))
        yield call("regex", "substring", ("text", text), ("text", '%#"o_#"%'), ("text", "#"))
