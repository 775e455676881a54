# SPDX-License-Identifier: Apache-2.0
"""Answers: which calls on dates and times does differential.py compare?"""

from differential_case import Case, call, cast, given
from differential_time_values import (
    DATES,
    DATE_TEXTS,
    INTERVALS,
    INTERVAL_TEXTS,
    TIMES,
    TIMESTAMPS,
    TIMESTAMP_TEXTS,
    TIME_TEXTS,
    UNITS,
)


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


KINDS = {
    "date": DATES,
    "timestamp": TIMESTAMPS,
    "timestamptz": TIMESTAMPS,
    "time": TIMES,
    "interval": INTERVALS,
}


def pick(rng, kind):
    return (kind, rng.choice(KINDS[kind]))


def datetime_calls(rng, count):
    for zone in ["UTC", "America/New_York"]:
        yield Case("datetime", setting=("zone", zone))
        yield from unit_cases(rng)
        for _ in range(count):
            yield from arithmetic_cases(rng)
            yield from compare_cases(rng)
            yield from zone_cases(rng)
        for value in TIMESTAMPS:
            for source in ["timestamp", "timestamptz", "date"]:
                for target in ["timestamp", "timestamptz", "date", "time"]:
                    if source != target and (source, target) != ("date", "time"):
                        yield cast("date-cast", source, target, value)
    yield Case("datetime", setting=("zone", "UTC"))


def unit_cases(rng):
    for unit in UNITS:
        for kind, values in KINDS.items():
            for value in rng.sample(values, 4):
                yield call("extract", "extract", ("text", unit), (kind, value))
                yield call("extract", "date_part", ("text", unit), (kind, value))
                if kind in ("timestamp", "timestamptz", "interval"):
                    yield call("date_trunc", "date_trunc", ("text", unit), (kind, value))


def arithmetic_cases(rng):
    topic = "date-arithmetic"
    kind = rng.choice(["date", "timestamp", "timestamptz", "time"])
    yield call(topic, rng.choice(["+", "-"]), pick(rng, kind), pick(rng, "interval"))
    kind = rng.choice(["timestamp", "timestamptz", "interval", "time", "date"])
    yield call(topic, "-", pick(rng, kind), pick(rng, kind))
    yield call(topic, "+", pick(rng, "date"), ("int4", str(rng.randint(-1000, 100000))))
    kind = rng.choice(["timestamp", "timestamptz"])
    yield call(topic, "age", pick(rng, kind), pick(rng, kind))
    for name in ["*", "/"]:
        factor = str(rng.choice([0, 1, 2, -1, 0.5, 1.5, 0.1, 3.3, 1e10]))
        yield call(topic, name, pick(rng, "interval"), ("float8", factor))
    for name in ["justify_days", "justify_hours", "justify_interval", "-"]:
        yield call(topic, name, pick(rng, "interval"))


def compare_cases(rng):
    moments = ["date", "timestamp", "timestamptz"]
    name = rng.choice(["=", "<>", "<", "<=", ">", ">="])
    left, right = rng.choice(moments), rng.choice(moments)
    yield call("date-compare", name, pick(rng, left), pick(rng, right))
    yield call("date-compare", name, pick(rng, "interval"), pick(rng, "interval"))


ZONES = ["UTC", "EST", "America/Los_Angeles", "Asia/Tokyo", "+02", "foo", "CEST", "EST5EDT"]
ZONES += ["<+05>-5", "Europe/Berlin"]


def zone_cases(rng):
    kind = rng.choice(["timestamp", "timestamptz"])
    yield call("zone", "timezone", ("text", rng.choice(ZONES)), pick(rng, kind))


def make_cases(rng, count):
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
