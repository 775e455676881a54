# SPDX-License-Identifier: Apache-2.0
"""Goal: mortised and mortise do what a user asks, and say in one line why not.

Method: the built programs on throwaway data directories, with a set of one small plugin.
"""

import argparse
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ARGUMENTS = None
SEED = 0
EXIT_USAGE, EXIT_IN_USE, EXIT_DIRECTORY = 2, 3, 4


class Scene(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="mortise-hosts-"))
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)
        self.data = self.root / "data"
        self.set = self.root / "test.toml"
        self.write_set("example-hello")
        self.server = None

    def tearDown(self):
        if self.server is not None and self.server.poll() is None:
            self.server.kill()
            self.server.wait()

    def write_set(self, *plugins):
        names = ", ".join(f'"{name}"' for name in plugins)
        self.set.write_text(
            f'manifest_version = 1\nname = "test"\nplugins = [{names}]\n')

    def mortise(self, *arguments, code=0, env=None):
        done = subprocess.run([ARGUMENTS.bin / "mortise", *arguments], capture_output=True,
                              text=True, check=False, timeout=120, env=env)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def init(self):
        return self.mortise("init", "-D", self.data, "--set", self.set)

    def start(self, *arguments):
        return self.mortise("start", "-D", self.data, "--set", self.set, *arguments)

    def stop(self):
        return self.mortise("stop", "-D", self.data)

    def run_server(self, *arguments):
        """A server that is expected to end at once."""
        return subprocess.run(
            [ARGUMENTS.bin / "mortised", "-D", self.data, "--set", self.set, *arguments],
            capture_output=True, text=True, check=False, timeout=120)


class ServerLife(Scene):
    def test_a_server_starts_says_so_and_stops(self):
        self.init()
        self.mortise("status", "-D", self.data, code=EXIT_IN_USE)
        self.start()
        self.assertIn("as process", self.mortise("status", "-D", self.data).stdout)
        pid = int((self.data / "mortised.pid").read_text())
        self.assertGreater(pid, 1)
        self.stop()
        self.assertFalse((self.data / "mortised.pid").exists())
        self.start()
        self.stop()

    def test_nobody_else_can_read_the_data(self):
        self.init()
        self.start()
        readable = [str(path) for path in [self.data, *self.data.rglob("*")]
                    if path.stat().st_mode & 0o077]
        self.stop()
        self.assertEqual(readable, [])

    def test_a_second_server_on_the_same_directory_is_refused(self):
        self.init()
        self.start()
        second = self.run_server()
        self.stop()
        self.assertEqual(second.returncode, EXIT_IN_USE)
        self.assertEqual(len(second.stderr.splitlines()), 1, second.stderr)
        self.assertIn("in use", second.stderr)

    def test_a_directory_that_is_not_ours_is_refused(self):
        self.data.mkdir()
        (self.data / "letter.txt").write_text("x")
        self.assertIn("is not empty",
                      self.mortise("init", "-D", self.data, "--set", self.set,
                                   code=EXIT_DIRECTORY).stderr)
        self.assertEqual(self.run_server().returncode, EXIT_DIRECTORY)
        self.assertEqual([p.name for p in self.data.iterdir()], ["letter.txt"])

    def test_a_crash_is_told_at_the_next_start(self):
        self.init()
        self.start()
        pid = int((self.data / "mortised.pid").read_text())
        subprocess.run(["kill", "-SEGV", str(pid)], check=True)
        while self.mortise_status() == 0:
            pass
        self.assertIn("fatal signal SIGSEGV", (self.data / "last_crash").read_text())
        self.start()
        self.stop()
        self.assertIn("last_run_crashed", (self.data / "server.log").read_text())

    def mortise_status(self):
        return subprocess.run([ARGUMENTS.bin / "mortise", "status", "-D", self.data],
                              capture_output=True, check=False).returncode


class Stopping(Scene):
    """With a plugin that never stops, as a session may be stuck."""

    def setUp(self):
        super().setUp()
        self.write_set("example-hello", "example-stuck")
        self.environment = {**os.environ,
                            "MORTISE_PLUGINS": str(ARGUMENTS.build / "tests/abi/plugins")}
        self.mortise("init", "-D", self.data, "--set", self.set, env=self.environment)
        self.mortise("start", "-D", self.data, "--set", self.set, "-c", "example-stuck.hold=true",
                     env=self.environment)
        self.pid = int((self.data / "mortised.pid").read_text())
        self.addCleanup(subprocess.run, ["kill", "-KILL", str(self.pid)], check=False,
                        stderr=subprocess.DEVNULL)

    def log(self):
        return (self.data / "server.log").read_text()

    def test_a_server_that_is_stuck_is_ended_with_its_log_on_disk(self):
        told = self.mortise("stop", "-D", self.data, "--wait", "1").stdout
        self.assertIn("the next start recovers it", told)
        self.mortise("status", "-D", self.data, code=EXIT_IN_USE)
        self.assertRegex(self.log(), "ended_early.*the log is on disk")
        self.mortise("start", "-D", self.data, "--set", self.set, env=self.environment)
        self.assertIn("storage_open", self.log())
        self.assertIn("has stopped", self.stop().stdout)

    def test_a_third_signal_ends_it_on_the_spot(self):
        for _ in range(3):
            subprocess.run(["kill", "-TERM", str(self.pid)], check=False)
        while self.mortise_status() == 0:
            pass

    def mortise_status(self):
        return subprocess.run([ARGUMENTS.bin / "mortise", "status", "-D", self.data],
                              capture_output=True, check=False).returncode


class Making(Scene):
    """A data directory is whole, or not finished; nothing in between."""

    def test_an_init_that_is_cut_off_anywhere_is_told_and_healed(self):
        pick = random.Random(SEED)
        took = time.monotonic()
        self.init()
        took = time.monotonic() - took
        cut_off = 0
        for _ in range(12):
            shutil.rmtree(self.data, ignore_errors=True)
            process = subprocess.Popen(
                [ARGUMENTS.bin / "mortise", "init", "-D", self.data, "--set", self.set],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(pick.random() * took)
            process.kill()
            process.wait()
            if not self.data.exists() or (self.data / "mortise.toml").exists():
                continue
            if any(self.data.iterdir()):
                cut_off += 1
                failed = self.run_server()
                self.assertEqual(failed.returncode, EXIT_DIRECTORY)
                self.assertIn("is not finished", failed.stderr)
                self.assertEqual(len(failed.stderr.splitlines()), 1)
            self.init()
            self.start()
            self.stop()
        self.assertGreater(cut_off, 0)

    def test_two_inits_at_a_time_make_one_directory(self):
        command = [ARGUMENTS.bin / "mortise", "init", "-D", self.data, "--set", self.set]
        both = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                for _ in range(2)]
        codes = sorted(process.wait() for process in both)
        self.assertEqual(codes[0], 0)
        self.assertIn(codes[1], (EXIT_IN_USE, EXIT_DIRECTORY))
        self.start()
        self.stop()

    def test_an_init_that_fails_leaves_nothing(self):
        self.mortise("init", "-D", self.data, "--set", "nowhere", code=EXIT_USAGE)
        self.assertFalse(self.data.exists())

    def test_what_is_not_ours_is_not_removed(self):
        self.data.mkdir()
        (self.data / "init.unfinished").write_text("")
        (self.data / "storage").mkdir()
        (self.data / "letter.txt").write_text("x")
        self.mortise("init", "-D", self.data, "--set", self.set, code=EXIT_DIRECTORY)
        self.assertEqual(len(list(self.data.iterdir())), 3)

    def test_a_name_that_cannot_be_a_role_is_refused(self):
        for name in ("pg_mine", "x" * 64, "public", "none", "a\nb"):
            told = self.mortise("init", "-D", self.data, "--set", self.set, "-U", name,
                                code=EXIT_USAGE)
            self.assertIn("the user's name", told.stderr)
            self.assertFalse(self.data.exists())


class CommandLine(Scene):
    def test_every_command_shows_its_help(self):
        for line in self.mortise("help").stdout.splitlines()[2:-2]:
            words = re.match(r" +((?:plugin )?[a-z]+)", line)[1].split()
            told = self.mortise(*words, "--help").stdout
            self.assertTrue(told.startswith("usage: mortise " + " ".join(words)), told)
            self.assertEqual(told, self.mortise(*words, "-h").stdout)

    def test_help_for_what_is_no_command_fails(self):
        self.assertIn("there is no command 'nope'", self.mortise("help", "nope", code=2).stderr)

    def test_an_argument_that_a_command_does_not_take_is_refused(self):
        self.assertIn("takes no argument",
                      self.mortise("init", "-D", self.data, "more", code=2).stderr)

    def test_stop_says_what_there_is_not(self):
        self.mortise("stop", "-D", self.data, code=EXIT_DIRECTORY)
        self.init()
        self.mortise("stop", "-D", self.data, code=EXIT_IN_USE)

    def test_hostile_toml_is_refused(self):
        self.init()
        hostile = self.root / "hostile.toml"
        for text in (".".join(["a"] * 200_000) + "=1", "a=" + "[" * 200_000,
                     "[" + ".".join(["a"] * 200_000) + "]", "x" * 2_000_000):
            hostile.write_text(text)
            for arguments in (["plugin", "resolve", "--set", hostile], ["plugin", "resolve", hostile],
                              ["plugin", "list", "--set", hostile]):
                done = subprocess.run([ARGUMENTS.bin / "mortise", *arguments], check=False,
                                      capture_output=True, text=True)
                self.assertIn(done.returncode, (1, EXIT_USAGE), done.stderr[:200])
                self.assertEqual(len(done.stderr.splitlines()), 1)
            (self.data / "mortise.toml").write_text(text)
            self.assertIn(self.run_server().returncode, (1, EXIT_USAGE))


class Configuration(Scene):
    def test_values_that_cannot_be_are_one_clear_line(self):
        self.init()
        for setting, told in (("eviction_policy=nope", "no plugin of the set offers"),
                              ("network_loops=257", "between 0 and 256"),
                              ("lock_timeout=0ms", "between 1ms and 24d"),
                              ("log_file=../out.log", "has no '..'"),
                              ("log_file=a/../../out.log", "has no '..'")):
            failed = self.run_server("-c", setting)
            self.assertEqual(failed.returncode, EXIT_USAGE, setting + failed.stderr)
            self.assertEqual(len(failed.stderr.splitlines()), 1, failed.stderr)
            self.assertIn(told, failed.stderr)
        for setting in ("network_loops=256", "lock_timeout=1ms", "log_file=own.log"):
            self.start("-c", setting)
            self.stop()

    def test_missing_plugins_are_said_before_their_settings(self):
        self.init()
        (self.data / "mortise.toml").write_text("[engine-nowhere]\nspeed = 1\n")
        self.write_set("example-hello", "engine-nowhere")
        failed = self.run_server()
        self.assertEqual(failed.returncode, EXIT_USAGE)
        self.assertRegex(failed.stderr, "not installed in .*: engine-nowhere.*unknown setting")

    def test_an_unknown_setting_names_file_line_and_the_nearest_one(self):
        self.init()
        (self.data / "mortise.toml").write_text("# mine\nlog_levl = \"info\"\n")
        failed = self.run_server()
        self.assertEqual(failed.returncode, EXIT_USAGE)
        self.assertIn("mortise.toml:2: unknown setting 'log_levl' (did you mean 'log_level'?)",
                      failed.stderr)

    def test_a_value_out_of_range_names_the_range(self):
        self.init()
        (self.data / "mortise.toml").write_text("buffer_pool_size = \"1kB\"\n")
        failed = self.run_server()
        self.assertEqual(failed.returncode, EXIT_USAGE)
        self.assertIn("between 1MiB and 64TiB", failed.stderr)

    def test_an_unknown_option_is_one_line(self):
        failed = self.run_server("--lisen", "x")
        self.assertEqual(failed.returncode, EXIT_USAGE)
        self.assertEqual(len(failed.stderr.splitlines()), 1, failed.stderr)

    def test_the_new_directorys_mortise_toml_is_accepted_with_every_line_switched_on(self):
        self.init()
        path = self.data / "mortise.toml"
        lines = path.read_text().splitlines()
        path.write_text("\n".join(line.removeprefix("# ") if " = " in line else line
                                  for line in lines) + "\n")
        self.start()
        self.stop()

    def test_the_reference_page_is_the_programs_own(self):
        page = self.mortise("settings", "--markdown").stdout
        kernel = page.split("\n## ")[1]
        stored = (ARGUMENTS.source / "docs/reference/settings.md").read_text()
        self.assertIn(kernel, stored,
                      "run: mortise settings --markdown > docs/reference/settings.md")


class Plugins(Scene):
    def test_the_list_shows_state_and_reason(self):
        self.write_set("example-hello", "index-nowhere")
        listed = self.mortise("plugin", "list", "--set", self.set).stdout
        self.assertRegex(listed, r"example-hello +0\.1\.0 +query +enabled")
        self.assertRegex(listed, r"index-nowhere.*is not installed")

    def test_resolve_fails_for_a_set_that_cannot_run_whole(self):
        self.write_set("example-hello", "index-nowhere")
        self.assertIn("1 plugins of the set cannot run",
                      self.mortise("plugin", "resolve", self.set, code=EXIT_USAGE).stderr)

    def test_a_plugin_that_a_program_does_not_start_is_not_gone(self):
        if not (ARGUMENTS.build / "lib/mortise/plugins/front-pgwire/front-pgwire.so").exists():
            self.skipTest("front-pgwire is not built")
        self.mortise("init", "-D", self.data)
        self.mortise("start", "-D", self.data, "--listen", "127.0.0.1:0")
        self.stop()
        for _ in range(2):
            told = self.mortise("sql", "-D", self.data, "select 1")
            self.assertNotIn("plugin_gone", told.stderr)
            self.mortise("check", "-D", self.data)
        self.mortise("start", "-D", self.data, "--listen", "127.0.0.1:0")
        self.stop()
        self.assertNotIn("plugin_gone", (self.data / "server.log").read_text())

    def test_resolve_prints_the_plan(self):
        plan = self.mortise("plugin", "resolve", "--set", self.set).stdout
        self.assertEqual(plan.splitlines()[:3], [
            "query", "  example-hello 0.1.0", "    needs mortise.log/1 from kernel"])

    def test_check_looks_into_the_library(self):
        bad = ARGUMENTS.build / "tests/abi/plugins"
        self.assertIn("description  good",
                      self.mortise("plugin", "check", "example-hello").stdout)
        told = self.mortise("plugin", "check", bad / "example-extra-export", code=EXIT_USAGE)
        self.assertIn("it exports mortise_extra", told.stderr)

    def test_a_new_plugin_builds_loads_and_passes_its_test(self):
        """With nothing of ours at hand but the SDK, as it is installed."""
        self.mortise("plugin", "new", "engine-mine", "--into", self.root)
        sdk, build = self.root / "sdk", self.root / "build"
        self.tool("cmake", "--install", ARGUMENTS.build, "--component", "sdk", "--prefix", sdk)
        self.tool("cmake", "-S", self.root / "engine-mine", "-B", build, "-G", "Ninja",
                  f"-DCMAKE_PREFIX_PATH={sdk}")
        self.tool("cmake", "--build", build)
        self.assertIn("100% tests passed", self.tool("ctest", "--test-dir", build))
        checked = self.mortise("plugin", "check", build / "plugins/engine-mine")
        self.assertIn("description  good", checked.stdout)
        self.run_with_plugin(build / "plugins")

    def run_with_plugin(self, folder):
        """A server that looks for plugins there starts this one, and tells it what it is told."""
        self.write_set("engine-mine")
        elsewhere = {**os.environ, "MORTISE_PLUGINS": str(folder)}
        self.mortise("init", "-D", self.data, "--set", self.set, env=elsewhere)
        self.mortise("start", "-D", self.data, "--set", self.set, "-c", "engine-mine.start_at=41",
                     env=elsewhere)
        self.stop()
        self.assertRegex((self.data / "server.log").read_text(), r"counting.*first=.?41")

    def tool(self, *command):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_a_new_plugin_needs_a_name_of_a_family(self):
        self.assertIn("the families are", self.mortise(
            "plugin", "new", "widget-x", "--into", self.root, code=EXIT_USAGE).stderr)


def main():
    global ARGUMENTS, SEED
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    for name in ("bin", "source", "build"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    ARGUMENTS, rest = parser.parse_known_args()
    SEED = ARGUMENTS.seed
    print(f"seed {SEED}", flush=True)
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
