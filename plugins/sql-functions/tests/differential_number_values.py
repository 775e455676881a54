# SPDX-License-Identifier: Apache-2.0
"""Answers: which numbers do the cases use?

Values stand in lists that hold the edges of each type, or are drawn at random.
"""


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
