# SPDX-License-Identifier: Apache-2.0
"""Answers: which calls on numbers does differential.py compare?"""

from differential_case import call, cast, given
from differential_number_values import FLOATS, INTEGERS, NUMERICS, draw_decimal, draw_numeric


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
    yield from numeric_text_cases()
    yield from numeric_operator_cases(rng, count)
    yield from numeric_function_cases(rng, count)


def numeric_text_cases():
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


def numeric_operator_cases(rng, count):
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


def numeric_function_cases(rng, count):
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


def math_cases(rng, count):
    del rng, count  # every function meets every value
    yield from size_cases()
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


def size_cases():
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
