# SPDX-License-Identifier: Apache-2.0
"""Answers: which array literals and calls on arrays does differential.py compare?"""

from differential_case import aggregate, call, given, rows

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
    yield from measure_cases()
    yield from comparison_cases()
    yield from edit_cases()
    yield from text_cases()
    yield from aggregate_cases(rng, count)
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


NUMBERS = [
    None,
    "{}",
    "{1}",
    "{1,2,3}",
    "{3,2,1,NULL,2}",
    "{NULL}",
    "[0:1]={1,2}",
    "[5:7]={1,2,2}",
    "{{1,2},{3,4}}",
    "{{1,2}}",
    "[0:0][2:3]={{1,2}}",
    "{{{1}}}",
]
WORDS = [None, "{}", "{a}", "{b,a,NULL}", '{"",ab,a}', "{{a,b},{c,d}}", "{a,b,c,a,b}", '{"a,b",A}']
REALS = ["{0}", "{-0,1}", "{NaN}", "{NaN,Infinity}", "{1.5,NULL}", "{}"]
DECIMALS = ["{1.0}", "{1.00,NULL}", "{NaN}", "{-5,1e20}", "{}", "{1,-5}"]
FLAGS = ["{t,f,NULL}", "{f}", "{}"]
SAMPLES = {
    "_int4": NUMBERS,
    "_text": WORDS,
    "_float8": REALS,
    "_numeric": DECIMALS,
    "_bool": FLAGS,
}
ELEMENTS = {
    "_int4": ["1", "2", None, "-7"],
    "_text": ["a", "", None, "NULL"],
    "_float8": ["0", "NaN", None],
    "_numeric": ["1", "1.000", "NaN", None],
    "_bool": ["t", None],
}


def measure_cases():
    for kind, values in SAMPLES.items():
        for value in values:
            for name in ["array_ndims", "array_dims", "cardinality"]:
                yield call("array-measure", name, (kind, value))
            for dimension in ["-1", "0", "1", "2", "3", None]:
                for name in ["array_length", "array_lower", "array_upper"]:
                    yield call("array-measure", name, (kind, value), ("int4", dimension))
                yield rows("array-rows", "generate_subscripts", (kind, value),
                           ("int4", dimension))
                for reverse in ["t", "f", None]:
                    yield rows("array-rows", "generate_subscripts", (kind, value),
                               ("int4", dimension), ("bool", reverse))
            yield rows("array-rows", "unnest", (kind, value))


def comparison_cases():
    for kind, values in SAMPLES.items():
        for a in values:
            for b in values:
                for name in ["=", "<>", "<", "<=", ">", ">=", "@>", "<@", "&&", "btarraycmp",
                             "array_larger", "array_smaller", "array_cat", "||"]:
                    yield call("array-compare", name, (kind, a), (kind, b))


def edit_cases():
    for kind, values in SAMPLES.items():
        element = kind[1:]
        for value in values:
            for one in ELEMENTS[kind]:
                for name in ["array_append", "array_remove", "array_position", "array_positions"]:
                    yield call("array-edit", name, (kind, value), (element, one))
                yield call("array-edit", "array_prepend", (element, one), (kind, value))
                for start in ["-1", "1", "2", "6", None]:
                    yield call("array-edit", "array_position", (kind, value), (element, one),
                               ("int4", start))
                for other in ELEMENTS[kind]:
                    yield call("array-edit", "array_replace", (kind, value), (element, one),
                               (element, other))
                yield call("array-edit", "width_bucket", (element, one), (kind, value))
            for count in ["-1", "0", "1", "2", "3", None]:
                yield call("array-edit", "trim_array", (kind, value), ("int4", count))
        for one in ELEMENTS[kind]:
            for lengths in ["{}", "{2}", "{2,0}", "{-1}", "{2,3}", "{{1,2}}", "{1,NULL}", None,
                            "{1,1,1,1,1,1,1}", "{100000,100000}", "[0:1]={1,2}"]:
                yield call("array-edit", "array_fill", (element, one), ("_int4", lengths))
                for lowers in ["{}", "{5}", "{5,6}", None, "{NULL,1}", "{{1,1}}",
                               "{2147483647}"]:
                    yield call("array-edit", "array_fill", (element, one), ("_int4", lengths),
                               ("_int4", lowers))


def text_cases():
    for kind, values in SAMPLES.items():
        for value in values:
            for separator in [",", "", ", ", None]:
                yield call("array-text", "array_to_string", (kind, value), ("text", separator))
                for null in ["*", "", None]:
                    yield call("array-text", "array_to_string", (kind, value),
                               ("text", separator), ("text", null))
    for text in [None, "", "a", "a,b", ",a,,b,", "äö,ü", "abc", "a||b", "NULL,x"]:
        for mark in [",", "", None, "||", "b"]:
            yield call("array-text", "string_to_array", ("text", text), ("text", mark))
            yield rows("array-text", "string_to_table", ("text", text), ("text", mark))
            for null in ["a", "", None]:
                yield call("array-text", "string_to_array", ("text", text), ("text", mark),
                           ("text", null))
        for pattern in [",", "b", "(a)(b)?", "x*", "", "(", "[a-z]"]:
            for name in ["regexp_match", "regexp_split_to_array"]:
                yield call("array-text", name, ("text", text), ("text", pattern))
                for flags in ["i", "g", "", "z"]:
                    yield call("array-text", name, ("text", text), ("text", pattern),
                               ("text", flags))
            for flags in ["i", "g", "gi", "z"]:
                yield rows("array-text", "regexp_matches", ("text", text), ("text", pattern),
                           ("text", flags))
    for name in ["a", "A.b", '"A b".c', " a . b ", "", ".", "a.", "a..b", '"a', '""', "1a", "a b",
                 "a.b c", "a$1", "é", 'x"y"', '"a""b"', "a.1"]:
        for strict in ["t", "f"]:
            yield call("array-text", "parse_ident", ("text", name), ("bool", strict))


def aggregate_cases(rng, count):
    for kind, values in SAMPLES.items():
        for name in ["min", "max", "array_agg", "count"]:
            for _ in range(count // 4):
                size = rng.randint(0, 4)
                picked = [(rng.choice(values),) for _ in range(size)]
                yield aggregate("array-aggregate", name, [kind], picked)
        for _ in range(count // 4):
            picked = [(rng.choice(ELEMENTS[kind]),) for _ in range(rng.randint(0, 6))]
            yield aggregate("array-aggregate", "array_agg", [kind[1:]], picked)
