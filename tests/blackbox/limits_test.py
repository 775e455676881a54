# SPDX-License-Identifier: Apache-2.0
"""Goal: no client takes from the server what others need: sockets, descriptors, memory, time.

Method: servers with small limits; some clients behave badly, and one that behaves well has to be
served all the while.
"""

import argparse
import contextlib
import pathlib
import resource
import select
import struct
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
import wire  # noqa: E402
from throwaway_servers import SKIPPED, Mortise  # noqa: E402
from wire import message  # noqa: E402

BUILD = None
DEADLINE_SECONDS = 60


def resident_bytes(server):
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) \
        * 1024


def wait_until(is_true):
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not is_true():
        if time.monotonic() > deadline:
            raise AssertionError("it has not come to pass")
        time.sleep(0.01)


def send_as_far_as_taken(client, data):
    """Sends while the server reads; it may stop reading for good."""
    client.socket.setblocking(False)
    sent = 0
    while sent < len(data):
        _, writable, _ = select.select([], [client.socket], [], 1)
        if not writable:
            break
        sent += client.socket.send(data[sent:sent + 65536])
    client.socket.setblocking(True)
    return sent


class Limits(unittest.TestCase):
    def serve(self, settings=None, preexec=None):
        server = Mortise(BUILD)
        server.settings = settings or {}
        server.preexec = preexec
        self.addCleanup(server.__exit__)
        server.__enter__()
        return server

    def sockets(self, server, count):
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        return [stack.enter_context(wire.Wire(server)) for _ in range(count)]

    def metric(self, client, name):
        (row,) = client.query(
            f"select value from sys.metrics where scope = 'front-pgwire' and name = '{name}'")
        return int(float(row[0]))

    def errors_to_end(self, client):
        return [wire.ServerSaid(body).sqlstate
                for kind, body in client.read_to_end() if kind == b"E"]


class BeforeASession(Limits):
    def test_a_socket_that_says_nothing_is_closed_in_time(self):
        server = self.serve({"front-pgwire.authentication_timeout": "1s"})
        silent, slow = self.sockets(server, 2)
        slow.send(wire.startup_packet(user="postgres", database="postgres")[:-3])
        for client in (silent, slow):
            self.assertEqual(self.errors_to_end(client), ["57014"])
        with wire.connect(server) as good:
            self.assertEqual(good.query("select 1"), [["1"]])
            wait_until(lambda: self.metric(good, "unauthenticated") == 0)
            self.assertEqual(self.metric(good, "unauthenticated_closed_total"), 2)

    def test_a_session_outlives_the_time_for_getting_one(self):
        server = self.serve({"front-pgwire.authentication_timeout": "1s"})
        with wire.connect(server) as good:
            (silent,) = self.sockets(server, 1)
            self.errors_to_end(silent)  # the time is up
            self.assertEqual(good.query("select 1"), [["1"]])

    def test_sockets_that_say_nothing_keep_nobody_out(self):
        server = self.serve({"front-pgwire.connections": "40"})
        with wire.connect(server) as good:
            silent = self.sockets(server, 100)
            for _ in range(5):
                with wire.connect(server) as other:
                    self.assertEqual(other.query("select 1"), [["1"]])
            wait_until(lambda: self.metric(good, "unauthenticated") <= 32)
            self.assertGreaterEqual(self.metric(good, "unauthenticated_closed_total"), 68)
            self.assertEqual(self.errors_to_end(silent[0]), ["53300"])

    def test_a_cancel_request_works_when_all_connections_are_taken(self):
        server = self.serve({"front-pgwire.connections": "2"})
        with wire.connect(server) as first, wire.connect(server) as second:
            second.query("create table held (a int); insert into held values (1)")
            second.query("begin; update held set a = 2")
            with self.assertRaises(wire.ServerSaid) as raised:
                wire.connect(server).close()
            self.assertEqual(raised.exception.sqlstate, "53300")
            first.send(message(b"Q", b"update held set a = 3\0"))
            deadline = time.monotonic() + DEADLINE_SECONDS
            while not select.select([first.socket], [], [], 0.05)[0]:
                self.assertLess(time.monotonic(), deadline)
                with wire.Wire(server) as other:
                    other.send(struct.pack(">iiii", 16, wire.CANCEL, first.process_id,
                                           first.secret))
                    other.read_to_end()
            with self.assertRaises(wire.ServerSaid) as raised:
                first.read_until_ready()
            self.assertEqual(raised.exception.sqlstate, "57014")

    def test_a_first_packet_is_short(self):
        server = self.serve()
        (client,) = self.sockets(server, 1)
        client.send(struct.pack(">ii", 10_001, wire.PROTOCOL_3))
        self.assertEqual(self.errors_to_end(client), ["08P01"])

    def test_few_descriptors_leave_the_server_its_files(self):
        def few():
            resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))
        server = self.serve({"front-pgwire.connections": "5000"}, preexec=few)
        with wire.connect(server) as good:
            crowd = self.sockets(server, 250)
            for n in range(5):
                good.query(f"create table t{n} (a int primary key)")
                good.query(f"insert into t{n} select generate_series(1, 1000)")
            for one in crowd:
                one.close()
            with wire.connect(server) as other:
                self.assertEqual(other.query("select count(*) from t4"), [["1000"]])


class Memory(Limits):
    MIB = 1 << 20

    def test_a_message_that_was_announced_takes_no_memory(self):
        server = self.serve()
        with wire.connect(server) as good:
            before = resident_bytes(server)
            for client in self.sockets(server, 8):
                client.start()
                client.send(b"Q" + struct.pack(">i", 1 << 30) + b"select 1")
            self.assertEqual(good.query("select 1"), [["1"]])
            self.assertLess(resident_bytes(server) - before, 64 * self.MIB)

    def test_messages_that_grow_stay_within_the_budget(self):
        server = self.serve({"memory_budget": "400MiB", "buffer_pool_size": "64MiB"})
        with wire.connect(server) as good:
            good.query("create table t (a int)")
            before = resident_bytes(server)
            clients = self.sockets(server, 6)
            for client in clients:
                client.start()
                client.send(b"Q" + struct.pack(">i", 1 << 30))
                send_as_far_as_taken(client, b"x" * (100 * self.MIB))
            self.assertEqual(good.query("select count(*) from t"), [["0"]])
            self.assertLess(resident_bytes(server) - before, 600 * self.MIB)
            for client in clients:
                client.close()
            wait_until(lambda: int(good.query(
                "select used_bytes from sys.memory where account like '%front-pgwire'")[0][0]) == 0)

    def test_a_message_beyond_the_budget_is_an_error_and_the_session_goes_on(self):
        server = self.serve({"memory_budget": "200MiB", "buffer_pool_size": "16MiB"})
        with wire.connect(server) as client:
            client.send(message(b"Q", b"select '" + b"x" * (300 * self.MIB) + b"'\0"))
            with self.assertRaises(wire.ServerSaid) as raised:
                client.read_until_ready()
            self.assertEqual(raised.exception.sqlstate, "53200")
            self.assertEqual(client.query("select 1"), [["1"]])
            parse = message(b"P", b"\0select '" + b"x" * (300 * self.MIB) + b"'\0\0\0")
            client.send(parse + message(b"D", b"S\0") + message(b"S"))
            with self.assertRaises(wire.ServerSaid) as raised:
                client.read_until_ready()
            self.assertEqual(raised.exception.sqlstate, "53200")
            self.assertEqual(client.query("select 2"), [["2"]])


class Idling(Limits):
    @classmethod
    def setUpClass(cls):
        cls.server = Mortise(BUILD).__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def test_an_idle_session_is_ended(self):
        with wire.connect(self.server) as client:
            client.query("set idle_session_timeout = '100ms'")
            self.assertEqual(self.errors_to_end(client), ["57P05"])

    def test_an_idle_transaction_is_ended_and_taken_back(self):
        with wire.connect(self.server) as good, wire.connect(self.server) as client:
            good.query("create table idling (a int primary key)")
            client.query("set idle_in_transaction_session_timeout = 100")
            client.query("begin; insert into idling values (1)")
            self.assertEqual(self.errors_to_end(client), ["25P03"])
            good.query("insert into idling values (1)")  # waits until the other one is gone

    def test_each_limit_is_for_its_own_state(self):
        with wire.connect(self.server) as ended, wire.connect(self.server) as client:
            client.query("set idle_in_transaction_session_timeout = 100")
            ended.query("set idle_session_timeout = 300")
            self.errors_to_end(ended)
            self.assertEqual(client.query("select 1"), [["1"]])
            client.query("set idle_in_transaction_session_timeout = 0")
            client.query("set idle_session_timeout = 100; begin")
            with wire.connect(self.server) as ended:
                ended.query("set idle_session_timeout = 300")
                self.errors_to_end(ended)
            self.assertEqual(client.query("select 1"), [["1"]])

    def test_a_statement_that_takes_long_is_not_idle(self):
        with wire.connect(self.server) as holder, wire.connect(self.server) as client:
            holder.query("create table held (a int); insert into held values (1)")
            holder.query("begin; update held set a = 2")
            client.query("set idle_session_timeout = 200")
            client.send(message(b"Q", b"select a from held for update\0"))
            with wire.connect(self.server) as ended:
                ended.query("set idle_session_timeout = 500")
                self.errors_to_end(ended)
            holder.query("commit")
            self.assertEqual(client.read_message()[0], b"T")
            self.assertEqual(self.errors_to_end(client), ["57P05"])

    def test_a_limit_from_the_start_packet_holds(self):
        with wire.connect(self.server, options="-c idle_session_timeout=100ms") as client:
            self.assertEqual(self.errors_to_end(client), ["57P05"])


def main():
    global BUILD
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True)
    options, rest = parser.parse_known_args()
    BUILD = options.build
    if Mortise.find(BUILD) is None:
        print("skipped: Mortise or one of its plugins is not built, or there is no psql")
        return SKIPPED
    ended = unittest.main(argv=[sys.argv[0], *rest], verbosity=2, exit=False)
    return 0 if ended.result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
