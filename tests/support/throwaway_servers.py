# SPDX-License-Identifier: Apache-2.0
"""Answers: how does a test get a server of its own that is gone afterwards?

`Postgres` starts the PostgreSQL 15 that Debian installs, `Mortise` the server of a build tree.
Each is a context manager with the same face: `host`, `port`, `user`, `database`, `dsn()`, `psql()`.
The data stands in a new temporary folder, the port is a free one on 127.0.0.1, durability is the
server's default (fsync on), authentication is trust on loopback.

A missing server is an answer, not an error: `Postgres.find()` and `Mortise.find()` give None, and a
test ends with SKIPPED, which CTest shows as skipped.
"""

import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

SKIPPED = 77  # the exit status that CTest is told to read as "skipped"

START_SECONDS_MAX = 60


class ServerError(Exception):
    """The server could not be started, or psql ended with an error; the text says why."""


def free_port():
    """Finds a port that nobody listens on.  Another process may take it before we do; then the
    start fails with a clear message and the test is run again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def psql_environment():
    """The caller's environment without what would redirect or reshape psql's answers."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    environment["PGCLIENTENCODING"] = "UTF8"
    environment["PGCONNECT_TIMEOUT"] = "10"
    environment["LC_ALL"] = "C.UTF-8"
    return environment


class Server:
    """What both servers have in common: an address, and psql."""

    host = "127.0.0.1"
    user = "postgres"
    database = "postgres"
    port = 0
    name = "server"

    def dsn(self):
        return f"host={self.host} port={self.port} user={self.user} dbname={self.database}"

    def psql(self, script, arguments=(), check=True):
        """Runs `script` in a psql of its own and gives the finished process.  With `check`, an
        error raises ServerError with psql's text."""
        command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", self.dsn()]
        done = subprocess.run(command + list(arguments), input=script, text=True,
                              capture_output=True, env=psql_environment(), check=False)
        if check and done.returncode != 0:
            raise ServerError(f"{self.name}: {done.stderr.strip()}")
        return done

    def wait_until_it_answers(self, process=None):
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            done = self.psql("select 1;", check=False)
            if done.returncode == 0 and done.stdout.strip() == "1":
                return
            if process is not None and process.poll() is not None:
                raise ServerError(f"{self.name} ended with status {process.returncode}")
            time.sleep(0.1)
        raise ServerError(f"{self.name} does not answer after {START_SECONDS_MAX} s: "
                          f"{done.stderr.strip()}")


class Postgres(Server):
    """PostgreSQL 15 with the given settings; C collation, UTF-8, pages with checksums."""

    name = "PostgreSQL"
    folder = pathlib.Path("/usr/lib/postgresql/15/bin")

    @classmethod
    def find(cls):
        """The folder of its programs, or None."""
        return cls.folder if (cls.folder / "initdb").exists() and shutil.which("psql") else None

    def __init__(self, settings=None):
        self.settings = dict(settings or {})
        self.root = None

    def _run(self, *command):
        # PostgreSQL refuses to run as root.
        prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        log = self.root / "log"
        with open(log, "ab") as output:  # a pipe would be held open by the server
            done = subprocess.run(prefix + [str(c) for c in command], stdout=output,
                                  stderr=subprocess.STDOUT, cwd=self.root, check=False)
        if done.returncode != 0:
            raise ServerError(f"{command[0]} failed:\n{log.read_text(errors='replace')[-2000:]}")

    def __enter__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="mortise-postgres-"))
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self.root, owner.pw_uid, owner.pw_gid)
        try:
            self.port = free_port()
            data = self.root / "data"
            self._run(self.folder / "initdb", "-D", data, "-U", "postgres", "-A", "trust",
                      "-E", "UTF8", "--locale=C", "--data-checksums", "--no-instructions")
            settings = {"listen_addresses": "127.0.0.1", "port": self.port,
                        "unix_socket_directories": "", "timezone": "UTC", **self.settings}
            with open(data / "postgresql.auto.conf", "a", encoding="utf-8") as conf:
                conf.writelines(f"{key} = '{value}'\n" for key, value in settings.items())
            self._run(self.folder / "pg_ctl", "-D", data, "-w", "-t", START_SECONDS_MAX,
                      "-l", self.root / "server.log", "start")
        except BaseException:
            shutil.rmtree(self.root, ignore_errors=True)
            raise
        return self

    def __exit__(self, *_):
        try:
            self._run(self.folder / "pg_ctl", "-D", self.root / "data", "-w", "-m", "immediate",
                      "stop")
        finally:
            shutil.rmtree(self.root, ignore_errors=True)


class Mortise(Server):
    """The server of a build tree (`build/release` of this checkout unless told otherwise)."""

    name = "Mortise"

    # A server that clients can use: a plugin whose dependency is missing is left out of a build.
    PLUGINS = ("dialect-postgres", "front-pgwire", "index-btree", "sql-catalog", "sql-engine",
               "sql-functions")

    @staticmethod
    def default_build():
        return pathlib.Path(__file__).resolve().parents[2] / "build" / "release"

    @classmethod
    def find(cls, build=None):
        """The folder of its programs, or None."""
        build = pathlib.Path(build or cls.default_build())
        folder = build / "bin"
        complete = (folder / "mortised").exists() and (folder / "mortise").exists()
        plugins = build / "lib" / "mortise" / "plugins"
        complete = complete and all((plugins / name).exists() for name in cls.PLUGINS)
        return folder if complete and shutil.which("psql") else None

    def __init__(self, build=None, plugin_set="default"):
        self.build = pathlib.Path(build or self.default_build())
        self.folder = self.find(build)
        self.plugin_set = plugin_set
        self.settings = {}  # for the next start
        self.environment = None  # that of the caller
        self.prefix = []  # of the commands: where they run
        self.preexec = None
        self.root = None
        self.data = None
        self.process = None

    def __enter__(self):
        try:
            self.create()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def create(self, folder=None):
        """Makes a data directory, in `folder` instead of a new temporary one if given."""
        if self.folder is None:
            raise ServerError("there is no built Mortise")
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="mortise-server-"))
        self.data = (folder or self.root) / "data"
        done = subprocess.run([*self.prefix, self.folder / "mortise", "init", "-D", self.data],
                              capture_output=True, text=True, check=False, env=self.environment)
        if done.returncode != 0:
            raise ServerError(f"mortise init failed: {done.stdout}{done.stderr}")

    def start(self):
        """Starts the server on the data that is there and waits until it answers."""
        self.begin_start()
        try:
            self.wait_until_it_answers(self.process)
        except ServerError as error:
            raise ServerError(f"{error}\n{self.log_tail()}") from None

    def begin_start(self):
        """Starts the server and does not wait."""
        self.port = free_port()
        settings = [part for name, value in self.settings.items() for part in
                    ("-c", f"{name}={value}")]
        with open(self.root / "server.log", "ab") as log:
            self.process = subprocess.Popen(
                [*self.prefix, self.folder / "mortised", "-D", self.data,
                 "--listen", f"{self.host}:{self.port}", "--set", self.plugin_set, *settings],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment,
                preexec_fn=self.preexec)

    def stop(self, how=signal.SIGTERM):
        """Ends the server; SIGKILL leaves its files as a crash would."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(START_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def log_tail(self):
        return (self.root / "server.log").read_text(errors="replace")[-4000:]

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)
