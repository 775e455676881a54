# SPDX-License-Identifier: Apache-2.0
"""Answers: which calls does differential.py compare?

Longer than 500 lines, because the lists of values and the topics that use them belong together.

A case is a line for the driver and the same as an SQL expression.  Values are drawn from lists that
hold the edges of each type, and at random.
"""

import dataclasses

CALL_SYMBOLS = {
    "+",
    "-",
    "*",
    "/",
    "%",
    "=",
    "<>",
    "<",
    "<=",
    ">",
    ">=",
    "~~",
    "!~~",
    "~~*",
    "!~~*",
    "||",
    "&",
    "|",
    "#",
    "<<",
    ">>",
    "~",
    "!~",
    "~*",
    "!~*",
    "^",
    "@",
    "|/",
    "||/",
}


@dataclasses.dataclass
class Case:
    topic: str
    kind: str = ""
    fields: tuple = ()
    sql: str = ""
    setting: tuple = None

    @staticmethod
    def accepts(theirs, ours):
        return False


def literal(value, kind):
    text = "null" if value is None else "'" + value.replace("'", "''") + "'"
    return f"{text}::{SQL_NAMES.get(kind, kind)}"


SQL_NAMES = {"char": '"char"'}


def call(topic, name, *arguments):
    """arguments: (type, text) pairs."""
    fields = [name]
    for kind, value in arguments:
        fields += [kind, value]
    shown = [literal(value, kind) for kind, value in arguments]
    if name in CALL_SYMBOLS:
        sql = (
            f"{shown[0]} operator(pg_catalog.{name}) {shown[1]}"
            if len(shown) == 2
            else f"operator(pg_catalog.{name}) {shown[0]}"
        )
    else:
        sql = f"pg_catalog.{name}({', '.join(shown)})"
    return Case(topic, "call", tuple(fields), sql)


def given(topic, kind, value):
    sql = literal(value, kind)
    if kind.startswith(("varchar(", "bpchar(")):  # a written cast would cut, input does not
        name, length = kind[:-1].split("(")
        shown = "'" + value.replace("'", "''") + "'"
        sql = f"{name}in({shown}::cstring, 0, {int(length) + 4})"
    return Case(topic, "in", (kind, value), sql)


def cast(topic, source, target, value):
    return Case(
        topic,
        "cast",
        (source, target, value, "1"),
        f"cast({literal(value, source)} as {SQL_NAMES.get(target, target)})",
    )


def aggregate(topic, name, kinds, rows):
    fields = [name, str(len(kinds)), *kinds]
    values = []
    for row in rows:
        fields += row
        values.append("(" + ", ".join(literal(v, k) for k, v in zip(kinds, row)) + ")")
    columns = ", ".join(f"c{i}" for i in range(len(kinds)))
    body = (
        f"(values {', '.join(values)}) t({columns})"
        if rows
        else "(select "
        + ", ".join(f"{literal(None, k)} c{i}" for i, k in enumerate(kinds))
        + " where false) t"
    )
    return Case(topic, "agg", tuple(fields), f"select {name}({columns}) from {body}")


INTEGERS = {
    "int2": ["0", "1", "-1", "2", "7", "-7", "100", "32767", "-32768", "255"],
    "int4": ["0", "1", "-1", "2", "3", "10", "-7", "1000", "2147483647", "-2147483648", "65536"],
    "int8": [
        "0",
        "1",
        "-1",
        "2",
        "13",
        "-100",
        "9223372036854775807",
        "-9223372036854775808",
        "4294967296",
        "10000000000",
    ],
}
FLOATS = [
    "0",
    "-0",
    "1",
    "-1",
    "0.1",
    "1e10",
    "1e-10",
    "123456.789",
    "NaN",
    "Infinity",
    "-Infinity",
    "1e300",
    "-1e300",
    "1e-300",
    "3.4e38",
    "1.17e-38",
    "2.5",
    "-2.5",
    "0.5",
    "1e15",
    "1e16",
    "1e-5",
    "0.0001",
    "123456789012345678",
    "1234567",
    "999999",
    "1000000",
]
NUMERICS = [
    "0",
    "1",
    "-1",
    "0.5",
    "-0.5",
    "1.5",
    "2.5",
    "123.456",
    "-99999.99999",
    "0.00001",
    "12345678901234567890.123456789",
    "1e20",
    "1e-20",
    "NaN",
    "Infinity",
    "-Infinity",
    "99999999999999999999999999999999999999",
    "0.1000",
    "10000",
    "9999",
    "10000.0001",
    "3.14159265358979",
    "1e50",
    "-1e-30",
    "1.00000001",
    "-1.00000001",
    "100000000",
]


def draw_numeric(rng):
    if rng.random() < 0.35:
        return rng.choice(NUMERICS)
    whole = "".join(
        rng.choice("0123456789") for _ in range(rng.choice([1, 1, 2, 3, 4, 5, 9, 17, 25]))
    )
    fraction = "".join(
        rng.choice("0123456789") for _ in range(rng.choice([0, 0, 1, 2, 3, 4, 6, 11, 20]))
    )
    sign = rng.choice(["", "", "-"])
    return f"{sign}{whole}{'.' + fraction if fraction else ''}"


def draw_decimal(rng, precision, scale):
    digits = rng.randint(0, precision - scale)
    whole = "".join(rng.choice("0123456789") for _ in range(digits)) or "0"
    fraction = "".join(rng.choice("0123456789") for _ in range(scale))
    return rng.choice(["", "-"]) + whole + ("." + fraction if scale else "")


def integer_cases(rng, count):
    for _ in range(count):
        a, b = rng.choice(list(INTEGERS)), rng.choice(list(INTEGERS))
        name = rng.choice(["+", "-", "*", "/", "=", "<>", "<", "<=", ">", ">="])
        yield call("integer", name, (a, rng.choice(INTEGERS[a])), (b, rng.choice(INTEGERS[b])))
    for kind, values in INTEGERS.items():
        for value in values:
            for name in ["abs", "-", "~"]:
                yield call("integer", name, (kind, value))
            for other in values:
                for name in ["%", "&", "|", "#"]:
                    yield call("integer", name, (kind, value), (kind, other))
            for distance in ["0", "1", "5", "31", "33", "64", "-1"]:
                yield call("integer", "<<", (kind, value), ("int4", distance))
                yield call("integer", ">>", (kind, value), ("int4", distance))
    for kind in ["int4", "int8"]:
        for value in INTEGERS[kind]:
            for other in INTEGERS[kind]:
                yield call("integer", "gcd", (kind, value), (kind, other))
                yield call("integer", "lcm", (kind, value), (kind, other))
    texts = [
        "",
        " 12 ",
        "+5",
        "--5",
        "+-5",
        "1.5",
        "abc",
        "99999999999999999999",
        "32768",
        "-32769",
        "2147483648",
        "1 2",
        "0x10",
        "1e3",
        "-0",
        "00012",
        "-",
        "+",
    ]
    for kind in ["int2", "int4", "int8", "oid", "float4", "float8", "numeric", "bool"]:
        for text in texts:
            yield given("integer", kind, text)


def float_cases(rng, count):
    kinds = ["float4", "float8"]
    usable = {
        "float4": [v for v in FLOATS if v not in ("1e300", "-1e300", "1e-300")],
        "float8": FLOATS,
    }
    for kind in kinds:
        for value in FLOATS + [
            "1e400",
            "1e-400",
            "1e40",
            "nan",
            "inf",
            "-inf",
            "+Infinity",
            "1.",
            ".5",
            "1e",
            "1e5x",
            "infinit",
            "0x1p3",
            "1_000",
        ]:
            yield given("float", kind, value)
        for value in usable[kind]:
            for name in ["-", "abs"]:
                yield call("float", name, (kind, value))
    for _ in range(count * 2):
        a, b = rng.choice(kinds), rng.choice(kinds)
        name = rng.choice(["+", "-", "*", "/", "=", "<>", "<", "<=", ">", ">="])
        yield call("float", name, (a, rng.choice(usable[a])), (b, rng.choice(usable[b])))
    for _ in range(count):
        value = repr(rng.uniform(-1, 1) * 10 ** rng.randint(-30, 30))
        yield given("float", "float8", value)
        yield given("float", "float4", value)


def numeric_cases(rng, count):
    for value in NUMERICS + [
        "1.",
        ".5",
        ".",
        "1e",
        "1e+5",
        "1e-5",
        " 7 ",
        "1 2",
        "inf",
        "+inf",
        "infinit",
        "nan",
        "-nan",
        "1e1000",
        "1e131072",
        "1e-16383",
        "1e-16384",
        "1e99999999999",
        "-0",
        "-0.00",
        "+1.5",
        "0e10",
        "000.100",
    ]:
        yield given("numeric", "numeric", value)
        yield given("numeric", "numeric(10,2)", value)
        yield given("numeric", "numeric(38,10)", value)
        yield given("numeric", "numeric(50,20)", value)
        yield given("numeric", "numeric(5,5)", value)
        yield given("numeric", "numeric(3,-2)", value)
        yield given("numeric", "numeric(3,7)", value)
    for _ in range(count * 8):
        name = rng.choice(["+", "-", "*", "/", "%", "=", "<>", "<", "<=", ">", ">=", "div", "mod"])
        yield call("numeric", name, ("numeric", draw_numeric(rng)), ("numeric", draw_numeric(rng)))
    for _ in range(count * 4):
        sides = []
        for _ in range(2):
            precision = rng.choice([1, 3, 5, 10, 15, 18, 19, 25, 38])
            scale = rng.randint(0, precision)
            sides.append((f"numeric({precision},{scale})", draw_decimal(rng, precision, scale)))
        if rng.random() < 0.1:
            sides[rng.randrange(2)] = ("numeric(10,2)", "NaN")
        if rng.random() < 0.2:
            sides[rng.randrange(2)] = ("numeric", draw_numeric(rng))
        name = rng.choice(["+", "-", "*", "/", "%", "=", "<>", "<", "<=", ">", ">="])
        yield call("numeric", name, *sides)
    for _ in range(count * 3):
        name = rng.choice(
            [
                "abs",
                "-",
                "sign",
                "ceil",
                "floor",
                "round",
                "trunc",
                "sqrt",
                "scale",
                "min_scale",
                "trim_scale",
                "+",
            ]
        )
        yield call("numeric", name, ("numeric", draw_numeric(rng)))
    for _ in range(count):
        name = rng.choice(["round", "trunc"])
        yield call(
            "numeric",
            name,
            ("numeric", draw_numeric(rng)),
            ("int4", str(rng.choice([-30, -5, -2, -1, 0, 1, 2, 3, 5, 10, 30]))),
        )
    for _ in range(count):
        yield call("numeric", rng.choice(["ln", "log", "exp"]), ("numeric", draw_numeric(rng)))
        small = str(rng.choice([0, 1, 2, 3, -1, -2, 0.5, 2.5, -0.5, 10, 30, 100, 1.0001, -3]))
        yield call("numeric", "power", ("numeric", draw_numeric(rng)), ("numeric", small))
        yield call("numeric", "log", ("numeric", draw_numeric(rng)), ("numeric", draw_numeric(rng)))
        yield call(
            "numeric",
            rng.choice(["gcd", "lcm"]),
            ("numeric", draw_numeric(rng)),
            ("numeric", draw_numeric(rng)),
        )
    for n in ["0", "1", "5", "20", "33", "50", "-1"]:
        yield call("numeric", "factorial", ("int8", n))
    for _ in range(30):
        yield call(
            "numeric",
            "width_bucket",
            ("numeric", draw_numeric(rng)),
            ("numeric", str(rng.randint(-5, 5))),
            ("numeric", str(rng.randint(-5, 50))),
            ("int4", str(rng.choice([0, 1, 5, 10]))),
        )


TIMESTAMPS = [
    "2000-01-01 00:00:00",
    "1999-12-31 23:59:59.999999",
    "1970-01-01",
    "2024-02-29 12:34:56",
    "1900-03-01 01:02:03.5",
    "0001-01-01",
    "4713-12-01 00:00:00 BC",
    "infinity",
    "-infinity",
    "294276-12-31 23:59:59",
    "2023-03-26 02:30:00",
    "2023-10-29 02:30:00",
    "1582-10-10 10:10:10",
    "2001-09-09 01:46:40",
    "0044-03-15 10:00:00 BC",
    "epoch",
]
DATES = [
    "2000-01-01",
    "1999-12-31",
    "1970-01-01",
    "2024-02-29",
    "1900-03-01",
    "0001-01-01",
    "4713-11-24 BC",
    "infinity",
    "-infinity",
    "5874897-12-31",
    "1994-01-31",
    "2023-12-31",
]
INTERVALS = [
    "0",
    "1 day",
    "-1 day",
    "1 month",
    "1 year 2 mons 3 days 04:05:06.789",
    "-1 mon +1 day",
    "90 minutes",
    "1.5 days",
    "3 months -2 days",
    "100 years",
    "-04:05:06",
    "1 week",
    "25:00:00",
    "1 day -00:00:01",
    "-1 year -2 mons",
    "00:00:00.000001",
    "33 days 33:00:00",
]
TIMES = ["00:00:00", "23:59:59.999999", "12:00", "04:05:06.789", "24:00:00", "04:05 PM"]
UNITS = [
    "microseconds",
    "milliseconds",
    "second",
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "quarter",
    "year",
    "decade",
    "century",
    "millennium",
    "julian",
    "isoyear",
    "dow",
    "isodow",
    "doy",
    "epoch",
    "timezone",
    "timezone_hour",
    "timezone_minute",
    "fortnight",
    "YEAR",
    "days",
]
DATE_TEXTS = [
    "1999-01-08",
    "January 8, 1999",
    "1/8/1999",
    "1/18/1999",
    "01/02/03",
    "1999-Jan-08",
    "Jan-08-1999",
    "08-Jan-1999",
    "99-Jan-08",
    "08-Jan-99",
    "Jan-08-99",
    "19990108",
    "990108",
    "1999.008",
    "J2451187",
    "January 8, 99 BC",
    "2000-13-01",
    "2000-02-30",
    "1999-00-10",
    "foo",
    "",
    "2000",
    "2000-01",
    "20000101T000000",
    "2000-01-01 25:00:00",
    "1999-1-8",
    "1999 01 08",
    "8 Jan 1999",
    "Jan 8 1999",
    "1999 Jan 08",
    "epoch",
    "infinity",
    "-infinity",
    "+infinity",
    "99999-01-01",
    "6000000-01-01",
    "1/1/1",
    "Feb 29 2001",
    "2024-02-29",
    "2001-366",
    "1999-01-08 BC",
    "0000-01-01",
    "10000-01-01",
    "Sat Jan 1 2000",
    "2000-01-01 00:00:00",
    "2000-01-01+05",
    "  2000-01-01  ",
    "2000/01/02",
    "2000.01.02",
    "12.31.1999",
    "1.2.2003",
    "20240230",
    "Janu 5 2000",
    "5 5 5",
    "2000-W01-1",
]
TIME_TEXTS = [
    "04:05:06.789",
    "04:05:06",
    "04:05",
    "040506",
    "0405",
    "04:05 AM",
    "04:05 PM",
    "12:00 AM",
    "12:00 PM",
    "13:00 PM",
    "24:00:00",
    "24:00:01",
    "23:59:60",
    "23:59:60.5",
    "25:00",
    "4:5",
    "4:5:6",
    "allballs",
    "",
    "abc",
    "04:05:06.7891234",
    "T040506",
    "T04:05:06",
    "04:60",
    "04:05:06-08:00",
    "04:05:06 PST",
    "2003-04-12 04:05:06 America/New_York",
    "1:2:3.4.5",
    ":05",
    "04:",
    "5",
]
TIMESTAMP_TEXTS = [
    "1999-01-08 04:05:06",
    "1999-01-08 04:05:06 -8:00",
    "January 8 04:05:06 1999 PST",
    "1999-01-08T04:05:06Z",
    "1999-01-08T04:05:06+05:30",
    "19990108T040506",
    "19990108 040506-08",
    "1999-01-08 04:05:06.123456789",
    "1999-01-08 4:05 PM",
    "1999-01-08 24:00:00",
    "epoch",
    "infinity",
    "-infinity",
    "2000-01-01 00:00:00 America/New_York",
    "2000-06-01 00:00:00 Europe/Berlin",
    "2000-01-01 00:00 EST",
    "2000-07-01 00:00 CET",
    "2000-01-01 00:00:00+16",
    "2000-01-01 0:0:0+1:2:3",
    "2000-01-01 00:00 Nowhere/City",
    "Mon Jan 3 2000 10:00",
    "4714-01-01 BC",
    "294277-01-01",
    "2023-03-26 02:30 Europe/Berlin",
    "2023-10-29 02:30 Europe/Berlin",
    "J2451187 04:05:06",
    "2000-01-01 12:34:56.7 PM",
    "2000-01-01 10",
    "10:00 2000-01-01",
    "2000-01-01 00:00:00 BC",
    "2000-01-01 UTC",
    "2000-01-01 z",
    "2000-01-01 00:00 GMT+3",
    "2000-01-01 00:00 UTC-5",
    "Jan 1 12:00:00 2000",
    "2000-01-01 foo",
    "2000-001 12:00",
    "20000101 1200",
    "2000-01-01 120000.5",
]
INTERVAL_TEXTS = INTERVALS + [
    "1 2:03:04",
    "1-2",
    "-1-2",
    "1-2 3 4:05:06",
    "P1Y2M3DT4H5M6S",
    "P1W",
    "PT0.5S",
    "P-1Y2M",
    "P0001-02-03T04:05:06",
    "1 year ago",
    "@ 1 minute",
    "@ 1 hour 5 seconds ago",
    "1.5 months",
    "1.5 years",
    "0.1 weeks",
    "2 decades",
    "1 century",
    "1 millennium",
    "1 foo",
    "foo",
    "",
    "5",
    "1:2",
    "1:2:3",
    "-1:2:3",
    "+1:2:3",
    "1.5",
    "1 mon 1 mon",
    "1d 2h 3m 4s",
    "1y 2mon",
    "5 ms",
    "5 us",
    "1e3 seconds",
    "2147483648 months",
    "9223372036854775807 us",
    "99999999999999999999 us",
    "P",
    "PT",
    "P1",
    "1 day ago ago",
    "ago",
    "- 1 day",
    "1 month 2",
    "1.23456789 seconds",
    "3.7 days",
    "1 quarter",
    "10 mils",
    "-5 days 10:00",
    "1 day 1",
    "P1.5D",
    "PT1.5H",
    "P1Y2M3DT4H5M6.789S",
    "0.5 months",
    "1 year 0.5 months",
    "-1.5 days",
    "2 weeks 3.5 days",
]


def datetime_cases(rng, count):
    yield Case("datetime", setting=("zone", "UTC"))
    for text in DATE_TEXTS:
        yield given("datetime-in", "date", text)
        yield given("datetime-in", "timestamp", text)
    for text in TIME_TEXTS:
        yield given("datetime-in", "time", text)
        yield given("datetime-in", "time(2)", text)
    for zone in ["UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata"]:
        yield Case("datetime", setting=("zone", zone))
        for text in TIMESTAMP_TEXTS + TIMESTAMPS:
            yield given("datetime-in", "timestamp", text)
            yield given("datetime-in", "timestamptz", text)
            yield given("datetime-in", "timestamp(0)", text)
    for text in INTERVAL_TEXTS:
        yield given("interval-in", "interval", text)
    for style in ["postgres_verbose", "sql_standard", "iso_8601", "postgres"]:
        yield Case("datetime", setting=("intervals", style))
        for text in INTERVAL_TEXTS:
            yield given("interval-" + style, "interval", text)
    for style in [
        "SQL, DMY",
        "Postgres, MDY",
        "Postgres, DMY",
        "German",
        "ISO, YMD",
        "ISO, DMY",
        "ISO, MDY",
    ]:
        yield Case("datetime", setting=("dates", style))
        for text in TIMESTAMPS + DATE_TEXTS:
            yield given("datestyle", "date", text)
            yield given("datestyle", "timestamp", text)
            yield given("datestyle", "timestamptz", text)
    yield from datetime_calls(rng, count)


def datetime_calls(rng, count):
    pick = {
        "date": DATES,
        "timestamp": TIMESTAMPS,
        "timestamptz": TIMESTAMPS,
        "time": TIMES,
        "interval": INTERVALS,
    }
    for zone in ["UTC", "America/New_York"]:
        yield Case("datetime", setting=("zone", zone))
        for unit in UNITS:
            for kind, values in pick.items():
                for value in rng.sample(values, 4):
                    yield call("extract", "extract", ("text", unit), (kind, value))
                    yield call("extract", "date_part", ("text", unit), (kind, value))
                    if kind in ("timestamp", "timestamptz", "interval"):
                        yield call("date_trunc", "date_trunc", ("text", unit), (kind, value))
        for _ in range(count):
            kind = rng.choice(["date", "timestamp", "timestamptz", "time"])
            name = rng.choice(["+", "-"])
            yield call(
                "date-arithmetic",
                name,
                (kind, rng.choice(pick[kind])),
                ("interval", rng.choice(INTERVALS)),
            )
            kind = rng.choice(["timestamp", "timestamptz", "interval", "time", "date"])
            yield call(
                "date-arithmetic",
                "-",
                (kind, rng.choice(pick[kind])),
                (kind, rng.choice(pick[kind])),
            )
            yield call(
                "date-arithmetic",
                "+",
                ("date", rng.choice(DATES)),
                ("int4", str(rng.randint(-1000, 100000))),
            )
            kind = rng.choice(["timestamp", "timestamptz"])
            yield call(
                "date-arithmetic",
                "age",
                (kind, rng.choice(TIMESTAMPS)),
                (kind, rng.choice(TIMESTAMPS)),
            )
            yield call(
                "date-arithmetic",
                "*",
                ("interval", rng.choice(INTERVALS)),
                ("float8", str(rng.choice([0, 1, 2, -1, 0.5, 1.5, 0.1, 3.3, 1e10]))),
            )
            yield call(
                "date-arithmetic",
                "/",
                ("interval", rng.choice(INTERVALS)),
                ("float8", str(rng.choice([0, 1, 2, -1, 0.5, 1.5, 0.1, 3.3, 1e10]))),
            )
            for name in ["justify_days", "justify_hours", "justify_interval", "-"]:
                yield call("date-arithmetic", name, ("interval", rng.choice(INTERVALS)))
            a, b = rng.choice(["date", "timestamp", "timestamptz"]), rng.choice(
                ["date", "timestamp", "timestamptz"]
            )
            name = rng.choice(["=", "<>", "<", "<=", ">", ">="])
            yield call("date-compare", name, (a, rng.choice(pick[a])), (b, rng.choice(pick[b])))
            yield call(
                "date-compare",
                name,
                ("interval", rng.choice(INTERVALS)),
                ("interval", rng.choice(INTERVALS)),
            )
            target = rng.choice(
                [
                    "UTC",
                    "EST",
                    "America/Los_Angeles",
                    "Asia/Tokyo",
                    "+02",
                    "foo",
                    "CEST",
                    "EST5EDT",
                    "<+05>-5",
                    "Europe/Berlin",
                ]
            )
            kind = rng.choice(["timestamp", "timestamptz"])
            yield call("zone", "timezone", ("text", target), (kind, rng.choice(TIMESTAMPS)))
        for value in TIMESTAMPS:
            for source in ["timestamp", "timestamptz", "date"]:
                for target in ["timestamp", "timestamptz", "date", "time"]:
                    if source != target and (source, target) != ("date", "time"):
                        yield cast("date-cast", source, target, value)
    yield Case("datetime", setting=("zone", "UTC"))


TEXTS = [
    "",
    "a",
    "abc",
    "Hello World",
    "  padded  ",
    "xxabcxx",
    "äöüß€",
    "日本語テキスト",
    "a,b,,c",
    "100%",
    "under_score",
    "back\\slash",
    "it's",
    "UPPER lower 123",
    "aaaaaaaaaaaaaaaaaaaa",
    "The quick brown fox jumps",
    "ÀÉÎ",
    "tab\there",
    "a%b_c",
    "ABCdef",
]
PATTERNS = [
    "%",
    "_",
    "a%",
    "%c",
    "%b%",
    "a_c",
    "",
    "abc",
    "%a%b%c%",
    "_b_",
    "%%",
    "__",
    "H%o_W%",
    "%ö%",
    "_ö%",
    "100\\%",
    "under\\_%",
    "%\\\\%",
    "a\\",
    "A%",
    "%日本%",
    "%x",
    "x%x",
    "%_%",
    "_%_",
    "ABC%",
    "%def",
    "The%fox%jumps",
    "%q_ick%",
    "%  ",
]


def text_cases(rng, count):
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
    for code in ["-1", "0", "1", "65", "127", "128", "255", "8364", "55296", "1114110", "1114112"]:
        yield call("text", "chr", ("int4", code))
        yield call("text", "to_hex", ("int4", code))
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


def cast_cases(rng, count):
    for source, values in {
        **INTEGERS,
        "float4": FLOATS[:12] + ["2.5", "3.5", "-2.5", "32767.5"],
        "float8": FLOATS + ["3.5", "32767.4", "2147483647.5"],
        "numeric": NUMERICS + ["32767.5", "2147483647.4", "0.5", "1.5"],
    }.items():
        for target in [
            "int2",
            "int4",
            "int8",
            "float4",
            "float8",
            "numeric",
            "numeric(10,2)",
            "numeric(40,5)",
            "oid",
        ]:
            if source.split("(")[0] == target or (target == "oid" and not source.startswith("int")):
                continue
            for value in values:
                yield cast("cast", source, target, value)
    for _ in range(count):
        precision = rng.choice([3, 10, 18, 25, 38])
        scale = rng.randint(0, precision)
        target = rng.choice(
            ["numeric(5,2)", "numeric(20,4)", "numeric(45,10)", "numeric", "numeric(2,0)"]
        )
        yield cast(
            "cast", f"numeric({precision},{scale})", target, draw_decimal(rng, precision, scale)
        )
    for value in ["t", "f", None]:
        for target in ["text", "int4", "varchar(2)", "bpchar(3)"]:
            yield cast("cast", "bool", target, value)


def aggregate_cases(rng, count):
    for _ in range(count):
        kind = rng.choice(
            [
                "int2",
                "int4",
                "int8",
                "float8",
                "numeric",
                "numeric(12,2)",
                "numeric(30,6)",
                "float4",
            ]
        )
        rows = []
        for _ in range(rng.choice([0, 1, 2, 3, 7, 12])):
            if kind.startswith("numeric("):
                precision, scale = [int(x) for x in kind[8:-1].split(",")]
                value = draw_decimal(rng, precision, scale)
            elif kind == "numeric":
                value = draw_numeric(rng)
            elif kind.startswith("float"):
                value = str(rng.choice([1, 2, 0.5, -3, 100, 7, 1e5]))
            else:
                value = (
                    str(rng.randint(-1000, 1000))
                    if rng.random() < 0.9
                    else rng.choice(INTEGERS[kind])
                )
            rows.append([None if rng.random() < 0.1 else value])
        names = ["sum", "avg", "min", "max", "count"]
        if not kind.startswith("float"):
            names += ["var_pop", "var_samp", "stddev_pop", "stddev_samp", "variance", "stddev"]
        if kind.startswith("int"):
            names += ["bit_and", "bit_or", "bit_xor"]
        for name in names:
            yield aggregate("aggregate", name, [kind], rows)
    for _ in range(count // 2):
        rows = [
            [rng.choice(TEXTS + [None]), rng.choice([",", "", None, "; "])]
            for _ in range(rng.choice([0, 1, 2, 5]))
        ]
        yield aggregate("aggregate", "string_agg", ["text", "text"], rows)
        rows = [[rng.choice(TEXTS + [None])] for _ in range(rng.choice([0, 1, 2, 5]))]
        for name in ["min", "max", "count"]:
            yield aggregate("aggregate", name, ["text"], rows)
        rows = [[rng.choice(["t", "f", None])] for _ in range(rng.choice([0, 1, 2, 5]))]
        for name in ["bool_and", "bool_or", "every"]:
            yield aggregate("aggregate", name, ["bool"], rows)
        for kind, values in {
            "date": DATES,
            "timestamp": TIMESTAMPS,
            "interval": INTERVALS,
            "time": TIMES,
        }.items():
            rows = [[rng.choice(values)] for _ in range(rng.choice([0, 1, 2, 5]))]
            for name in ["min", "max"] + (["sum", "avg"] if kind == "interval" else []):
                yield aggregate("aggregate", name, [kind], rows)


REGEXES = [
    "^(name)$",
    "a",
    "^a",
    "c$",
    "b+",
    "[a-c]+",
    "x*",
    "(a)(b)",
    "a|b",
    "\\d+",
    "\\w+",
    "\\s",
    "[[:alpha:]]+",
    "^[^a]",
    "l{2}",
    "(?i)HELLO",
    "o.*o",
    ".*?o",
    "\\mquick\\M",
    "[",
    "(",
    "a{2,1}",
    "*a",
    "a**",
    "\\",
    "[]a]",
    "[a-]",
    "ö",
    "日.",
    "\\y",
    "(a|ab)(c|bcd)",
    "",
    "^$",
    "a{",
    "a{1",
    "[z-a]",
    "[[:foo:]]",
    "***=a.c",
    "(?:b)",
    "\\u0061",
    "(a)?b",
    "[\\d]+",
    "a\\.b",
    ".",
    "x{0,3}",
]


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


def misc_cases(rng, count):
    floats = [
        "0",
        "1",
        "-1",
        "0.5",
        "2",
        "-2.5",
        "100",
        "1e-10",
        "1e300",
        "NaN",
        "Infinity",
        "-Infinity",
        "3.7",
        "-3.5",
        "2.5",
        "0.25",
        "-0.75",
        "710",
        "-750",
    ]
    for name in [
        "sqrt",
        "cbrt",
        "exp",
        "ln",
        "log",
        "ceil",
        "floor",
        "round",
        "trunc",
        "sign",
        "sin",
        "cos",
        "tan",
        "cot",
        "asin",
        "acos",
        "atan",
        "sinh",
        "cosh",
        "tanh",
        "asinh",
        "acosh",
        "atanh",
        "degrees",
        "radians",
    ]:
        for value in floats:
            yield call("math", name, ("float8", value))
    for value in floats:
        for other in floats:
            yield call("math", "power", ("float8", value), ("float8", other))
            yield call("math", "atan2", ("float8", value), ("float8", other))
    for text in TEXTS + ["select", "user", "abc_1", "1abc", 'a"b', "nonreserved", "int", "between"]:
        for name in ["quote_ident", "quote_literal", "quote_nullable", "md5"]:
            yield call("quote", name, ("text", text))
        yield call(
            "quote",
            "decode",
            ("text", text),
            ("text", rng.choice(["hex", "base64", "escape", "x"])),
        )
        hexed = "\\x" + text.encode().hex()
        for form in ["hex", "base64", "escape", "ESCAPE", "foo"]:
            yield call("quote", "encode", ("bytea", hexed), ("text", form))
        for name in ["sha224", "sha256", "sha384", "sha512", "md5", "length", "bit_count"]:
            yield call("quote", name, ("bytea", hexed))
    for size in [
        "0",
        "1",
        "10239",
        "10240",
        "-10240",
        "20479",
        "1048576",
        "10485248",
        "10485759",
        "10737418240",
        "9223372036854775807",
        "-9223372036854775808",
        "10995116277760",
    ]:
        yield call("misc", "pg_size_pretty", ("int8", size))
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
    for _ in range(count):
        numbers = [
            str(rng.choice([-5, 0, 1, 2, 12, 13, 29, 31, 60, 1999, 2024, -44, 10000]))
            for _ in range(6)
        ]
        yield call("make", "make_date", *[("int4", n) for n in numbers[:3]])
        seconds = rng.choice(["0", "59.9", "60", "60.5", "-1", "12.3456789", "NaN"])
        yield call("make", "make_time", *[("int4", n) for n in numbers[:2]], ("float8", seconds))
        yield call(
            "make",
            "make_timestamp",
            ("int4", "2024"),
            ("int4", "2"),
            ("int4", numbers[2]),
            ("int4", numbers[3]),
            ("int4", numbers[4]),
            ("float8", seconds),
        )
        yield call("make", "make_interval", *[("int4", n) for n in numbers], ("float8", seconds))
        yield call(
            "make",
            "to_timestamp",
            ("float8", str(rng.choice([0, 1, -1, 1e9, 1e12, 1e13, -1e12, 1.5, 946684800.123456]))),
        )
        sides = [rng.choice(TIMESTAMPS + [None]) for _ in range(4)]
        yield call("make", "overlaps", *[("timestamp", s) for s in sides])
