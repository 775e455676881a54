# SPDX-License-Identifier: Apache-2.0
"""Goal: after kill -9 at any moment, every acknowledged commit is there and no other change.

Method: the real server on real files.  Several psql sessions insert, update, delete and roll back;
each keeps a model of what was acknowledged to it.  One session makes tables, one reads in
REPEATABLE READ. The server is killed at a random moment, sometimes again while it recovers, and
started on what is there, with a buffer pool of another size, so that pages also leave it; then
everything is compared with the models.  Every transaction writes to
three tables (a journal, a shared counter, rows of its own), so that a half one would show.  A
transaction whose commit was on its way may be there or not, but whole.

The seed is printed; --seed repeats the script of each session, not the interleaving.
"""

import argparse
import os
import pathlib
import random
import signal
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
import wire  # noqa: E402
from throwaway_servers import SKIPPED, Mortise, ServerError, psql_environment  # noqa: E402

COUNTERS = 5
WRITERS = 4
TAGS = ["red", "green", "blue"]
POOL_SIZES = ["1MiB", "2MiB", "8MiB", "128MiB"]


class Gone(Exception):
    """The session has ended: its server was killed, or something is wrong."""


class Wrong(Exception):
    """What this test is there to find."""


class Psql:
    """One psql that is told what to do piece by piece."""

    def __init__(self, server):
        self.process = subprocess.Popen(
            ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", server.dsn()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=psql_environment(),
        )
        self.pieces = 0
        self.said = []

    def run(self, script):
        """The lines that psql prints for the script; it has been executed whole."""
        self.pieces += 1
        marker = f"-- piece {self.pieces} --"
        try:
            self.process.stdin.write(f"{script}\nselect '{marker}';\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Gone("".join(self.said) + self.process.stdout.read()) from None
        lines = []
        for line in self.process.stdout:
            if line.rstrip("\n") == marker:
                return lines
            lines.append(line.rstrip("\n"))
        raise Gone("\n".join(lines))

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass


class Writer:
    """A session and its model: rows {id: (amount, tag)}, acknowledged journal entries."""

    def __init__(self, number, seed):
        self.number = number
        self.random = random.Random(seed * 1000 + number)
        self.rows = {}
        self.journal = {}  # seq -> (counter, delta)
        self.next_seq = 1
        self.next_id = number * 1_000_000 + 1
        self.pending = None  # (seq, entry, rows) of a commit that was not answered
        self.commits = self.rollbacks = 0

    def transaction(self):
        """The text of a transaction without its end, and what it leads to."""
        rows = dict(self.rows)
        pick = self.random
        seq, self.next_seq = self.next_seq, self.next_seq + 1
        entry = (pick.randrange(COUNTERS), pick.randint(-50, 50))
        lines = [
            "begin;",
            f"insert into journal values ({self.number}, {seq}, {entry[0]}, {entry[1]});",
        ]
        for _ in range(pick.randint(0, 6)):
            lines += self.change(rows)
        if pick.random() < 0.3:
            lines += ["savepoint s;"]
            lines += [line for _ in range(3) for line in self.change(dict(rows))]
            lines += ["rollback to savepoint s;"]
        lines.append(f"update counter set n = n + {entry[1]} where k = {entry[0]};")
        return seq, entry, rows, lines

    def change(self, rows):
        pick = self.random
        kind = pick.random()
        if kind < 0.5 or not rows:
            key, self.next_id = self.next_id, self.next_id + 1
            amount, tag = pick.randint(0, 10**9), pick.choice(TAGS)
            rows[key] = (amount, tag)
            note = "n" * (pick.choice([10, 100, 9000]) if pick.random() < 0.2 else 20)
            return [f"insert into own values ({key}, {amount}, '{tag}', '{note}');"]
        key = pick.choice(sorted(rows))
        if kind < 0.85:
            amount, tag = pick.randint(0, 10**9), pick.choice(TAGS)
            rows[key] = (amount, tag)
            return [f"update own set amount = {amount}, tag = '{tag}' where id = {key};"]
        del rows[key]
        return [f"delete from own where id = {key};"]

    def work(self, psql):
        while True:
            seq, entry, rows, lines = self.transaction()
            if self.random.random() < 0.25:
                psql.run("\n".join(lines + ["rollback;"]))
                self.rollbacks += 1
                continue
            self.pending = (seq, entry, rows)
            psql.run("\n".join(lines + ["commit;"]))
            self.journal[seq] = entry
            self.rows = rows
            self.pending = None
            self.commits += 1

    def settle(self, client):
        """After a restart: the acknowledged entries are there, and perhaps the pending one."""
        found = {
            int(seq): (int(k), int(delta))
            for seq, k, delta in client.query(
                f"select seq, k, delta from journal where session = {self.number}"
            )
        }
        if self.pending is not None:
            seq, entry, rows = self.pending
            if seq in found:
                self.journal[seq] = entry
                self.rows = rows
            self.pending = None
        if found != self.journal:
            lost = sorted(set(self.journal) - set(found))
            extra = sorted(set(found) - set(self.journal))
            other = {
                seq: (found[seq], self.journal[seq])
                for seq in set(found) & set(self.journal)
                if found[seq] != self.journal[seq]
            }
            raise Wrong(
                f"session {self.number}: lost commits {lost}, unknown ones {extra}, "
                f"other than acknowledged {other}"
            )
        self.compare_rows(client)

    def compare_rows(self, client):
        low = self.number * 1_000_000
        inside = f"id between {low} and {low + 999_999}"
        found = {
            int(key): (int(amount), tag)
            for key, amount, tag in client.query(f"select id, amount, tag from own where {inside}")
        }
        if found != self.rows:
            wrong = {k for k in set(found) | set(self.rows) if found.get(k) != self.rows.get(k)}
            raise Wrong(
                f"session {self.number}: rows {sorted(wrong)[:10]} are "
                f"{[found.get(k) for k in sorted(wrong)[:10]]}, acknowledged were "
                f"{[self.rows.get(k) for k in sorted(wrong)[:10]]}"
            )
        for key in self.random.sample(sorted(self.rows), min(20, len(self.rows))):
            if client.query(f"select amount from own where id = {key}") != [
                [str(self.rows[key][0])]
            ]:
                raise Wrong(f"session {self.number}: the index does not find row {key}")
        for tag in TAGS:
            ids = sorted(k for k, row in self.rows.items() if row[1] == tag)
            told = client.query(f"select id from own where tag = '{tag}' and {inside} order by id")
            if [int(row[0]) for row in told] != ids:
                raise Wrong(f"session {self.number}: the index on tag disagrees for {tag}")


class TableMaker:
    """Makes tables in transactions that commit or not."""

    def __init__(self, seed):
        self.random = random.Random(seed * 1000 + 99)
        self.next = 1
        self.there, self.absent = [], []
        self.pending = None

    def work(self, psql):
        while True:
            number, self.next = self.next, self.next + 1
            commits = self.random.random() < 0.6
            script = (
                f"begin; create table made_{number} (a int primary key, b text);\n"
                f"insert into made_{number} values (1, 'x'), (2, 'y');\n"
            )
            if not commits:
                psql.run(script + "rollback;")
                self.absent.append(number)
                continue
            self.pending = number
            psql.run(script + "commit;")
            self.there.append(number)
            self.pending = None

    def exists(self, client, number):
        try:
            return client.query(f"select a, b from made_{number} order by a")
        except wire.ServerSaid as error:
            if error.sqlstate != "42P01":
                raise
            return None

    def settle(self, client):
        if self.pending is not None:
            is_there = self.exists(client, self.pending) is not None
            (self.there if is_there else self.absent).append(self.pending)
            self.pending = None
        for number in self.there:
            if self.exists(client, number) != [["1", "x"], ["2", "y"]]:
                raise Wrong(f"table made_{number} was committed and is not there as it was")
        for number in self.absent:
            if self.exists(client, number) is not None:
                raise Wrong(f"table made_{number} was rolled back and is there")
        # Few are kept, so that a round stays short.
        for number in self.there[:-5]:
            client.query(f"drop table made_{number}")
        self.absent = self.absent[-10:] + self.there[:-5]
        self.there = self.there[-5:]


def read_consistently(psql, errors):
    """The journal and the counters agree in every snapshot."""
    while True:
        lines = psql.run(
            "begin isolation level repeatable read;\n"
            "select coalesce(sum(delta), 0) from journal;\n"
            "select sum(n) from counter;\ncommit;"
        )
        if lines[0] != lines[1]:
            errors.append(
                f"a snapshot has {lines[0]} in the journal and {lines[1]} in the counters"
            )
            return


class Round:
    """Sessions at work until their server is killed."""

    def __init__(self, server, writers, maker):
        self.server = server
        self.errors = []
        self.is_over = False
        bodies = [writer.work for writer in writers] + [maker.work]
        bodies.append(lambda psql: read_consistently(psql, self.errors))
        self.sessions = [Psql(server) for _ in bodies]
        self.threads = [
            threading.Thread(target=self.run, args=pair) for pair in zip(bodies, self.sessions)
        ]

    def run(self, body, psql):
        try:
            body(psql)
        except Gone as ended:
            if not self.is_over:
                self.errors.append(f"a session ended while the server ran: {ended}")
        except Exception as error:  # reported by the main thread
            self.errors.append(repr(error))

    def play(self, seconds):
        for thread in self.threads:
            thread.start()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not self.errors:
            time.sleep(0.01)
        died = self.server.process.poll()
        self.is_over = True
        self.server.stop(signal.SIGKILL)
        for thread in self.threads:
            thread.join()
        for session in self.sessions:
            session.end()
        if died is not None:
            raise Wrong(f"the server ended by itself, status {died}\n{self.server.log_tail()}")
        if self.errors:
            raise Wrong("\n".join(self.errors))


def set_up(client):
    client.query(
        "create table journal (session int, seq int, k int, delta bigint,"
        " primary key (session, seq))"
    )
    client.query("create table counter (k int primary key, n bigint not null)")
    client.query(
        "create table own (id bigint primary key, amount bigint not null,"
        " tag text not null, note text)"
    )
    client.query("create index own_tag on own (tag)")
    client.query("insert into counter values " + ", ".join(f"({k}, 0)" for k in range(COUNTERS)))


def check_counters(client, writers):
    expected = [0] * COUNTERS
    for writer in writers:
        for counter, delta in writer.journal.values():
            expected[counter] += delta
    found = [int(n) for _, n in client.query("select k, n from counter order by k")]
    if found != expected:
        raise Wrong(f"the counters are {found}, acknowledged was {expected}")


def restart(server, pick):
    """Starts the server again; now and then it is killed before it answers."""
    kills = 0
    server.settings["buffer_pool_size"] = pick.choice(POOL_SIZES)
    while pick.random() < 0.4:
        server.begin_start()
        time.sleep(pick.random() * 0.4)
        server.stop(signal.SIGKILL)
        kills += 1
    server.start()
    return kills


def run(options):
    pick = random.Random(options.seed)
    writers = [Writer(number, options.seed) for number in range(1, WRITERS + 1)]
    maker = TableMaker(options.seed)
    rounds = kills = 0
    with Mortise(options.build) as server:
        with wire.connect(server) as client:
            set_up(client)
        while rounds < options.rounds:
            Round(server, writers, maker).play(0.3 + pick.random() * 2)
            kills += 1 + restart(server, pick)
            with wire.connect(server) as client:
                for writer in writers:
                    writer.settle(client)
                maker.settle(client)
                check_counters(client, writers)
            rounds += 1
    print(
        f"{rounds} rounds, {kills} kills, {sum(w.commits for w in writers)} commits and "
        f"{sum(w.rollbacks for w in writers)} rollbacks acknowledged, "
        f"{maker.next - 1} tables made or not"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--rounds", type=int, default=4, help="how many times it is killed at work")
    options = parser.parse_args()
    if Mortise.find(options.build) is None:
        print("skipped: Mortise or one of its plugins is not built, or there is no psql")
        return SKIPPED
    print(f"seed {options.seed}", flush=True)
    try:
        run(options)
    except (Wrong, ServerError, wire.ServerSaid, ConnectionError) as error:
        print(f"FAILED (seed {options.seed}): {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
