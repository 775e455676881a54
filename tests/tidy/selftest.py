#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Goal:   every rule of the house finds what it is there to find, and lets good code pass.
Method: for each rule small trees with planted violations and the places where they must be found,
        and one clean tree with the traps that look like violations.  A rule without a planted
        violation fails this test: a check that cannot fail is worthless.
"""

import pathlib
import sys
import tempfile

import conduct
import headers
import layout
import wording
from tree import Tree

LICENCE = "// SPDX-License-Identifier: Apache-2.0\n"
SCRIPT_LICENCE = "# SPDX-License-Identifier: Apache-2.0\n"
LATER = "TO" + "DO"

ALL_RULES = layout.RULES + wording.RULES + conduct.RULES + headers.RULES


def plugin(name, **changed):
    """The files of a plugin, with changes (None takes a file away)."""
    files = {"README.md": "# x\n", "plugin.toml": f'name = "{name}"\n',
             "plugin.cpp": LICENCE + f'MORTISE_PLUGIN("{name}")\n',
             "CMakeLists.txt": SCRIPT_LICENCE + f"mortise_add_plugin({name} SOURCES plugin.cpp)\n",
             "tests/x_test.cpp": LICENCE + "// Goal: x\n// Method: y\n"}
    files.update({key.replace("__", "/").replace("_DOT_", "."): value
                  for key, value in changed.items()})
    return {f"plugins/{name}/{key}": value for key, value in files.items() if value is not None}


def function(lines, name="void f()"):
    return f"{name} {{\n" + "  g();\n" * (lines - 2) + "}\n"


TOP = {"CMakeLists.txt": SCRIPT_LICENCE, "kernel/a.hpp": LICENCE + "#pragma once\n",
       "sdk/CMakeLists.txt": SCRIPT_LICENCE, "plugins/CMakeLists.txt": SCRIPT_LICENCE,
       "plugin-manifests/sets/default.toml": "", "hosts/CMakeLists.txt": SCRIPT_LICENCE,
       "tests/CMakeLists.txt": SCRIPT_LICENCE, "bench/CMakeLists.txt": SCRIPT_LICENCE,
       "packaging/run.sh": "#!/bin/sh\n" + SCRIPT_LICENCE, "docs/STYLE.md": "# Style\n",
       "CHANGELOG.md": "", "README.md": "", "LICENSE": "", "CMakePresets.json": "{}\n",
       ".ci/run": "#!/bin/sh\n", ".gitignore": "build\n"}

# What looks like a violation and is none.
TRAPS = LICENCE + '''// std::thread in a comment, throw, mmap( and a host's name are only words.
#include "kernel/a.hpp"

#define MANY_LINES(x) \\
  do {                \\
    x;                \\
  } while (false)

namespace mortise {
struct Table {
  int open(int file);
  int rand = 0;
};
constexpr const char* kText = "try { throw std::mutex } catch fsync(";
constexpr const char* kRaw = R"sql(select 'it''s' { // not a comment)sql";
constexpr char kQuote = '"';
constexpr int kThousand = 1'000;
int use(Table& t) { return t.open(1) + t.rand + t.clock->sleep_until(kThousand); }
enum class Kind : unsigned char { one, two };
template <typename T>
T twice(T (*f)(T), T x) {
  return f(f(x));
}
int kList[] = {1, 2, 3};
const int* first(int (&list)[3]) { return list; }
}  // namespace mortise
'''

CLEAN = {**TOP, **plugin("codec-x"), "kernel/traps.cpp": TRAPS,
         "kernel/platform/file.cpp": LICENCE + "int f() { return ::open(path, 0); }\n",
         "plugin-manifests/codec-x.toml": "enable = true\n",
         "plugin-manifests/sets/all.toml": 'plugins = ["codec-x"]  # not "codec-y"\n',
         "sdk/include/mortise/x.h": "/* SPDX-License-Identifier: Apache-2.0 */\n#pragma once\n"
         "#include <stdint.h>\n#define MORTISE_CALL\nstruct t {\n  /* Does it.\n   * [any] */\n"
         "  void(MORTISE_CALL *f)(void);\n};\n",
         "kernel/late.cpp": LICENCE + f"// {LATER}(#12): measure it.\n",
         "tests/long.cpp": LICENCE + "// Longer than 500 lines, because it is data.\n" + "\n" * 600,
         "tests/throws.cpp": LICENCE + "// Tidy: may throw, because it is tried.\n"
         "int x = throw 1;\n",
         "tests/kill_test.cpp": LICENCE + "// Goal: x\n// Method: y\n// Tidy: may call the system, "
         "because it kills.\nint f() { return ::kill(1, 9); }\n"}

# rule -> list of (files, places that must be found, in order).  Each tree holds TOP too, where the
# rule needs it.
PLANTED = {
    layout.check_top_level: [
        ({**TOP, "src/main.cpp": ""}, ["src:1"]),
        ({key: value for key, value in TOP.items() if key != "LICENSE"}, ["LICENSE:1"])],
    layout.check_file_names: [
        ({"kernel/utils/a.hpp": "", "kernel/common.hpp": "", "kernel/page_v2.cpp": "",
          "kernel/page_impl2.cpp": "", "kernel/PageId.hpp": "", "tests/misc/a.sql": "",
          "plugins/index-btree/node.hpp": ""},
         ["kernel/PageId.hpp:1", "kernel/common.hpp:1", "kernel/page_impl2.cpp:1",
          "kernel/page_v2.cpp:1", "kernel/utils/a.hpp:1", "tests/misc/a.sql:1"])],
    layout.check_includes: [
        ({"plugins/codec-x/a.cpp": '\n#include "kernel/base/version.hpp"\n',
          "plugins/codec-x/b.cpp":
          '#include "plugins/codec-y/y.hpp"\n#include "../codec-y/y.hpp"\n',
          "plugins/codec-x/c.cpp": '#include "y.hpp"\n#include <kernel/base/version.hpp>\n',
          "plugins/codec-y/y.hpp": "", "kernel/base/version.hpp": "",
          "kernel/a.cpp": '#include "plugins/codec-y/y.hpp"\n#include "hosts/x.hpp"\n',
          "sdk/include/mortise/a.hpp": '#include "kernel/base/version.hpp"\n',
          "hosts/x.hpp": '#include "plugins/codec-y/y.hpp"\n#include "kernel/base/version.hpp"\n',
          "plugins/codec-y/tests/t_test.cpp": '#include "tests/support/s.hpp"\n#include "y.hpp"\n',
          "tests/support/s.hpp": ""},
         ["hosts/x.hpp:1", "kernel/a.cpp:1", "kernel/a.cpp:2", "plugins/codec-x/a.cpp:2",
          "plugins/codec-x/b.cpp:1", "plugins/codec-x/b.cpp:2", "plugins/codec-x/c.cpp:1",
          "plugins/codec-x/c.cpp:2", "sdk/include/mortise/a.hpp:1"])],
    layout.check_links: [
        ({"plugins/codec-x/CMakeLists.txt":
          "mortise_add_plugin(codec-x\n LIBRARIES mortise::kernel\n"
          " INCLUDES ${CMAKE_SOURCE_DIR}/kernel)\n"},
         ["plugins/codec-x/CMakeLists.txt:2", "plugins/codec-x/CMakeLists.txt:3"])],
    layout.check_plugins: [
        (plugin("thing-x"), ["plugins/thing-x:1"]),
        (plugin("codec-x", README_DOT_md=None), ["plugins/codec-x/README.md:1"]),
        (plugin("codec-x", tests__x_test_DOT_cpp=None), ["plugins/codec-x/tests:1"]),
        (plugin("codec-x", plugin_DOT_toml='name = "codec-y"\n'),
         ["plugins/codec-x/plugin.toml:1"]),
        (plugin("codec-x", plugin_DOT_toml="name = \n"), ["plugins/codec-x/plugin.toml:1"]),
        (plugin("codec-x", plugin_DOT_cpp='MORTISE_PLUGIN("codec-z")\n'),
         ["plugins/codec-x/plugin.cpp:1"]),
        (plugin("codec-x", CMakeLists_DOT_txt="mortise_add_plugin(codec-y SOURCES a)\n"),
         ["plugins/codec-x/CMakeLists.txt:1"])],
    layout.check_manifests: [
        ({**plugin("codec-x"), "plugin-manifests/codec-y.toml": "",
          "plugin-manifests/sets/default.toml": 'plugins = [\n"codec-x",\n"codec-z"]\n'},
         ["plugin-manifests/codec-y.toml:1", "plugin-manifests/sets/default.toml:3"])],
    wording.check_licence: [
        ({"a.cpp": "int x;\n", "b.py": "#!/usr/bin/env python3\nx = 1\n", "c.sql": "select 1;\n",
          "d.sh": "#!/bin/sh\n" + SCRIPT_LICENCE, "e.cpp": ""},
         ["a.cpp:1", "b.py:1", "c.sql:1", "e.cpp:1"])],
    wording.check_line_length: [
        ({"a.cpp": "x" * 100 + "\n" + "x" * 101 + "\n", "b.test": "x" * 300}, ["a.cpp:2"])],
    wording.check_whitespace: [
        ({"a.cpp": "x \n\ty\nz\n", "b.py": "x"}, ["a.cpp:1", "a.cpp:2", "b.py:1"])],
    wording.check_file_length: [
        ({"a.hpp": "\n" * 251, "b.cpp": "\n" * 501, "c.cpp": "\n" * 500, "d.hpp": "\n" * 250,
          "e.cpp": "// Longer than 500 lines, because it is.\n" + "\n" * 1000},
         ["a.hpp:1", "b.cpp:1", "e.cpp:1"])],
    wording.check_words: [
        ({"a.cpp": f"// {LATER}: later\n// {LATER}(#7): fine\n// FIX" + "ME\n// [WI" + "P]\n",
          "b.py": "# HA" + "CK\n# ------\n", "c.sql": "-- =====\n-- -- a\n",
          "d.hpp": "///////\n/* ***** */\n"},
         ["a.cpp:1", "a.cpp:3", "a.cpp:4", "b.py:1", "b.py:2", "c.sql:1", "d.hpp:1", "d.hpp:2"])],
    wording.check_hosts: [
        ({"a.sh": "curl https://pypi" + ".org/x\n", "b.md": "x registry.npmjs" + ".org\n",
          "c.json": "http://deb.debian" + ".org/debian\n", "d.md": "example.org\n"},
         ["a.sh:1", "b.md:1", "c.json:1"])],
    conduct.check_system_calls: [
        ({"kernel/a.cpp": "std::thread t;\nstd::mutex m;\nstd::unique_lock l(m);\n"
          "std::this_thread::sleep_for(x);\nauto n = std::chrono::steady_clock::now();\n"
          "int r = rand();\nint f = ::open(p, 0);\n::read(f, b, 1);\n fsync(f);\nmmap(0, 1);\n"
          "sleep(1);\ntime(nullptr);\npthread_create(x);\nstd::random_device d;\n"
          "::write(1, b, 1);\nstd::condition_variable c;\nusleep(3);\npread(f, b, 1, 0);\n"
          "file.open(x);\nx->read(y);\n",
          "plugins/codec-x/b.cpp": "std::jthread t;\n",
          "tests/c_test.cpp": "// Tidy: may call the system\n::kill(1, 2);\n"},
         [f"kernel/a.cpp:{i}" for i in range(1, 19)] + ["plugins/codec-x/b.cpp:1",
                                                        "tests/c_test.cpp:2"])],
    conduct.check_exceptions: [
        ({"kernel/a.cpp": "void f() {\n  try {\n    g();\n  } catch (...) {\n    throw;\n  }\n}\n",
          "plugins/codec-x/b.cpp":
          "// Tidy: may catch, because libx throws.\nvoid f() { try {} }\n",
          "sdk/include/mortise/cpp/boundary.hpp": "try\n"},
         ["kernel/a.cpp:2", "kernel/a.cpp:4", "kernel/a.cpp:5"])],
    conduct.check_pragma_once: [
        ({"a.hpp": "int x;\n", "b.h": "\n#pragma once\n", "c.cpp": ""}, ["a.hpp:2"])],
    conduct.check_test_heads: [
        ({"a_test.cpp": "// Goal: x\n", "b_fuzz.cpp": "", "c_test.cpp": "// Goal:\n// Method:\n"},
         ["a_test.cpp:1", "b_fuzz.cpp:1"])],
    conduct.check_function_length: [
        ({"a.cpp": function(70) + function(71), "b.py": "def f():\n" + "    x = 1\n" * 71,
          "c.cpp": "namespace a {\nclass B {\n public:\n"
          + function(72, "  void g() const noexcept") + "};\n}\n"},
         ["a.cpp:71", "b.py:1", "c.cpp:4"]),
        ({"a.cpp": 'extern "C" {\n' + function(71, "int x(const char* s = \"{\")") + "}\n"
          "int list[] = {\n" + "1,\n" * 80 + "};\n" + function(80, 'TEST_CASE("{ name")')},
         ["a.cpp:2", "a.cpp:156"]),
        ({"a.cpp": "A::A(int x)\n    : b_(x), c_{x} {\n" + "  g();\n" * 70 + "}\n"}, ["a.cpp:1"]),
        ({"a.cpp": function(80), "tests/tidy/allowed_lengths.txt": "a.cpp f 80  # grown\n"}, []),
        ({"a.cpp": function(79), "tests/tidy/allowed_lengths.txt": "a.cpp f 80\n"}, ["a.cpp:1"]),
        ({"a.cpp": function(9), "tests/tidy/allowed_lengths.txt": "a.cpp f 80\n"},
         ["tests/tidy/allowed_lengths.txt:1"])],
    conduct.check_thread_tags: [
        ({"sdk/a.h": "\ntypedef struct a {\n  /* Does. */\n  void(MORTISE_CALL *f)(void);\n\n"
          "  /* Does.\n   * [worker & active] */\n  int(MORTISE_CALL *g)(int x,\n    int y);\n"
          "  void(MORTISE_CALL *also_g)(void);\n\n  void(MORTISE_CALL *h)(void);\n} a_t;\n\n"
          "/* Told once.  [io] */\ntypedef struct b {\n  void(MORTISE_CALL *i)(void);\n} b_t;\n"},
         ["sdk/a.h:4", "sdk/a.h:12"])],
    headers.check_headers: [
        ({"sdk/include/mortise/a.h": "#pragma once\nuint32_t x;\n",
          "sdk/include/mortise/b.h": "#pragma once\nclass B;\n",
          "sdk/include/mortise/c.hpp": "#pragma once\ninline std::string s;\n",
          "sdk/include/mortise/d.h": "#pragma once\n#include <stdint.h>\nstatic const int d = 1;\n"
          "enum { d_value = d * 0 };\n",
          "kernel/e.hpp": "#pragma once\ninline int e(unsigned x) { return x < 0; }\n",
          "kernel/f.hpp": '#pragma once\n#include "kernel/e.hpp"\n#include <no_such_library.hpp>\n',
          "kernel/g.hpp": '#pragma once\n#include "kernel/gone.hpp"\n'},
         ["kernel/e.hpp:1", "kernel/g.hpp:1", "sdk/include/mortise/a.h:1",
          "sdk/include/mortise/a.h:1", "sdk/include/mortise/b.h:1", "sdk/include/mortise/c.hpp:1",
          "sdk/include/mortise/d.h:1"])],
}


def plant(files):
    """A tree in a temporary folder; the folder is returned to be kept alive."""
    folder = tempfile.TemporaryDirectory(prefix="mortise-tidy-")
    for path, text in files.items():
        target = pathlib.Path(folder.name, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return folder, Tree(folder.name)


def found_places(rule, tree):
    return [f"{finding.path}:{finding.line}" for finding in sorted(rule(tree))]


def main():
    failures = []
    for rule in ALL_RULES:
        name = rule.__doc__.split(":")[0]
        if not any(places for _, places in PLANTED.get(rule, [])):
            failures.append(f"{name}: no violation is planted")
        for files, places in PLANTED.get(rule, []):
            folder, tree = plant(files)
            found = found_places(rule, tree)
            folder.cleanup()
            if found != places:
                failures.append(f"{name}: expected {places}\n    found {found}")
    folder, tree = plant(CLEAN)
    for rule in ALL_RULES:
        failures += [f"a clean tree is accused: {finding}" for finding in rule(tree)]
    folder.cleanup()
    print("\n".join(failures) or f"{len(ALL_RULES)} rules find what is planted")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
