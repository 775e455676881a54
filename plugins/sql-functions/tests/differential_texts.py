# SPDX-License-Identifier: Apache-2.0
"""Answers: which calls on text does differential.py compare?"""

from differential_case import call, cast, given
from differential_text_values import PATTERNS, TEXTS


def text_cases(rng, count):
    yield from plain_text_cases()
    yield from slice_cases(rng, count)
    yield from blank_padded_cases()
    yield from reader_cases()
    yield from quote_cases()
    yield from format_cases()


def plain_text_cases():
    for text in TEXTS:
        for name in [
            "length",
            "upper",
            "lower",
            "initcap",
            "reverse",
            "btrim",
            "ltrim",
            "rtrim",
            "octet_length",
            "bit_length",
            "ascii",
            "char_length",
        ]:
            yield call("text", name, ("text", text))
        for pattern in PATTERNS:
            for name in ["~~", "!~~", "~~*", "!~~*"]:
                yield call("like", name, ("text", text), ("text", pattern))
        for kind in ["varchar(3)", "bpchar(5)", "varchar", "bpchar", "name", "char", "varchar(20)"]:
            yield given("text", kind, text)
        for target in ["varchar(3)", "bpchar(5)", "name", "char"]:
            for source in ["varchar", "bpchar", "bpchar(8)"]:
                if source != "bpchar(8)" or len(text) <= 8:
                    yield cast("text-cast", source, target, text)
    for code in ["-1", "0", "1", "65", "127", "128", "255", "8364", "55296", "1114109", "1114112"]:
        yield call("text", "chr", ("int4", code))
        yield call("text", "to_hex", ("int4", code))


def slice_cases(rng, count):
    numbers = [str(n) for n in [-2147483648, -10, -2, -1, 0, 1, 2, 3, 5, 10, 100, 2147483647]]
    for _ in range(count * 3):
        t = lambda: ("text", rng.choice(TEXTS))  # noqa: E731
        n = lambda: ("int4", rng.choice(numbers))  # noqa: E731
        small = lambda: ("int4", str(rng.randint(-3, 12)))  # noqa: E731
        yield call("text", rng.choice(["substr", "substring"]), t(), n())
        yield call("text", rng.choice(["substr", "substring"]), t(), n(), n())
        yield call("text", rng.choice(["left", "right"]), t(), n())
        yield call("text", rng.choice(["position", "strpos", "starts_with"]), t(), t())
        yield call(
            "text",
            rng.choice(["btrim", "ltrim", "rtrim"]),
            t(),
            ("text", rng.choice(["x", " ", "abc", "", "ä", "日本", "xa"])),
        )
        yield call("text", rng.choice(["lpad", "rpad"]), t(), small(), t())
        yield call("text", rng.choice(["lpad", "rpad"]), t(), small())
        yield call("text", rng.choice(["replace", "translate"]), t(), t(), t())
        yield call(
            "text",
            "split_part",
            t(),
            ("text", rng.choice([",", "a", "", " ", "xx", "b,"])),
            ("int4", str(rng.randint(-4, 5))),
        )
        yield call("text", "repeat", t(), small())
        yield call("text", "overlay", t(), t(), small(), small())
        yield call("text", "overlay", t(), t(), small())
        yield call("text", rng.choice(["=", "<>", "<", "<=", ">", ">=", "||"]), t(), t())
        yield call(
            "text",
            "like_escape",
            ("text", rng.choice(PATTERNS)),
            ("text", rng.choice(["\\", "!", "%", "", "ab", "ö", "a"])),
        )
        yield call("text", "||", t(), (rng.choice(["int4", "numeric", "bool", "float8"]), "1"))
        yield call("text", "||", ("date", "2000-01-01"), t())
        yield call("text", "concat", t(), n(), ("bool", rng.choice(["t", "f", None])), t())
        yield call(
            "text",
            "concat_ws",
            ("text", rng.choice([",", "", None])),
            t(),
            n(),
            ("text", rng.choice([None, "x"])),
        )


def blank_padded_cases():
    for kind in ["bpchar(5)", "varchar(8)", "bpchar"]:
        for text in ["", "a", "ab ", "abc", "AB"]:
            for other in ["", "a", "ab", "abc  ", "a%", "ab%", "%b"]:
                for name in ["=", "<", ">="]:
                    if kind != "varchar(8)":
                        yield call("bpchar", name, (kind, text), ("bpchar(7)", other))
                if kind != "varchar(8)":
                    yield call("bpchar", "~~", (kind, text), ("text", other))
            if kind != "varchar(8)":
                yield call("bpchar", "length", (kind, text))
                yield call("bpchar", "octet_length", (kind, text))


def reader_cases():
    for text in [
        "t",
        "true",
        "TRUE",
        "tr",
        "f",
        "of",
        "off",
        "o",
        "on",
        "yes",
        "y",
        "n",
        "no",
        "1",
        "0",
        "2",
        "",
        " t ",
        "truex",
    ]:
        yield given("bool", "bool", text)
    for text in [
        "\\x",
        "\\x00ff",
        "\\x0",
        "\\xzz",
        "abc",
        "a\\\\b",
        "\\000\\377",
        "\\8",
        "\\x 00 ff",
    ]:
        yield given("bytea", "bytea", text)
    for text in [
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "A0EEBC999C0B4EF8BB6D6BB9BD380A11",
        "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}",
        "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11",
        "a0eebc99",
        "",
        "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g",
    ]:
        yield given("uuid", "uuid", text)


def quote_cases():
    for text in TEXTS + ["select", "user", "abc_1", "1abc", 'a"b', "nonreserved", "int", "between"]:
        for name in ["quote_ident", "quote_literal", "quote_nullable", "md5"]:
            yield call("quote", name, ("text", text))
        for form in ["hex", "base64", "escape", "x"]:
            yield call("quote", "decode", ("text", text), ("text", form))
        hexed = "\\x" + text.encode().hex()
        for form in ["hex", "base64", "escape", "ESCAPE", "foo"]:
            yield call("quote", "encode", ("bytea", hexed), ("text", form))
        for name in ["sha224", "sha256", "sha384", "sha512", "md5", "length", "bit_count"]:
            yield call("quote", name, ("bytea", hexed))


def format_cases():
    formats = [
        "Hello %s",
        "%s%%",
        "%I",
        "%L",
        "%1$s %2$s",
        "%2$s %1$s %s",
        "|%10s|",
        "|%-10s|",
        "%",
        "%x",
        "%5$s",
        "%s %s %s",
        "%-*s|",
        "%*2$s",
        "%0$s",
        "%1$",
        "|%2$-5s|",
        "%1$s%1$I",
    ]
    for pattern in formats:
        for value in ["abc", "it's", "select", None, "5"]:
            yield call("format", "format", ("text", pattern), ("text", value), ("int4", "12"))
        yield call("format", "format", ("text", pattern))
