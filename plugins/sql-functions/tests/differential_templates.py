# SPDX-License-Identifier: Apache-2.0
"""Answers: which patterns of to_char and its opposites does differential.py compare?"""

from differential_case import Case, call
from differential_time_values import INTERVALS, TIMESTAMPS


DATE_PATTERNS = [
    "YYYY-MM-DD HH24:MI:SS",
    "YYYY-MM-DD HH12:MI:SS AM",
    "Day, DD Month YYYY",
    "FMDay, FMDD FMMonth YYYY",
    "DY dy Dy MON mon Mon",
    "DDD DD D ID",
    "WW IW W Q CC J",
    "IYYY-IW-ID IDDD",
    "Y,YYY YYY YY Y",
    "IYY IY I",
    "MS US FF1 FF3 FF6",
    "SSSS SSSSS",
    "am AM a.m. A.M. PM p.m.",
    "AD BC a.d. B.C.",
    "RM rm FMRM",
    "DDth DDTH FMDDth",
    "TZ tz TZH TZM OF",
    '"quoted YYYY" YYYY',
    "YYYYMMDD",
    "HH:MI",
    "",
    "xyz",
    "FMHH24:FMMI",
    '"a\\"b" YYYY',
    "MONTH Month month",
    "DAY Day day",
    "TMMonth TMDay",
    "YYYY\\MM",
    "ÄYYYY",
    "FXYYYY",
]
NUMBER_PATTERNS = [
    "9999",
    "0000",
    "9999.99",
    "FM9999.99",
    "9,999,999",
    "0,000",
    "S999",
    "999S",
    "SG999",
    "MI999",
    "999MI",
    "PL999",
    "999PR",
    "FM999PR",
    "99V9",
    "9.99EEEE",
    "RN",
    "FMRN",
    "rn",
    "999th",
    "999TH",
    "L999",
    "9G999D99",
    "B999",
    "FM0.99",
    "FM9.9",
    "0.9",
    "9.",
    "FM9.",
    ".99",
    "FM.99",
    '"text" 99',
    "x99",
    "",
    "99S99",
    "S9.9",
    "99.9.9",
    "9S9S",
    "FM999,999",
    "999999999999.999999",
    "FM99999999990.0999",
    "0999.9",
    "9990",
    "FM9990",
    "S0009",
    "PR99",
    "99EEEE",
    "V99",
    "FMS99",
    "SG9",
    "9SG",
    "9999999999th",
    "99th",
    "9.9th",
    "999V99th",
    "999999999999EEEE",
    "0.000EEEE",
    "09.90",
    "FM09.90",
]

DATE_TEXTS = {
    "YYYY-MM-DD": [
        "2000-01-02",
        "2000-1-2",
        "2000/01/02",
        "20000102",
        "  2000-01-02",
        "99-01-02",
        "2000-13-01",
        "2000-02-30",
        "abcd",
        "",
        "10000-01-01",
        "2000-01-02 extra",
        "2000",
    ],
    "YYYYMMDD": ["20000102", "200001", "2000-01-02", "2000010", "x"],
    "DD Mon YYYY": ["05 Dec 2000", "5 dec 2000", "05 December 2000", "05 Foo 2000", "05Dec2000"],
    "DD Month YYYY": ["05 December 2000", "05 Dec 2000"],
    "Month DD, YYYY": ["January 8, 1999"],
    "YYYY-DDD": ["2000-366", "2001-366", "2001-001"],
    "IYYY-IW-ID": ["2006-42-3", "2006-01-1"],
    "YY-MM-DD": ["99-12-31", "00-01-01", "69-01-01", "70-01-01"],
    "Y,YYY-MM": ["2,000-05"],
    "J": ["2451187"],
    "YYYY-MM-DD BC": ["0044-03-15 BC", "44-03-15 AD"],
    "FXYYYY-MM-DD": ["2000-01-02", "2000-1-2"],
    "RM YYYY": ["XII 2000", "iv 1999"],
    "Dy DD": ["Mon 05", "Xyz 05"],
    "CC": ["21", "20"],
    "CCYY": ["2105"],
    "WW YYYY": ["10 2000"],
    'YYYY"x"MM': ["2000x05", "2000y05"],
    "YYYY MM DD": ["2000 00 00", "0 5 5", "-44 03 15", "2000 13 01", "2000 2 30", "2000 -1 5"],
    "MM-DD": ["02-30", "2-3", "00-31", "12-32"],
    "DD": ["31", "32", "0", "-1", "00"],
    "YYYY-WW": ["2000-10", "2000-00", "2000-60", "0-5"],
    "YYYY MM W": ["2000 05 3", "2000 05 9", "2000 02 5"],
    "IYYY-IW": ["2020-53", "2021-53", "2000-0", "2000-1"],
    "IYYY-IW-Dy": ["2006-42-Sun", "2006-42-mon", "2006-42-Saturday"],
    "IYYY-IDDD": ["2006-001", "2006-366", "2006-400"],
    "IYYY-MM": ["2006-10"],
    "YYYY-IW": ["2006-10"],
    "YYYY YYYY": ["2000 2000", "2000 2001", "0 2001"],
    "CC YY": ["21 05", "20 00", "-1 05", "00 05"],
    "CC YY BC": ["01 05 BC", "02 00 BC"],
    "CC BC": ["01 BC", "05 AD"],
    "YYYY B.C.": ["44 B.C.", "44 BC", "44 a.d."],
    "YYYY AD": ["44 a.d.", "44 bc", "-44 bc", "0 bc"],
    "YYY": ["5", "99", "519", "520", "999", "1000", "12345"],
    "YY": ["5", "69", "70", "123", "2000"],
    "Y": ["5", "25", "2000"],
    "YMM": ["505", "5", "5x"],
    "YYYYMM": ["200005", "2000 05", "2000x05", "+20005", "-20005"],
    "DDD YYYY": ["060 2000", "000 2000", "367 2000", "-5 2000", "60 0"],
    "DDD": ["60"],
    "J YYYY": ["2451187 2000"],
    "JMM": ["2451187"],
    "Q YYYY": ["3 2000", "9 2000"],
    "DDth Mon YYYY": ["2nd Jan 2000", "22nd Jan 2000", "2  Jan 2000"],
    "FMDD FMMM YYYY": ["5 6 2000", "05 06 2000"],
    "TMMonth DD YYYY": ["March 5 2000", "march 5 2000", "Mar 5 2000"],
    "DAY D": ["Monday 2", "Monday 3"],
    "FXYYYY MM DD": ["2000 01 02", "2000  01 02", "2000-01-02"],
    "FXFMYYYY/MM": ["2000/01", "2000/1"],
    "YYYY//MM": ["2000/05", "2000//05", "2000///05", "2000 / 05"],
    "YYYYtMM": ["2000t05", "2000 05", "2000 t05"],
    "RMYYYY": ["VII2000", "i2000", "xiii2000"],
    "Y,YYYMM": ["2,00005", "20,00005", "2000 05", "2,5 05"],
}
TIME_TEXTS = {
    "YYYY-MM-DD HH24:MI:SS": ["2000-01-02 03:04:05", "2000-01-02 25:00:00", "2000-01-02"],
    "HH12:MI AM": ["03:04 PM", "12:00 AM", "13:00 PM", "0:00 AM"],
    "HH:MI:SS.MS": ["03:04:05.6"],
    "HH24:MI:SS.US": ["03:04:05.123456", "03:04:05.1"],
    "SSSS": ["3661", "86399"],
    "YYYY-MM-DD HH24:MI TZH:TZM": ["2000-01-02 03:04 +05:30", "2000-01-02 03:04 -08:00"],
    "YYYY-MM-DD HH24:MI OF": ["2000-01-02 03:04 +05"],
    "HH24MISS": ["030405"],
    "FF3": ["123", "123456", "1"],
    "FF6": ["123456", "1234567"],
    "MS": ["5", "50", "005", "1234", "-5"],
    "US": ["5", "000005", "1000000"],
    "SS.MS.US": ["05.5.5", "05.005.000005"],
    "HH24:MI:SS.FF2": ["03:04:05.678", "23:59:59.999"],
    "SSSSS HH24": ["3661 05", "90000 00"],
    "SSSSSMI": ["0366105"],
    "HH24:MI": ["24:00", "23:60", "-1:00", "5"],
    "HH:MI PM": ["12:30 am", "12:30 p.m.", "1:30 pm", "11:59 PM"],
    "HH:MI P.M.": ["12:30 a.m.", "1:30 pm"],
    "HH24 PM": ["14 PM", "2 PM"],
    "HH24TZH": ["05+02", "05-02", "05 02", "0502"],
    "HH24 TZH": ["05 +16", "05 -2", "05 - 2", "05 2"],
    "TZH:TZM": ["+05:30", "-05:30", "05:60", "+15:59"],
    "TZM": ["30"],
    "HH24 TZ": ["05 UTC"],
}
NUMBER_TEXTS = {
    "99G999D9S": ["12,454.8-"],
    "999": ["123", "-12", "1x3", " 12"],
    "9,999": ["1,234", "1234"],
    "S999": ["+12", "-12"],
    "999.99": ["12.5", ".5", "-0.5"],
    "999PR": ["<12>", "12"],
    "L999": ["$12"],
    "99V9": ["123"],
    "MI999": ["-12", "12"],
    "": ["1"],
    "0.0": ["1.5"],
    "9999999": ["1,234,567"],
    "FM999.99": ["1.20"],
    '"x"99': ["x12"],
    "9.9": ["1.2", "12.3", ".5", "5.", "-1.2", "1,2"],
    "9.9S": ["1.5-", "1.5+", "-1.5", "1.5", ".5-"],
    "S9.9": ["-1.5", "+1.5", " -1.5"],
    "FM9999.9999S": ["123.001-", "12-"],
    "FM9.999999MI": ["5.01-", "5.01+"],
    "99MI": ["12-", "12", "1-"],
    "PL99": ["+12", "12", "-12"],
    "SG99": ["-12", "+12", "12"],
    "99SG": ["12-"],
    "FM999PR": ["<12>", "<1"],
    "9,999,999": ["1,234,567", "1234567", "1,2,3"],
    "FM9,999": ["1,234"],
    "9G999": ["1,234"],
    "L99": ["12", "x12", "$-12"],
    "99th": ["12th", "1st", "12"],
    "V99": ["12"],
    "9V9": ["12", "1.2"],
    "99V99": ["1234", "12"],
    "x99": ["x12", "é12", "12"],
    "000.00": ["001.50", "1.5", "12345"],
    "RN": ["XII"],
    "9EEEE": ["1e5"],
    "B99": [" 12"],
    "9": ["", "x", "-", "12", " 5"],
}


def time_writer_cases():
    for zone in ["UTC", "America/New_York", "Asia/Kolkata"]:
        yield Case("template", setting=("zone", zone))
        for pattern in DATE_PATTERNS:
            for value in TIMESTAMPS:
                yield call("to_char-time", "to_char", ("timestamp", value), ("text", pattern))
                if zone != "UTC":
                    yield call("to_char-time", "to_char", ("timestamptz", value), ("text", pattern))
            for value in INTERVALS:
                if zone == "UTC":
                    yield call(
                        "to_char-interval", "to_char", ("interval", value), ("text", pattern)
                    )
    yield Case("template", setting=("zone", "UTC"))


def number_writer_cases():
    numbers = [
        "0",
        "1",
        "-1",
        "12",
        "123",
        "-123",
        "1234",
        "12345",
        "0.5",
        "-0.5",
        "1.25",
        "123.456",
        "-0.01",
        "999.999",
        "1485",
        "1e10",
        "NaN",
        "Infinity",
        "0.1",
        "10",
        "100",
        "3999",
        "4000",
        "-9.99",
    ]
    for pattern in NUMBER_PATTERNS:
        for value in numbers:
            yield call("to_char-number", "to_char", ("numeric", value), ("text", pattern))
            yield call("to_char-number", "to_char", ("float8", value), ("text", pattern))
            if "." not in value and "e" not in value and value[0] in "-0123456789":
                yield call("to_char-number", "to_char", ("int4", value), ("text", pattern))
                yield call("to_char-number", "to_char", ("int8", value), ("text", pattern))


def reader_cases():
    for pattern, texts in DATE_TEXTS.items():
        for text in texts:
            yield call("to_date", "to_date", ("text", text), ("text", pattern))
            yield call("to_date", "to_timestamp", ("text", text), ("text", pattern))
    for pattern, texts in TIME_TEXTS.items():
        for text in texts:
            yield call("to_timestamp", "to_timestamp", ("text", text), ("text", pattern))
    for pattern, texts in NUMBER_TEXTS.items():
        for text in texts:
            yield call("to_number", "to_number", ("text", text), ("text", pattern))


def template_cases(rng, count):
    del rng, count  # every pattern meets every value
    yield from time_writer_cases()
    yield from number_writer_cases()
    yield from reader_cases()
