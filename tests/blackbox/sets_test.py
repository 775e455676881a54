# SPDX-License-Identifier: Apache-2.0
"""Goal: a set's plugins are a server's features; what is not in the set is missing, and no more.

Method: a server per set: the default one, the minimal one, and the default one without each of its
plugins.  Each plugin has a probe that works if and only if it is there; all probes are tried on
every server.  A data directory is also taken through sets that lack what its objects need.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tomllib
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
import wire  # noqa: E402
from throwaway_servers import SKIPPED, Mortise  # noqa: E402

BUILD = None
SETS = HERE.parents[1] / "plugin-manifests/sets"

# Without one of these there is no SQL over a port.
ESSENTIAL = ["dialect-postgres", "sql-functions", "sql-engine", "front-pgwire"]

# A statement that works with the plugin, and the SQLSTATE without it.
PROBES = {
    "example-hello": ("select hello('you')", "42883"),
    "index-btree": ("create table probe_index (a int primary key)", "42704"),
    "sql-catalog": ("select count(*) from pg_catalog.pg_class", "42P01"),
}
# What no statement shows: the log or the list of plugins does.
SILENT = ["codec-lz4", "codec-zstd", "evict-clock"]


def plugins_of(name):
    facts = tomllib.loads((SETS / f"{name}.toml").read_text())
    return [p for other in facts.get("include", []) for p in plugins_of(other)] + facts["plugins"]


class Scene(unittest.TestCase):
    def setUp(self):
        self.server = Mortise(BUILD)
        self.server.create()
        self.addCleanup(self.server.__exit__)

    def use(self, plugins):
        path = self.server.root / "mine.toml"
        names = ", ".join(f'"{name}"' for name in plugins)
        path.write_text(f'manifest_version = 1\nname = "mine"\nplugins = [{names}]\n')
        self.server.plugin_set = path

    def start(self):
        self.server.start()
        client = wire.connect(self.server)
        self.addCleanup(client.close)
        return client

    def sqlstate_of(self, client, statement):
        try:
            client.query(statement)
        except wire.ServerSaid as error:
            return error.sqlstate, error.fields["M"]
        return None, None

    def probe(self, client, missing):
        """Every probe but those of `missing` works; they fail as they have to."""
        for plugin, (statement, sqlstate) in PROBES.items():
            wanted = sqlstate if plugin in missing else None
            self.assertEqual(self.sqlstate_of(client, statement)[0], wanted, plugin)
        client.query("create table plain (a int, b text)")
        client.query("insert into plain values (1, 'x'), (2, 'y')")
        self.assertEqual(client.query("select b from plain where a = 2"), [["y"]])
        listed = client.query("select name from sys.plugins where state = 'active'")
        self.assertEqual({name for (name,) in listed}, set(plugins_of("default")) - set(missing))


class Sets(Scene):
    def test_the_default_set_lists_ten_plugins_or_more(self):
        done = subprocess.run([self.server.folder / "mortise", "plugin", "list"],
                              capture_output=True, text=True, check=True)
        enabled = re.findall(r"^(\S+) +\S+ +\S+ +enabled ", done.stdout, re.MULTILINE)
        self.assertGreaterEqual(len(enabled), 10, done.stdout)
        self.assertEqual(sorted(enabled), sorted(plugins_of("default")))

    def test_the_default_set_has_every_feature(self):
        self.probe(self.start(), missing=[])

    def test_the_minimal_set_serves(self):
        self.server.plugin_set = "minimal"
        self.probe(self.start(), missing=[*PROBES, *SILENT])

    def test_a_plugin_left_out_takes_its_feature_and_nothing_else(self):
        everything = plugins_of("default")
        self.assertEqual(sorted(everything), sorted([*ESSENTIAL, *PROBES, *SILENT]),
                         "a plugin of the default set has no probe here")
        for plugin in [*PROBES, *SILENT]:
            with self.subTest(without=plugin):
                self.server.create()
                self.use([p for p in everything if p != plugin])
                self.probe(self.start(), missing=[plugin])
                self.server.__exit__()

    def test_a_server_without_the_front_keeps_the_data_for_programs(self):
        self.use([p for p in plugins_of("default") if p != "front-pgwire"])
        done = subprocess.run(
            [self.server.folder / "mortise", "sql", "-D", self.server.data, "--set",
             self.server.plugin_set, "create table t (a int); select 40 + 2 as answer"],
            capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("42", done.stdout)


class Objects(Scene):
    def test_an_index_without_its_plugin_is_offline_and_its_table_can_be_read(self):
        client = self.start()
        client.query("create table t (a int primary key, b text)")
        client.query("create table other (a int)")
        client.query("insert into t select g, 'row' from generate_series(1, 500) g")
        client.close()
        self.server.stop()

        self.use([p for p in plugins_of("default") if p != "index-btree"])
        client = self.start()
        self.assertEqual(client.query("select count(*), min(a), max(a) from t"),
                         [["500", "1", "500"]])
        self.assertEqual(client.query("select b from t where a = 77"), [["row"]])
        for change in ("insert into t values (501)", "update t set b = 'x'", "delete from t"):
            sqlstate, text = self.sqlstate_of(client, change)
            self.assertEqual(sqlstate, "55000", text)
            self.assertIn('index "t_pkey" is offline: access method "btree" is not there', text)
        client.query("insert into other values (1)")
        client.close()
        self.server.stop()

        self.server.plugin_set = "default"
        client = self.start()
        client.query("insert into t values (501, 'row')")
        self.assertEqual(self.sqlstate_of(client, "insert into t values (77, 'again')")[0], "23505")
        self.assertEqual(client.query("select count(*) from t"), [["501"]])
        self.assertEqual(client.query("select count(*) from other"), [["1"]])


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
