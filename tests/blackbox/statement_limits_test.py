# SPDX-License-Identifier: Apache-2.0
"""Goal: statements that are large in some direction are answered, or refused by the right name.

Method: one server; each statement is generated.  Planning of one that takes long is cancelled from
another connection.
"""

import argparse
import pathlib
import socket
import struct
import sys
import threading
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
import wire  # noqa: E402
from throwaway_servers import SKIPPED, Mortise  # noqa: E402

BUILD = None


class Limits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Mortise(BUILD)
        cls.server.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def setUp(self):
        self.client = wire.connect(self.server)
        self.addCleanup(self.client.close)

    def refused(self, text):
        with self.assertRaises(wire.ServerSaid) as said:
            self.client.query(text)
        return said.exception.sqlstate

    def test_a_row_has_at_most_1664_columns(self):
        wide = ", ".join(["1"] * 1664)
        self.assertEqual(len(self.client.query(f"select {wide}")[0]), 1664)
        self.assertEqual(self.refused(f"select {wide}, 1"), "54011")
        self.assertEqual(self.refused(f"select * from (select {wide}) a, (select {wide}) b"),
                         "54011")

    def test_a_table_has_at_most_1600_columns(self):
        columns = ", ".join(f"c{i} int" for i in range(1600))
        self.assertEqual(self.refused(f"create table wide ({columns}, more int)"), "54011")
        self.client.query(f"create table wide ({columns})")
        self.assertEqual(self.refused("alter table wide add more int"), "54011")
        self.client.query("drop table wide")

    def test_chains_of_unions(self):
        for count in (10, 300, 2000):
            text = " union all ".join(["select 1"] * count)
            self.assertEqual(self.client.query(f"select count(*) from ({text}) x"), [[str(count)]])
        self.assertEqual(self.client.query(" union ".join(["select 1"] * 300)), [["1"]])

    def test_nested_queries(self):
        text = "select 1 as a"
        for _ in range(1000):
            text = f"select a from ({text}) x"
        self.assertEqual(self.client.query(text), [["1"]])
        text = "select 1"
        for _ in range(300):
            text = f"select (({text}))"
        self.assertEqual(self.client.query(text), [["1"]])

    def test_chains_of_common_tables(self):
        parts = ["a0 as (select 1 as x)"]
        parts += [f"a{i} as (select x + 1 as x from a{i - 1})" for i in range(1, 500)]
        self.assertEqual(self.client.query(f"with {', '.join(parts)} select x from a499"),
                         [["500"]])

    def test_views_on_views(self):
        self.client.query("create view v0 as select 1 as x")
        for i in range(1, 300):
            self.client.query(f"create view v{i} as select x from v{i - 1}")
        self.assertEqual(self.client.query("select x from v299"), [["1"]])
        self.client.query("drop view v0 cascade")

    def test_long_expressions(self):
        self.assertEqual(self.client.query("select " + " + ".join(["1"] * 3000)), [["3000"]])
        self.assertEqual(self.client.query("select " + "(" * 500 + "1" + ")" * 500), [["1"]])
        state = None
        try:
            self.client.query("select " + "-(" * 60000 + "1" + ")" * 60000)
        except wire.ServerSaid as said:
            state = said.sqlstate
        self.assertIn(state, (None, "54001"))
        self.assertEqual(self.client.query("select 1"), [["1"]])

    def test_planning_can_be_cancelled(self):
        joins = " cross join ".join(f"(select 1) a{i}" for i in range(6000))

        def cancel():
            time.sleep(0.5)
            with socket.create_connection((self.server.host, self.server.port)) as other:
                other.sendall(struct.pack(">iiii", 16, wire.CANCEL, self.client.process_id,
                                          self.client.secret))

        other = threading.Thread(target=cancel)
        other.start()
        begin = time.monotonic()
        try:
            self.client.query(f"select 1 from {joins}")
        except wire.ServerSaid as said:
            self.assertIn(said.sqlstate, ("57014", "54001"))
        other.join()
        self.assertLess(time.monotonic() - begin, 20)
        self.assertEqual(self.client.query("select 1"), [["1"]])


class Names(unittest.TestCase):
    """What is refused is called by the name that the user gave it."""

    def test_refusals(self):
        with Mortise(BUILD) as server, wire.connect(server) as client:
            for text, sqlstate, words in [
                ("create function f() returns int as $$ select 1 $$ language sql", "0A000",
                 "CREATE FUNCTION"),
                ("/* x */ create or replace procedure p() as $$ $$ language sql", "0A000",
                 "CREATE PROCEDURE"),
                ("do $$ begin end $$", "0A000", "DO is"),
                ("listen x", "0A000", "LISTEN"),
                ("create materialized view m as select 1", "0A000", "materialized view"),
                ("create table t (a json)", "0A000", "type json"),
                ("create table t (a money)", "0A000", "type money"),
                ("create table t (a jsno)", "42704", "jsno"),
                ("select b'01'", "0A000", "bit string"),
            ]:
                with self.subTest(text=text), self.assertRaises(wire.ServerSaid) as said:
                    client.query(text)
                self.assertEqual(said.exception.sqlstate, sqlstate, str(said.exception))
                self.assertIn(words, str(said.exception))
                self.assertNotIn("Stmt", str(said.exception))
            client.query("create table t (a int primary key, b int)")
            with self.assertRaises(wire.ServerSaid) as said:
                client.query("alter table t enable row level security")
            self.assertIn("ENABLE ROW SECURITY", str(said.exception))
            plan = [row[0] for row in client.query("explain (costs off) select b from t x "
                                                   "where a = 1 and b > 2")]
            text = "\n".join(plan)
            self.assertNotIn("#", text)
            client.query("insert into t select g, g from generate_series(1, 1000) g")
            text = "\n".join(
                row[0] for row in client.query("explain (costs off) select b from t where a = 1"))
            self.assertIn("t.a = 1", text)
            self.assertNotIn("Filter", text)
            with wire.connect(server) as other:
                other.query("begin; lock table t")
                client.query("set lock_timeout = '100ms'")
                with self.assertRaises(wire.ServerSaid) as said:
                    client.query("select * from t")
                self.assertEqual(said.exception.sqlstate, "55P03")
                self.assertIn('"t"', str(said.exception.fields))


def main():
    global BUILD
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True)
    options, rest = parser.parse_known_args()
    if Mortise.find(options.build) is None:
        print("skipped: Mortise or one of its plugins is not built, or there is no psql")
        return SKIPPED
    BUILD = options.build
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)
    return 0


if __name__ == "__main__":
    sys.exit(main())
