# SPDX-License-Identifier: Apache-2.0
"""Answers: how does a test speak PostgreSQL's protocol byte by byte, also wrongly?

`Wire` is a connection over a plain socket.  `start` and `query` do what a client does; `send` sends
anything.  `read_message` gives the type and the body of one message, or None at the end of the
stream; `read_to_end` all that still comes.  An error that the server reports is a `ServerSaid`.
"""

import socket
import struct

PROTOCOL_3 = 196608
CANCEL = 80877102
SSL = 80877103

TIMEOUT_SECONDS = 30


class ServerSaid(Exception):
    """ErrorResponse: its fields by their letters."""

    def __init__(self, body):
        self.fields = fields_of(body)
        super().__init__(f"{self.sqlstate}: {self.fields.get('M')}")

    @property
    def sqlstate(self):
        return self.fields.get("C")


def fields_of(body):
    """Of an ErrorResponse or NoticeResponse."""
    fields = {}
    for piece in body.split(b"\0"):
        if piece:
            fields[chr(piece[0])] = piece[1:].decode()
    return fields


def message(kind, body=b""):
    return kind + struct.pack(">i", len(body) + 4) + body


def startup_packet(version=PROTOCOL_3, **parameters):
    body = struct.pack(">i", version)
    for name, value in parameters.items():
        body += name.encode() + b"\0" + value.encode() + b"\0"
    body += b"\0"
    return struct.pack(">i", len(body) + 4) + body


class Wire:
    def __init__(self, server):
        self.server = server
        self.socket = socket.create_connection((server.host, server.port), TIMEOUT_SECONDS)
        self.buffer = b""
        self.process_id = self.secret = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def end_sending(self):
        """Says that nothing more comes; the other direction stays open."""
        self.socket.shutdown(socket.SHUT_WR)

    def _fill(self):
        try:
            piece = self.socket.recv(65536)
        except ConnectionResetError:
            piece = b""
        self.buffer += piece
        return bool(piece)

    def read_message(self):
        while len(self.buffer) < 5 or len(self.buffer) < 1 + self._length():
            if not self._fill():
                return None
        end = 1 + self._length()
        kind, body = self.buffer[:1], self.buffer[5:end]
        self.buffer = self.buffer[end:]
        return kind, body

    def _length(self):
        return struct.unpack(">i", self.buffer[1:5])[0]

    def read_to_end(self):
        """All messages up to the end of the stream, which the server has to bring about."""
        messages = []
        while True:
            one = self.read_message()
            if one is None:
                return messages
            messages.append(one)

    def start(self, **parameters):
        self.send(
            startup_packet(
                **{"user": self.server.user, "database": self.server.database, **parameters}
            )
        )
        return self.read_until_ready()

    def read_until_ready(self):
        """The messages before ReadyForQuery.  An error among them is raised, when all is read."""
        messages, error = [], None
        while True:
            one = self.read_message()
            if one is None:
                raise error or ConnectionError("the server has closed the connection")
            kind, body = one
            if kind == b"K":
                self.process_id, self.secret = struct.unpack(">ii", body)
            elif kind == b"E":
                error = ServerSaid(body)
            elif kind == b"Z":
                if error:
                    raise error
                return messages
            messages.append(one)

    def query(self, text):
        """Rows as lists of texts (None for null)."""
        self.send(message(b"Q", text.encode() + b"\0"))
        return [row_of(body) for kind, body in self.read_until_ready() if kind == b"D"]


def row_of(body):
    (count,) = struct.unpack(">h", body[:2])
    at, row = 2, []
    for _ in range(count):
        (size,) = struct.unpack(">i", body[at : at + 4])
        at += 4
        row.append(None if size < 0 else body[at : at + size].decode())
        at += max(size, 0)
    return row


def connect(server, **parameters):
    wire = Wire(server)
    try:
        wire.start(**parameters)
    except BaseException:
        wire.close()
        raise
    return wire
