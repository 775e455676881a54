# SPDX-License-Identifier: Apache-2.0
"""Goal: a server that cannot serve says why in one line and ends; what it has stored stays whole.

Method: the built programs on throwaway data directories with one thing wrong each: manifests,
settings, plugins, the directory, its files, the port, the disk.
"""

import argparse
import ctypes
import os
import pathlib
import resource
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
import wire  # noqa: E402
from throwaway_servers import SKIPPED, Mortise, free_port  # noqa: E402

BUILD = None
SQL_PLUGINS = ["dialect-postgres", "sql-functions", "sql-engine", "front-pgwire"]
EXIT_USAGE, EXIT_IN_USE, EXIT_DIRECTORY = 2, 3, 4
EXIT_REFUSED, EXIT_DISK_FULL = 5, 6  # by the operating system
PAGE_BYTES = 4096
NOBODY = 65534
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2  # <linux/capability.h>


class Scene(unittest.TestCase):
    """A data directory of its own in a folder of its own; `stored` gives it content first."""

    def setUp(self):
        self.server = Mortise(BUILD)
        self.server.create()
        self.addCleanup(self.server.__exit__)
        self.data = self.server.root / "data"
        self.bin = self.server.folder

    def stored(self, *statements):
        """Runs the statements on a server that is stopped afterwards."""
        self.server.start()
        with wire.connect(self.server) as client:
            for statement in statements:
                client.query(statement)
        self.server.stop()

    def refused(self, code, *arguments, program="mortised", **how):
        """The one line of a program that ends with `code`."""
        if program == "mortised":
            arguments = ("-D", self.data, *arguments)
            if "--listen" not in arguments:
                arguments = (*arguments, "--listen", f"127.0.0.1:{free_port()}")
        done = subprocess.run([self.bin / program, *arguments], capture_output=True, text=True,
                              check=False, timeout=60, **how)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        lines = [line for line in done.stderr.splitlines() if line.startswith(f"{program}: ")]
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertEqual(done.stderr.splitlines()[-1], lines[0], done.stderr)
        return lines[0]

    def still_serves(self):
        self.server.start()
        with wire.connect(self.server) as client:
            self.assertEqual(client.query("select 1"), [["1"]])
        self.server.stop()

    def write_set(self, plugins, more=""):
        path = self.server.root / "mine.toml"
        names = ", ".join(f'"{name}"' for name in plugins)
        path.write_text(f'manifest_version = 1\nname = "mine"\nplugins = [{names}]\n{more}')
        return path


class Manifests(Scene):
    def test_an_unknown_key_of_a_set_names_file_line_and_the_nearest(self):
        path = self.write_set(SQL_PLUGINS, 'inclde = ["default"]\n')
        self.assertIn("mine.toml:4: unknown key 'inclde' (did you mean 'include'?)",
                      self.refused(EXIT_USAGE, "--set", path))
        self.still_serves()

    def manifests_with(self, name, text):
        """The environment of a server whose operator's manifest of this name says this."""
        folder = self.server.root / "manifests"
        shutil.copytree(self.source_manifests(), folder)
        (folder / name).write_text(text)
        return {**os.environ, "MORTISE_PLUGIN_MANIFESTS": str(folder)}

    @staticmethod
    def source_manifests():
        return HERE.parents[1] / "plugin-manifests"

    def test_an_unknown_key_of_an_operators_manifest_is_named(self):
        environment = self.manifests_with(
            "front-pgwire.toml",
            'manifest_version = 1\nplugin = "front-pgwire"\nrequird = true\n')
        self.assertIn("front-pgwire.toml:3: unknown key 'requird' (did you mean 'required'?)",
                      self.refused(EXIT_USAGE, env=environment))

    def test_an_unknown_setting_of_an_operators_manifest_is_named(self):
        environment = self.manifests_with(
            "front-pgwire.toml",
            'manifest_version = 1\nplugin = "front-pgwire"\n[settings]\nprt = 1\n')
        line = self.refused(EXIT_USAGE, env=environment)
        self.assertIn("front-pgwire.toml:4: unknown setting 'front-pgwire.prt' "
                      "(did you mean 'front-pgwire.port'?)", line)

    def test_an_unknown_setting_of_the_directory_is_named(self):
        path = self.data / "mortise.toml"
        path.write_text("bufer_pool_size = '1GiB'\n" + path.read_text())
        self.assertIn("mortise.toml:1: unknown setting 'bufer_pool_size' "
                      "(did you mean 'buffer_pool_size'?)", self.refused(EXIT_USAGE))

    def test_a_file_that_is_no_toml_is_named_with_its_line(self):
        path = self.write_set(SQL_PLUGINS, "include = [\n")
        self.assertRegex(self.refused(EXIT_USAGE, "--set", path), r"mine.toml:[45]: ")


class Plugins(Scene):
    def elsewhere(self, *bad):
        """The environment of a server that also finds these plugins of tests/abi."""
        folder = self.server.root / "plugins"
        folder.mkdir()
        for plugin in (self.server.build / "lib/mortise/plugins").iterdir():
            (folder / plugin.name).symlink_to(plugin)
        for name in bad:
            (folder / name).symlink_to(self.server.build / "tests/abi/plugins" / name)
        return {**os.environ, "MORTISE_PLUGINS": f"only:{folder}"}

    def test_a_plugin_whose_needs_nobody_meets_says_which_and_who_would(self):
        path = self.write_set(["sql-functions", "sql-engine", "front-pgwire"])
        line = self.refused(EXIT_USAGE, "--set", path)
        self.assertIn("sql-engine needs mortise.dialect/1; dialect-postgres offers it, but is not "
                      "in the set", line)

    def test_a_plugin_that_is_not_installed_is_named_and_the_others_serve(self):
        self.server.plugin_set = self.write_set([*SQL_PLUGINS, "index-nowhere"])
        self.still_serves()
        self.assertIn("index-nowhere is not installed", self.server.log_tail())

    def test_a_plugin_of_another_abi_is_named_and_the_others_serve(self):
        if not (self.server.build / "tests/abi/plugins/example-wrong-abi/plugin.toml").exists():
            self.skipTest("tests/abi is not built")
        self.server.plugin_set = self.write_set([*SQL_PLUGINS, "example-wrong-abi"])
        self.server.environment = self.elsewhere("example-wrong-abi")
        self.still_serves()
        self.assertRegex(self.server.log_tail(), r"name=example-wrong-abi reason=.*ABI")

    def test_a_set_that_does_not_exist_is_told_with_those_that_do(self):
        self.assertIn("there is no set 'defualt' (did you mean 'default'?); "
                      "there are: all default minimal",
                      self.refused(EXIT_USAGE, "--set", "defualt"))


class Directories(Scene):
    def test_a_directory_in_use_is_refused_to_every_program(self):
        self.server.start()
        self.assertIn("in use", self.refused(EXIT_IN_USE))
        self.assertIn("in use", self.refused(EXIT_IN_USE, "sql", "-D", self.data, "select 1",
                                             program="mortise"))
        with wire.connect(self.server) as client:
            self.assertEqual(client.query("select 1"), [["1"]])

    def test_a_directory_of_a_newer_format_is_refused_and_not_touched(self):
        path = self.data / "storage/control"
        whole = path.read_bytes()
        newer = b"".join(with_format(whole[at:at + PAGE_BYTES], 99)
                         for at in range(0, len(whole), PAGE_BYTES))
        path.write_bytes(newer)
        line = self.refused(EXIT_DIRECTORY)
        self.assertIn("format 99", line)
        self.assertEqual(path.read_bytes(), newer)
        path.write_bytes(whole)
        self.still_serves()

    def test_a_directory_that_is_none_is_refused(self):
        self.data = pathlib.Path("/nowhere/data")
        self.assertIn("there is no data directory", self.refused(EXIT_DIRECTORY))
        self.data = pathlib.Path("/usr")
        self.assertIn("is no data directory", self.refused(EXIT_DIRECTORY))

    def test_a_directory_of_somebody_else_is_refused(self):
        if os.geteuid() != 0:
            self.skipTest("only root can give a directory to somebody else")
        # Root without the right to pass over permissions: an ordinary user who can still read the
        # programs, wherever they stand.
        libc = ctypes.CDLL(None, use_errno=True)

        def be_ordinary():
            for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
                if libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
                    raise OSError(ctypes.get_errno(), "prctl")

        for path in (self.server.root, self.data):
            os.chown(path, NOBODY, NOBODY)
            path.chmod(0o755 if path == self.server.root else 0o700)
        self.assertIn("Permission denied", self.refused(EXIT_REFUSED, preexec_fn=be_ordinary))
        self.assertIn("Permission denied", self.refused(
            EXIT_REFUSED, "init", "-D", self.server.root / "new", program="mortise",
            preexec_fn=be_ordinary))


class Ports(Scene):
    def test_a_port_that_is_taken_ends_the_start(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            self.assertIn(f"port {port} is in use",
                          self.refused(EXIT_IN_USE, "--listen", f"127.0.0.1:{port}"))
        self.still_serves()

    def test_an_address_of_another_machine_ends_the_start(self):
        self.assertIn("not an address of this machine",
                      self.refused(EXIT_USAGE, "--listen", "203.0.113.1:5433"))

    def test_a_port_that_is_no_number_ends_the_start(self):
        self.assertIn("front-pgwire.port",
                      self.refused(EXIT_USAGE, "--listen", "127.0.0.1:http"))


class DamagedPages(Scene):
    def test_a_damaged_page_fails_its_table_only_and_is_named(self):
        self.stored("create table good (a int primary key, b text)",
                    "create table bad (a int, b text)",
                    "insert into good select g, 'fine' from generate_series(1, 100) g",
                    "insert into bad select g, 'MARKED-FOR-DAMAGE' from generate_series(1, 100) g")
        space, page = self.damage(b"MARKED-FOR-DAMAGE")
        self.server.start()
        with wire.connect(self.server) as client:
            for _ in range(2):
                with self.assertRaises(wire.ServerSaid) as raised:
                    client.query("select count(b) from bad")
                self.assertEqual(raised.exception.sqlstate, "XX001")
                self.assertIn(f"space {space} page {page}", raised.exception.fields["M"])
            self.assertEqual(client.query("select count(b) from good"), [["100"]])
            client.query("insert into good values (101, 'fine')")
            client.query("create table another (a int)")
            client.query("insert into another values (1)")
        self.server.stop()
        told = subprocess.run([self.bin / "mortise", "check", "-D", self.data],
                              capture_output=True, text=True, check=False)
        self.assertNotEqual(told.returncode, 0)
        self.assertIn(f"space {space} page {page}", told.stdout)

    def damage(self, marker):
        """Changes one byte of the marker in a page of a space; names the page.  The copies that a
        torn write would be repaired from are damaged, too."""
        copies = self.data / "storage/double.write"
        copies.write_bytes(copies.read_bytes().replace(marker, marker[::-1]))
        for path in sorted((self.data / "storage/spaces").glob("*.space")):
            content = bytearray(path.read_bytes())
            at = content.find(marker)
            if at < 0:
                continue
            content[at] ^= 1
            path.write_bytes(content)
            return int(path.stem), at // PAGE_BYTES
        self.fail("the rows are in no space")


class FullDisks(unittest.TestCase):
    """A small file system of its own, which nobody but its processes sees."""

    def setUp(self):
        self.server = Mortise(BUILD)
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="mortise-disk-"))
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)
        mount = 'mount -t tmpfs -o size=48m none "$0" && echo mounted && exec cat'
        user = [] if os.geteuid() == 0 else ["--map-root-user"]
        self.holder = subprocess.Popen(["unshare", "--mount", *user, "sh", "-c", mount, self.root],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(self.release)
        if self.holder.stdout.readline() != "mounted\n":
            self.skipTest("no file system can be mounted here")
        self.inside = ["nsenter", "--target", str(self.holder.pid), "--mount"]
        if user:
            self.inside += ["--user", "--preserve-credentials"]
        self.server.prefix = self.inside
        self.server.create(self.root)
        self.addCleanup(self.server.__exit__)

    def release(self):
        self.holder.stdin.close()
        self.holder.wait()
        self.holder.stdout.close()

    def on_disk(self, *command, code=0):
        done = subprocess.run([*self.inside, *command], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, code, done.stderr)

    def test_what_does_not_fit_fails_and_what_was_acknowledged_stays(self):
        self.server.start()
        stored = 0
        with wire.connect(self.server) as client:
            client.query("create table t (n int primary key, b text)")
            with self.assertRaises(wire.ServerSaid) as raised:
                for stored in range(10_000):
                    client.query(f"insert into t values ({stored}, repeat('x', 20000))")
            self.assertEqual(raised.exception.sqlstate, "53100", raised.exception)
            self.assertEqual(self.count(client), stored)
        self.server.stop()
        self.on_disk("mount", "-o", "remount,size=96m", self.root)
        self.server.start()
        with wire.connect(self.server) as client:
            self.assertEqual(self.count(client), stored)
            client.query("insert into t values (-1, 'fits again')")
        self.server.stop()

    @staticmethod
    def count(client):
        return int(client.query("select count(*) from t")[0][0])

    def test_a_disk_that_is_full_at_the_start_is_told(self):
        self.on_disk("dd", "if=/dev/zero", f"of={self.root}/filler", "bs=1M", "count=100",
                     code=1)
        done = subprocess.run(
            [*self.inside, self.server.folder / "mortise", "init", "-D", self.root / "new"],
            capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, EXIT_DISK_FULL, done.stderr)
        lines = [line for line in done.stderr.splitlines() if line.startswith("mortise: ")]
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertIn("No space left on device", lines[0])


class FileLimits(Scene):
    def test_a_file_that_may_not_grow_is_an_error_of_the_statement(self):
        def limit_files():
            resource.setrlimit(resource.RLIMIT_FSIZE, (24 << 20, 24 << 20))

        self.server.preexec = limit_files
        self.server.start()
        with wire.connect(self.server) as client:
            client.query("create table t (n int, b text)")
            with self.assertRaises((wire.ServerSaid, ConnectionError)) as raised:
                for n in range(10_000):
                    client.query(f"insert into t values ({n}, repeat('x', 20000))")
            self.assertIsInstance(raised.exception, wire.ServerSaid, self.server.log_tail())
            self.assertIn(raised.exception.sqlstate, ("53100", "58030"))
            self.assertEqual(client.query("select count(*) from t"), [[str(n)]])


def with_format(block, version):
    """A block of the control file that says it is of this format (kernel/recovery/control_block)"""
    block = bytearray(block)
    block[4:8] = struct.pack("<I", version)
    block[68:72] = bytes(4)
    block[68:72] = struct.pack("<I", crc32c(block))
    return bytes(block)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


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
