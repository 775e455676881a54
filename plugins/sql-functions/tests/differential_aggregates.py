# SPDX-License-Identifier: Apache-2.0
"""Answers: which aggregates does differential.py compare?"""

from differential_case import aggregate
from differential_number_values import INTEGERS, draw_decimal, draw_numeric
from differential_text_values import TEXTS
from differential_time_values import DATES, INTERVALS, TIMES, TIMESTAMPS


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
