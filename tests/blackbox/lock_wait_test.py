# SPDX-License-Identifier: Apache-2.0
"""Goal: a statement that has waited for a lock goes on with what the other transaction left behind.

Method: two or three sessions on one server.  One holds a table, another's statement is seen to wait
for it, the first commits, and then the rows, the indexes and the constraints say whether the second
one has seen the commit.  At the end many sessions define and change the same tables at random; only
errors that PostgreSQL gives may appear.
"""

import argparse
import pathlib
import random
import sys
import threading
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
import wire  # noqa: E402
from throwaway_servers import SKIPPED, Mortise  # noqa: E402

BUILD = None
WAIT_SECONDS_MAX = 20


class Scene(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Mortise(BUILD)
        cls.server.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def setUp(self):
        self.a = self.client()
        self.b = self.client()

    def client(self):
        made = wire.connect(self.server)
        self.addCleanup(made.close)
        return made

    def later(self, client, *statements):
        """Runs statements in a thread; `join` gives the rows of the last one, or raises."""
        return Later(client, statements)

    def scalar(self, client, text):
        rows = client.query(text)
        return rows[0][0] if rows else None


class Later:
    def __init__(self, client, statements):
        self.rows = self.error = None
        self.thread = threading.Thread(target=self.run, args=(client, statements))
        self.thread.start()

    def run(self, client, statements):
        try:
            for one in statements:
                self.rows = client.query(one)
        except wire.ServerSaid as error:
            self.error = error

    def is_waiting(self):
        self.thread.join(0.3)
        return self.thread.is_alive()

    def join(self):
        self.thread.join(WAIT_SECONDS_MAX)
        assert not self.thread.is_alive(), "still waiting"
        if self.error:
            raise self.error
        return self.rows


# What may wait for the table while a row is added, and what then tells that the row was seen.
DEFINITIONS = {
    "alter column k type": ("alter table t alter v type text", None),
    "add generated column": (
        "alter table t add g int generated always as (i * 2) stored",
        "select g from t where i = 5",
    ),
    "add volatile default": (
        "alter table t add r float8 default random()",
        "select count(r) from t",
    ),
    "create index": ("create index t_i on t (i)", None),
    "create unique index": ("create unique index t_u on t (i)", None),
    "add primary key": ("alter table t add primary key (i)", None),
    "add unique": ("alter table t add unique (i)", None),
    "reindex": ("reindex table t", None),
    "add column": ("alter table t add c int default 7", "select count(c) from t"),
    "drop column": ("alter table t drop v", None),
    "rename column": ("alter table t rename v to w", None),
}

# The added row makes these fail.
VALIDATIONS = {
    "add check": ("alter table t add check (v < 50)", "23514"),
    "set not null": ("alter table t alter n set not null", "23502"),
    "add primary key": ("alter table t add primary key (same)", "23505"),
    "create unique index": ("create unique index on t (same)", "23505"),
}


class DefinitionsSeeWhatTheyWaitedFor(Scene):
    def prepare(self, isolation):
        self.a.query("drop table if exists t")
        self.a.query("create table t (i int, v int, n int, same int)")
        self.a.query("insert into t select g, g, g, g from generate_series(1, 4) g")
        self.b.query(f"begin isolation level {isolation}")
        if isolation == "repeatable read":
            self.b.query("select 1 as takes_the_snapshot")
        self.a.query("begin")
        self.a.query("insert into t values (5, 99, null, 1)")

    def test_definitions(self):
        for isolation in ("read committed", "repeatable read"):
            for name, (statement, probe) in DEFINITIONS.items():
                with self.subTest(name=name, isolation=isolation):
                    self.prepare(isolation)
                    waiting = self.later(self.b, statement)
                    self.assertTrue(waiting.is_waiting())
                    self.a.query("commit")
                    waiting.join()
                    self.b.query("commit")
                    self.assertEqual(self.scalar(self.a, "select count(*) from t"), "5")
                    self.assertEqual(self.scalar(self.a, "select count(*) from t where i = 5"), "1")
                    if probe:
                        self.assertNotIn(self.scalar(self.a, probe), (None, "4"))

    def test_validations(self):
        for isolation in ("read committed", "repeatable read"):
            for name, (statement, sqlstate) in VALIDATIONS.items():
                with self.subTest(name=name, isolation=isolation):
                    self.prepare(isolation)
                    waiting = self.later(self.b, statement)
                    self.assertTrue(waiting.is_waiting())
                    self.a.query("commit")
                    with self.assertRaises(wire.ServerSaid) as said:
                        waiting.join()
                    self.assertEqual(said.exception.sqlstate, sqlstate)
                    self.b.query("rollback")

    def test_a_validated_constraint_sees_the_row(self):
        self.prepare("read committed")
        self.a.query("rollback")
        self.b.query("rollback")
        self.b.query("alter table t add constraint small check (v < 50) not valid")
        self.b.query("alter table t drop constraint small")
        self.a.query("begin")
        self.a.query("insert into t values (5, 99, null, 1)")
        waiting = self.later(
            self.b, "alter table t add constraint small check (v < 50) not valid",
            "alter table t validate constraint small")
        self.assertTrue(waiting.is_waiting())
        self.a.query("commit")
        with self.assertRaises(wire.ServerSaid) as said:
            waiting.join()
        self.assertEqual(said.exception.sqlstate, "23514")


class StatementsSeeWhatTheyWaitedFor(Scene):
    STATEMENTS = {
        "select": ("select count(*) from m", None, "5"),
        "update": ("update m set v = 0", "select count(*) from m where v = 0", "5"),
        "delete": ("delete from m", "select count(*) from m", "0"),
        "insert from select": ("insert into o select i from m", "select count(*) from o", "5"),
        "create table as": ("create table made as select * from m", "select count(*) from made",
                            "5"),
        "lock and select": ("lock table m in access share mode; select count(*) from m", None,
                            "5"),
        "copy": ("copy (select i from m where i = 5) to stdout; select count(*) from m", None, "5"),
        "explain analyze": ("explain (analyze, costs off, timing off) update m set v = 0",
                            "select count(*) from m where v = 0", "5"),
    }

    def test_statements(self):
        for isolation in ("read committed", "repeatable read"):
            for name, (statement, probe, expected) in self.STATEMENTS.items():
                with self.subTest(name=name, isolation=isolation):
                    self.a.query("drop table if exists m, o, made")
                    self.a.query("create table m (i int, v int)")
                    self.a.query("create table o (i int)")
                    self.a.query("insert into m select g, g from generate_series(1, 4) g")
                    self.a.query("begin")
                    self.a.query("lock table m")
                    self.a.query("insert into m values (5, 5)")
                    self.b.query(f"begin isolation level {isolation}")
                    waiting = self.later(self.b, statement)
                    self.assertTrue(waiting.is_waiting())
                    self.a.query("commit")
                    rows = waiting.join()
                    if probe:
                        rows = self.b.query(probe)
                    self.assertEqual(rows[-1][0], expected)
                    self.b.query("commit")

    def test_rows_of_a_changed_table_have_its_new_columns(self):
        for way in ("select * from m", "insert into m (i) values (1) returning *",
                    "update m set i = 9 returning *"):
            with self.subTest(way=way):
                self.a.query("drop table if exists m")
                self.a.query("create table m (i int, v int)")
                self.a.query("insert into m values (1, 2)")
                self.a.query("begin")
                self.a.query("alter table m add c int default 3")
                waiting = self.later(self.b, way)
                self.assertTrue(waiting.is_waiting())
                self.a.query("commit")
                self.assertEqual(len(waiting.join()[0]), 3)

    def test_an_advisory_lock_shows_what_its_holder_did(self):
        self.a.query("drop table if exists m")
        self.a.query("create table m (i int)")
        try:
            self.a.query("begin; select pg_advisory_xact_lock(7)")
        except wire.ServerSaid as said:
            self.skipTest(str(said))
        self.a.query("insert into m values (1)")
        waiting = self.later(self.b, "select pg_advisory_xact_lock(7)",
                             "select count(*) from m")
        self.a.query("commit")
        self.assertEqual(waiting.join()[0][0], "1")


class IndexesAndOldSnapshots(Scene):
    def test_an_index_made_later_hides_nothing_from_an_old_snapshot(self):
        self.a.query("drop table if exists k")
        self.a.query("create table k (id int, v int)")
        self.a.query("insert into k select g, g from generate_series(1, 5000) g")
        self.a.query("begin isolation level repeatable read")
        self.a.query("select count(*) from k where v = 1")
        self.b.query("update k set v = v + 10000")
        self.b.query("create index k_v on k (v)")
        self.b.query("create unique index k_id on k (id)")
        self.assertEqual(self.a.query("select id from k where v = 1"), [["1"]])
        self.assertEqual(self.a.query("select v from k where id = 7"), [["7"]])
        self.assertEqual(
            self.scalar(self.a, "select count(*) from generate_series(1, 3) g join k on v = g"),
            "3")
        self.a.query("commit")
        self.assertEqual(self.a.query("select id from k where v = 1"), [])
        self.assertEqual(self.a.query("select id from k where v = 10001"), [["1"]])
        plan = "\n".join(row[0] for row in self.a.query("explain select id from k where v = 10001"))
        self.assertIn("k_v", plan)

    def test_reindex_hides_nothing_from_an_old_snapshot(self):
        self.a.query("drop table if exists k")
        self.a.query("create table k (id int, v int)")
        self.a.query("create index k_v on k (v)")
        self.a.query("insert into k select g, g from generate_series(1, 5000) g")
        self.a.query("begin isolation level repeatable read")
        self.assertEqual(self.a.query("select id from k where v = 1"), [["1"]])
        self.b.query("update k set v = v + 10000")
        waiting = self.later(self.b, "reindex table k")
        if not waiting.is_waiting():
            self.assertEqual(self.a.query("select id from k where v = 1"), [["1"]])
        self.a.query("commit")
        waiting.join()
        self.assertEqual(self.a.query("select id from k where v = 10001"), [["1"]])


# What PostgreSQL answers, too, when definitions and changes run side by side.
STATES_EXPECTED = {
    "40P01",  # deadlock
    "42P01",  # the table is not there just now
    "42P07",  # or there already
    "42703",  # or has not that column
    "42701",  # or has it already
    "42704",  # or not that index
}


class ManySessions(Scene):
    SECONDS = 6
    TABLES = ["s0", "s1", "s2"]

    def definition(self, dice):
        t = dice.choice(self.TABLES)
        return dice.choice([
            f"create table if not exists {t} (id int, v int)",
            f"create table if not exists {t} (id int, v int)",
            f"drop table if exists {t}",
            f"alter table {t} add column if not exists c int default 1",
            f"alter table {t} drop column if exists c",
            f"create index if not exists {t}_v on {t} (v)",
            f"drop index if exists {t}_v",
            f"alter table {t} alter v type bigint",
            f"alter table {t} alter v type int",
            f"create or replace view {t}_w as select id from {t}",
            f"drop view if exists {t}_w",
            f"truncate {t}",
            f"comment on table {t} is 'x'",
        ])

    def change(self, dice):
        t = dice.choice(self.TABLES)
        i = dice.randrange(50)
        return dice.choice([
            f"insert into {t} (id, v) values ({i}, {i})",
            f"update {t} set v = {i} where id = {i}",
            f"update {t} set v = {i}",
            f"delete from {t} where v = {i}",
            f"select * from {t} where v = {i}",
            f"select * from {t}",
            f"select count(*) from {t}",
        ])

    def run_session(self, make, seed, failures, counts):
        dice = random.Random(seed)
        with wire.connect(self.server) as client:
            until = time.monotonic() + self.SECONDS
            while time.monotonic() < until:
                statement = make(dice)
                try:
                    client.query(statement)
                    counts[0] += 1
                except wire.ServerSaid as said:
                    counts[1] += 1
                    if said.sqlstate not in STATES_EXPECTED:
                        # a view stands on the table
                        if said.sqlstate in ("2BP01", "0A000") and "view" in str(said.fields):
                            continue
                        failures.append(f"{statement}: {said} {said.fields.get('D', '')}")
                except ConnectionError as error:
                    failures.append(f"{statement}: {error}")
                    return

    def test_only_expected_errors(self):
        seed = random.randrange(1 << 30)
        print(f"seed {seed}")
        failures, counts = [], [0, 0]
        makers = [self.definition] * 3 + [self.change] * 6
        threads = [
            threading.Thread(target=self.run_session, args=(make, seed + i, failures, counts))
            for i, make in enumerate(makers)
        ]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        print(f"{counts[0]} statements done, {counts[1]} refused as expected")
        self.assertEqual(sorted(set(failures))[:10], [])
        self.assertGreater(counts[0], 100)


class PreparedStatements(Scene):
    """Parse, Describe, Bind and Execute as drivers send them."""

    def exchange(self, client, *messages):
        for one in messages:
            client.send(one)
        client.send(wire.message(b"S"))
        return client.read_until_ready()

    @staticmethod
    def parse(name, text):
        return wire.message(b"P", name.encode() + b"\0" + text.encode() + b"\0\0\0")

    @staticmethod
    def bind(portal, name):
        return wire.message(b"B", portal.encode() + b"\0" + name.encode() + b"\0" + b"\0\0" * 3)

    @staticmethod
    def execute(portal, rows=0):
        return wire.message(b"E", portal.encode() + b"\0" + rows.to_bytes(4, "big"))

    def test_a_row_of_another_shape_is_refused(self):
        for name in ("", "mine"):
            with self.subTest(name=name):
                self.a.query("drop table if exists p")
                self.a.query("create table p (i int)")
                self.a.query("insert into p values (1)")
                self.exchange(self.b, self.parse(name, "select * from p"))
                self.a.query("alter table p add c int")
                with self.assertRaises(wire.ServerSaid) as said:
                    self.exchange(self.b, self.bind("", name), self.execute(""))
                self.assertEqual(said.exception.sqlstate, "0A000")
                self.assertIn("cached plan must not change result type", str(said.exception))

    def test_execute_refuses_a_row_of_another_shape(self):
        self.a.query("drop table if exists p")
        self.a.query("create table p (i int)")
        self.b.query("prepare q as select * from p")
        self.assertEqual(self.b.query("execute q"), [])
        self.a.query("alter table p alter i type text")
        with self.assertRaises(wire.ServerSaid) as said:
            self.b.query("execute q")
        self.assertEqual(said.exception.sqlstate, "0A000")

    def test_a_statement_of_the_same_shape_goes_on(self):
        self.a.query("drop table if exists p")
        self.a.query("create table p (i int, v int)")
        self.a.query("insert into p values (1, 2)")
        self.exchange(self.b, self.parse("same", "select i from p"))
        self.a.query("alter table p add c int")
        rows = self.exchange(self.b, self.bind("", "same"), self.execute(""))
        self.assertIn(b"D", [kind for kind, _ in rows])

    def test_a_named_portal_outlives_the_unnamed_statement(self):
        self.b.query("begin")
        self.exchange(self.b, self.parse("", "select g from generate_series(1, 5) g"),
                      self.bind("c1", ""), self.execute("c1", 2))
        self.exchange(self.b, self.parse("", "select 1"), self.bind("", ""), self.execute(""))
        rows = self.exchange(self.b, self.execute("c1", 2))
        self.assertEqual([wire.row_of(body) for kind, body in rows if kind == b"D"],
                         [["3"], ["4"]])
        self.b.query("commit")


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
