# SPDX-License-Identifier: Apache-2.0
"""Goal: what a client sends wrongly gets its SQLSTATE and place, and harms nobody else.

Method: one server; each test sends something wrong, by psql or byte by byte, and then asks on a
connection of its own whether the server goes on.  The seed of the random messages is printed.
"""

import argparse
import os
import pathlib
import random
import struct
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
import wire  # noqa: E402
from throwaway_servers import SKIPPED, Mortise  # noqa: E402
from wire import message  # noqa: E402

SERVER = None
SEED = 0


class OnServer(unittest.TestCase):
    def setUp(self):
        self.client = wire.connect(SERVER)
        self.addCleanup(self.client.close)

    def tearDown(self):
        with wire.connect(SERVER) as other:
            self.assertEqual(other.query("select 41 + 1"), [["42"]])

    def fails(self, text, sqlstate, position=None, client=None):
        """The error's fields; the connection goes on."""
        client = client or self.client
        with self.assertRaises(wire.ServerSaid) as raised:
            client.query(text)
        fields = raised.exception.fields
        self.assertEqual(fields["C"], sqlstate, fields)
        if position is not None:
            self.assertEqual(int(fields["P"]), position, fields)
        self.assertEqual(client.query("select 1"), [["1"]])
        return fields

    def table(self, columns):
        """A new table's name."""
        name = ("t_" + self.id().rsplit(".", 1)[1])[:63]  # as long as a name may be
        self.client.query(f"create table {name} ({columns})")
        return name


class Statements(OnServer):
    def test_a_syntax_error_names_its_position(self):
        self.assertIn("\"t\"", self.fails("select 1 frm t where", "42601", 14)["M"])
        self.fails("selec 1", "42601", 1)
        self.fails("select 'open", "42601", 8)
        self.fails("select 'é', 1 +", "42601", 16)

    def test_unknown_names_are_named_with_their_position(self):
        name = self.table("a int")
        self.assertIn("nowhere", self.fails("select 1 from nowhere", "42P01", 15)["M"])
        self.assertIn("nothing", self.fails(f"select nothing from {name}", "42703", 8)["M"])
        self.fails("insert into nowhere values (1)", "42P01", 13)
        self.fails(f"insert into {name} (nothing) values (1)", "42703")
        self.fails(f"update {name} set nothing = 1", "42703")
        self.fails("select no_such_function(1)", "42883", 8)
        self.fails("drop table nowhere", "42P01")

    def test_a_division_by_zero_is_one_in_every_type(self):
        for text in ("1/0", "1::bigint / 0", "1::smallint / 0::smallint", "1.5 / 0", "1 % 0",
                     "1::float8 / 0", "1::real / 0"):
            with self.subTest(text):
                self.fails(f"select {text}", "22012")

    def test_an_overflow_is_an_error_not_another_number(self):
        for text in ("2147483647 + 1", "9223372036854775807 + 1", "32767::smallint + 1::smallint",
                     "-2147483648 - 1", "65536 * 65536", "99999999999::int", "1e400::float8",
                     "abs((-2147483648)::int)", "1e40::real", "12345.6::numeric(4,1)"):
            with self.subTest(text):
                self.fails(f"select {text}", "22003")
        name = self.table("a smallint")
        self.fails(f"insert into {name} values (40000)", "22003")

    def test_a_column_that_overflows_in_one_row_fails_the_statement(self):
        name = self.table("a int")
        self.client.query(f"insert into {name} values (1), (2147483647), (2)")
        self.fails(f"update {name} set a = a + 1", "22003")
        self.assertEqual(self.client.query(f"select a from {name} order by a"),
                         [["1"], ["2"], ["2147483647"]])

    def test_a_failed_transaction_takes_nothing_more_until_its_end(self):
        name = self.table("a int")
        self.client.query("begin")
        self.client.query(f"insert into {name} values (1)")
        with self.assertRaises(wire.ServerSaid):
            self.client.query("select 1/0")
        with self.assertRaises(wire.ServerSaid) as raised:
            self.client.query("select 1")
        self.assertEqual(raised.exception.sqlstate, "25P02")
        self.client.query("rollback")
        self.assertEqual(self.client.query(f"select count(*) from {name}"), [["0"]])


    def test_the_tag_says_how_a_transaction_was_begun(self):
        for text in ("START TRANSACTION", "BEGIN"):
            self.client.send(message(b"Q", f"{text} read only\0".encode()))
            tags = [body for kind, body in self.client.read_until_ready() if kind == b"C"]
            self.assertEqual(tags, [text.encode() + b"\0"])
            self.client.query("rollback")


class Texts(OnServer):
    def raw_query(self, data):
        self.client.send(message(b"Q", data + b"\0"))
        with self.assertRaises(wire.ServerSaid) as raised:
            self.client.read_until_ready()
        return raised.exception

    def test_a_statement_that_is_not_utf_8_is_refused(self):
        for data in (b"\xff", b"\xc3", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80",
                     b"\xe2\x82"):
            self.assertEqual(self.raw_query(b"select '" + data + b"'").sqlstate, "22021", data)
        self.assertEqual(self.client.query("select 'ä€😀'"), [["ä€😀"]])

    def test_an_escape_that_makes_no_utf_8_is_refused(self):
        self.fails("select E'\\xff'", "22021")
        self.fails("select E'\\000'", "22021")

    def test_a_parameter_that_is_not_utf_8_is_refused(self):
        bind = b"\0\0" + struct.pack(">hhi", 0, 1, 2) + b"a\xff" + struct.pack(">h", 0)
        self.client.send(
            message(b"P", b"\0select $1::text\0" + struct.pack(">h", 0)) + message(b"B", bind)
            + message(b"E", b"\0" + struct.pack(">i", 0)) + message(b"S"))
        with self.assertRaises(wire.ServerSaid) as raised:
            self.client.read_until_ready()
        self.assertEqual(raised.exception.sqlstate, "22021")
        self.assertEqual(self.client.query("select 1"), [["1"]])


class CopyRows(OnServer):
    def copy(self, command, data):
        """The error of a COPY with these bytes; the connection goes on."""
        self.client.send(message(b"Q", command.encode() + b"\0"))
        while self.client.read_message()[0] != b"G":
            pass
        self.client.send(message(b"d", data) + message(b"c"))
        with self.assertRaises(wire.ServerSaid) as raised:
            self.client.read_until_ready()
        return raised.exception.fields

    def refused(self, columns, data, sqlstate, where, options=""):
        name = self.table(columns)
        fields = self.copy(f"copy {name} from stdin {options}", data)
        self.assertEqual(fields["C"], sqlstate, fields)
        self.assertIn(f"COPY {name}, {where}", fields["W"])
        self.assertEqual(self.client.query(f"select count(*) from {name}"), [["0"]])
        self.client.query(f"drop table {name}")

    def test_a_bad_value_names_line_and_column(self):
        columns = "a int, b date"
        self.refused(columns, b"1\t2020-01-01\nx\t2020-01-01\n", "22P02", 'line 2, column a: "x"')
        self.refused(columns, b"1\t2020-01-01\n2\t2020-13-01\n", "22008", "line 2, column b")
        self.refused(columns, b"1,2020-01-01\n2,soon\n", "22007", "line 2, column b",
                     "with (format csv)")

    def test_a_bad_value_far_down_leaves_nothing_of_the_rows_before_it(self):
        rows = b"".join(b"%d\tx\n" % n for n in range(1, 20_001))
        self.refused("a int, b text", rows + b"oops\tx\n", "22P02", "line 20001, column a")

    def test_missing_and_extra_columns_name_the_line(self):
        self.refused("a int, b int", b"1\t2\n3\n", "22P04", "line 2")
        self.refused("a int, b int", b"1\t2\n3\t4\t5\n", "22P04", "line 2")

    def test_bytes_that_are_not_utf_8_name_the_line(self):
        self.refused("a text", b"good\nb\xff\n", "22021", "line 2")

    def test_a_constraint_names_the_line(self):
        self.refused("a int primary key", b"1\n2\n1\n", "23505", "line 3")
        self.refused("a int not null", b"1\n\\N\n", "23502", "line 2")
        self.refused("a int check (a > 0)", b"1\n-1\n", "23514", "line 2")

    def test_a_client_that_goes_away_leaves_nothing(self):
        name = self.table("a int")
        with wire.connect(SERVER) as other:
            other.send(message(b"Q", f"copy {name} from stdin\0".encode()))
            while other.read_message()[0] != b"G":
                pass
            other.send(message(b"d", b"1\n2\n"))
        self.assertEqual(self.client.query(f"select count(*) from {name}"), [["0"]])

    def test_a_client_that_says_good_bye_leaves_nothing(self):
        name = self.table("a int")
        with wire.connect(SERVER) as other:
            other.send(message(b"Q", f"copy {name} from stdin\0".encode()))
            while other.read_message()[0] != b"G":
                pass
            other.send(message(b"d", b"1\n2\n") + message(b"X"))
            errors = [wire.ServerSaid(body) for kind, body in other.read_to_end() if kind == b"E"]
        self.assertEqual([error.sqlstate for error in errors], ["08P01"])
        self.assertIn("0x58", errors[0].fields["M"])
        self.assertEqual(self.client.query(f"select count(*) from {name}"), [["0"]])

    def test_a_client_that_changes_its_mind_leaves_nothing(self):
        name = self.table("a int")
        self.client.send(message(b"Q", f"copy {name} from stdin\0".encode()))
        while self.client.read_message()[0] != b"G":
            pass
        self.client.send(message(b"d", b"1\n2\n") + message(b"f", b"never mind\0"))
        with self.assertRaises(wire.ServerSaid) as raised:
            self.client.read_until_ready()
        self.assertEqual(raised.exception.sqlstate, "57014")
        self.assertEqual(self.client.query(f"select count(*) from {name}"), [["0"]])


class Contents(OnServer):
    """A message of the right length with wrong content costs an error, not the connection."""

    def refused(self, data, sqlstate):
        """The error's text; what came with the message is passed over up to Sync."""
        self.client.send(data + message(b"S"))
        with self.assertRaises(wire.ServerSaid) as raised:
            self.client.read_until_ready()
        self.assertEqual(raised.exception.fields["V"], "ERROR")
        self.assertEqual(raised.exception.sqlstate, sqlstate, raised.exception.fields)
        self.assertEqual(self.client.query("select 1"), [["1"]])
        return raised.exception.fields["M"]

    def parse(self, text, *types):
        return message(b"P", b"\0" + text + b"\0" + struct.pack(
            f">h{len(types)}i", len(types), *types))

    def bind(self, *values, is_binary=1):
        body = b"\0\0" + struct.pack(">hhh", 1, is_binary, len(values))
        for value in values:
            body += struct.pack(">i", len(value)) + value
        return message(b"B", body + struct.pack(">h", 0)) + message(
            b"E", b"\0" + struct.pack(">i", 0))

    def test_a_message_shorter_or_longer_than_its_content_is_an_error(self):
        for data in (message(b"P", b"x"), message(b"P", b"\0select 1\0\0\0\0"),
                     message(b"B", b"\0\0" + struct.pack(">h", 5)),
                     message(b"B", b"\0\0" + struct.pack(">hhi", 0, 1, 100) + b"a"),
                     message(b"E", b"\0"), message(b"D", b"X\0"), message(b"C", b"")):
            self.refused(data, "08P01")
        for data in (b"select 1", b"", b"select 1\0select 2\0"):
            self.client.send(message(b"Q", data))
            with self.assertRaises(wire.ServerSaid) as raised:
                self.client.read_until_ready()
            self.assertEqual(raised.exception.sqlstate, "08P01")

    def test_a_wrong_count_of_parameters_is_an_error(self):
        for values in ((), (b"1",), (b"1", b"2", b"3")):
            text = self.refused(self.parse(b"select $1::int + $2::int") + self.bind(*values),
                                "08P01")
            self.assertIn(f"supplies {len(values)} parameters", text)

    def test_a_binary_value_that_does_not_fit_is_an_error(self):
        for name, value in (("int4", b"\0\1"), ("int4", b"\0" * 8), ("int8", b""),
                            ("int2", b"\0\0\0"), ("float8", b"abc"), ("bool", b"\0\0"),
                            ("uuid", b"\1" * 15), ("date", b"\0"), ("timestamp", b"\0" * 9),
                            ("interval", b"\0" * 15), ("numeric", b"\0\5\0\0\0\0\0\0"),
                            ("numeric", b"\xff" * 9), ("int4[]", b"\0\0\0\1"),
                            ("int4[]", b"\xff" * 20)):
            with self.subTest((name, value)):
                self.client.send(self.parse(f"select $1::{name}".encode()) + self.bind(value)
                                 + message(b"S"))
                with self.assertRaises(wire.ServerSaid) as raised:
                    self.client.read_until_ready()
                self.assertEqual(raised.exception.fields["V"], "ERROR")
                self.assertIn(raised.exception.sqlstate, ("08P01", "22P03"))
                self.assertEqual(self.client.query("select 1"), [["1"]])

    def test_random_binary_values_are_values_or_errors(self):
        pick = random.Random(SEED)
        for name in ("bool", "int2", "int4", "int8", "float4", "float8", "numeric", "text", "bytea",
                     "uuid", "date", "time", "timestamp", "timestamptz", "interval", "json",
                     "int4[]", "text[]", "numeric[]"):
            for _ in range(20):
                self.client.send(self.parse(f"select $1::{name}".encode())
                                 + self.bind(pick.randbytes(pick.randint(0, 24))) + message(b"S"))
                try:
                    self.client.read_until_ready()
                except wire.ServerSaid as error:
                    self.assertEqual(error.fields["V"], "ERROR", (name, error.fields))


class Messages(OnServer):
    """After a message without an end that can be known nothing on that connection can be read."""

    def ends(self, data, sqlstate="08P01", client=None):
        client = client or self.client
        client.send(data)
        errors = [wire.ServerSaid(body) for kind, body in client.read_to_end() if kind == b"E"]
        self.assertEqual([error.sqlstate for error in errors], [sqlstate])
        self.assertEqual(errors[0].fields["V"], "FATAL")

    def test_a_message_of_no_known_type_ends_the_connection(self):
        for kind in (b"\0", b"z", b"\xff", b"1"):
            with wire.connect(SERVER) as client:
                self.ends(message(kind, b"1234"), client=client)

    def test_a_length_that_cannot_be_ends_the_connection(self):
        for length in (0, 3, -1, -2147483648, 0x7FFFFFFF):
            with wire.connect(SERVER) as client:
                self.ends(b"Q" + struct.pack(">i", length), client=client)

    def test_a_first_packet_that_is_none_ends_the_connection(self):
        for data in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\0\0\0\4", b"\0\0\0\0" * 4,
                     struct.pack(">ii", 2_000_000_000, wire.PROTOCOL_3),
                     struct.pack(">ii", 12, wire.PROTOCOL_3) + b"user"):
            with wire.Wire(SERVER) as client:
                self.ends(data, client=client)

    def test_a_protocol_of_another_age_is_told_so(self):
        with wire.Wire(SERVER) as client:
            self.ends(wire.startup_packet(version=2 << 16, user="postgres"), "0A000", client)

    def test_a_start_without_a_user_is_refused(self):
        with wire.Wire(SERVER) as client:
            self.ends(wire.startup_packet(database="postgres"), "28000", client)

    def test_a_start_with_an_unknown_name_is_refused(self):
        for parameters, sqlstate in (({"user": "nobody"}, "28000"),
                                     ({"database": "nowhere"}, "3D000")):
            with wire.Wire(SERVER) as client:
                with self.assertRaises(wire.ServerSaid) as raised:
                    client.start(**parameters)
                self.assertEqual(raised.exception.sqlstate, sqlstate)

    def test_a_cancel_with_a_wrong_secret_cancels_nobody(self):
        with wire.Wire(SERVER) as other:
            other.send(struct.pack(">iiii", 16, wire.CANCEL, self.client.process_id,
                                   self.client.secret ^ 1))
            self.assertEqual(other.read_to_end(), [])
        self.assertEqual(self.client.query("select 1"), [["1"]])

    def test_messages_cut_off_anywhere_leave_the_server_as_it_was(self):
        whole = wire.startup_packet(user="postgres", database="postgres") + message(
            b"Q", b"select 1\0") + message(b"P", b"s\0select $1::int\0\0\0")
        for end in range(len(whole)):
            with wire.Wire(SERVER) as client:
                client.send(whole[:end])

    def test_random_messages_get_answers_or_an_end_never_a_silence(self):
        pick = random.Random(SEED)
        for _ in range(300):
            with wire.connect(SERVER) as client:
                # Sent at once: a server that has had enough does not take what comes later.
                client.send(b"".join(random_message(pick) for _ in range(pick.randint(1, 8))))
                client.end_sending()
                client.read_to_end()


def random_message(pick):
    """Half are of a known type; most have the length that they say."""
    kind = pick.choice([b"Q", b"P", b"B", b"D", b"E", b"C", b"S", b"H", b"d", b"c", b"f", b"F",
                        bytes([pick.randrange(256)])])
    texts = [b"select 1", b"begin", b"", b"x", b"copy nowhere from stdin", b"\xff\xfe",
             b"create temp table q (a int)", b"select $1"]
    body = b"".join(
        pick.choice([pick.choice(texts) + b"\0", struct.pack(">h", pick.randint(-2, 3)),
                     struct.pack(">i", pick.choice([-1, 0, 1, 23, 1 << 30])),
                     pick.randbytes(pick.randint(0, 20))])
        for _ in range(pick.randint(0, 5)))
    if pick.random() < 0.1:
        return kind + struct.pack(">i", pick.choice([0, 4, len(body), len(body) + 9])) + body
    return message(kind, body)


def main():
    global SERVER, SEED
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    options, rest = parser.parse_known_args()
    if Mortise.find(options.build) is None:
        print("skipped: Mortise or one of its plugins is not built, or there is no psql")
        return SKIPPED
    SEED = options.seed
    print(f"seed {SEED}", flush=True)
    with Mortise(options.build) as SERVER:
        ended = unittest.main(argv=[sys.argv[0], *rest], verbosity=2, exit=False)
        died = SERVER.process.poll()
        if died is not None:
            print(f"FAILED: the server ended with {died}\n{SERVER.log_tail()}", file=sys.stderr)
    return 0 if ended.result.wasSuccessful() and died is None else 1


if __name__ == "__main__":
    sys.exit(main())
