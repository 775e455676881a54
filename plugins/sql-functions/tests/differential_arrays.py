# SPDX-License-Identifier: Apache-2.0
"""Answers: which array literals and calls on arrays does differential.py compare?"""

from differential_case import given

KINDS = ["_int4", "_text", "_numeric", "_bool", "_float8", "_date", "_bytea", "_char", "_oid"]
WELL_FORMED = [
    "{}",
    " { } ",
    "{1}",
    "{1,2,3}",
    "{ 1 , 2 }",
    "{NULL}",
    "{null,1,Null}",
    '{"NULL","1"}',
    "{{1,2},{3,4}}",
    "{{{1},{2}},{{3},{4}}}",
    "{{{{{{1}}}}}}",
    "[2:3]={1,2}",
    "[-1:0]={1,2}",
    "[0:0][5:6]={{1,2}}",
    " [2] = {1,2}",
    "[2]={1,2}",
    "[1:2]= {1,2}",
    '{"a b",c}',
    '{a b,  c d  }',
    '{"",""}',
    '{"a\\"b","a\\\\b"}',
    "{a\\,b,\\ c}",
    "{\\n}",
    "{t,f}",
    "{1.50,2.0}",
    "{1995-01-01,infinity}",
    '{"\\\\x01","\\\\xff"}',
    "{äö,日本}",
    "{a'b}",
    "{1e10,-0,NaN}",
    '{"{1}"}',
    '{"a\tb"}',
    '{"a\nb"}',
]
MALFORMED = [
    "",
    "1",
    "{",
    "}",
    "{1",
    "{1,}",
    "{,1}",
    "{,}",
    "{1,,2}",
    "{1}2",
    "{1}}",
    "{{1}",
    "{{1},2}",
    "{1,{2}}",
    "{{1},{2,3}}",
    "{{1,2},{3}}",
    "{{},{}}",
    "{{}}",
    "{{1},{}}",
    "{{{{{{{1}}}}}}}",
    '{"1}',
    '{"1"2}',
    '{1"2"}',
    '{"1""2"}',
    "{1\\",
    '{"1\\',
    "[1]={1,2}",
    "[1:2]={1}",
    "[2:1]={1}",
    "[]={1}",
    "[:]={1}",
    "[1:]={1}",
    "[1={1}",
    "[1:1]{1}",
    "[1:1]=1",
    "[1:1]=",
    "[1:1][1:1]={1}",
    "[a]={1}",
    "[1][1][1][1][1][1][1]={1}",
    "[2147483647:2147483647]={1}",
    "[2147483646:2147483646]={1}",
    "[-2147483648:-2147483648]={1}",
    "{x}",
    "{1,x}",
]
VECTORS = ["", " ", "1", "1 2 3", " 1  2 ", "-1 0", "1,2", "x", "1 x", "32767", "32768", "1\t2",
           "99999999999", "+5", " 4294967295", "4294967296", "{1}", "1x"]


def array_cases(rng, count):
    for kind in KINDS:
        for text in WELL_FORMED + MALFORMED:
            yield given("array", kind, text)
    for kind in ["_varchar(21)", "_bpchar(21)", "_numeric(6,1)", "_timestamp(0)"]:
        for text in ["{}", "{1,2}", "{1.25,NULL}", "{2001-02-03 04:05:06.7}", "{a}"]:
            yield given("array", kind, text)
    for text in VECTORS:
        yield given("array", "int2vector", text)
        yield given("array", "oidvector", text)
    for _ in range(count * 10):
        yield given("array", rng.choice(["_int4", "_text"]), random_literal(rng))


def random_literal(rng):
    """Sometimes an array."""
    if rng.random() < 0.5:
        return "".join(rng.choice('{}{},,"\\ 12ab') for _ in range(rng.randint(1, 12)))
    text = literal_of(rng, [rng.randint(1, 3) for _ in range(rng.randint(1, 3))])
    if rng.random() < 0.3:
        at = rng.randrange(len(text))
        text = text[:at] + rng.choice('{},"\\ x') + text[at + rng.randint(0, 1):]
    return text


def literal_of(rng, lengths):
    if not lengths:
        return rng.choice(["1", "-22", "NULL", '"3"', " 4 ", '"a,b"', "ab", '" "', "\\5"])
    inner = [literal_of(rng, lengths[1:]) for _ in range(lengths[0])]
    return "{" + ",".join(inner) + "}"
