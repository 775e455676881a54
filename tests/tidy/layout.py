# SPDX-License-Identifier: Apache-2.0
"""Answers: does everything stand where docs/ARCHITECTURE.md says?

Top level, file names, plugin folders, who includes and links whom.
"""

import pathlib
import re
import tomllib

from tree import Finding

TOP_LEVEL = {"CMakeLists.txt", "kernel", "sdk", "plugins", "plugin-manifests", "hosts", "tests",
             "bench", "packaging", "docs", "CHANGELOG.md", "README.md", "LICENSE",
             "CMakePresets.json", ".ci"}

FAMILIES = {"front", "dialect", "sql", "opt", "index", "store", "codec", "evict", "security",
            "cluster", "ops", "engine", "govern", "example"}

# The drawers into which everything goes that has no place.
DRAWERS = {"util", "utils", "helper", "helpers", "common", "misc", "stuff"}

# Who may include what: the first part of the include path, seen from a file below the key.
ALLOWED_INCLUDES = {"sdk": {"mortise"}, "plugins": {"mortise"}, "kernel": {"mortise", "kernel"},
                    "hosts": {"mortise", "kernel", "hosts"}}
OURS = {"mortise", "kernel", "plugins", "hosts", "tests", "bench", "sdk"}
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')


def check_top_level(tree):
    """top-level: exactly the folders and files of ARCHITECTURE section 2, plus dotfiles."""
    present = {file.parts[0] for file in tree.files}
    for name in sorted(present - TOP_LEVEL):
        if not name.startswith("."):
            yield Finding(name, 1, "top-level", "does not belong to the top level")
    for name in sorted(TOP_LEVEL - present):
        yield Finding(name, 1, "top-level", "is missing at the top level")


def check_file_names(tree):
    """file-name: snake_case nouns; no drawer, no _v2, no _impl."""
    for file in tree.files:
        parts = [pathlib.PurePosixPath(part).stem for part in file.parts]
        if any(part.lower() in DRAWERS for part in parts):
            yield Finding(file.path, 1, "file-name", "is a drawer; name what it holds")
        if not file.is_cpp:
            continue
        stem = parts[-1]
        if re.search(r"_(v\d+|part\d*|impl\d*|new|old|utils?|helpers?|common|misc)$", stem):
            yield Finding(file.path, 1, "file-name", "says nothing about its content")
        if stem != stem.lower() or "-" in stem:
            yield Finding(file.path, 1, "file-name", "is not snake_case")


def is_test_or_bench(file):
    return bool({"tests", "bench"} & set(file.parts[:-1])) or file.name.endswith(
        ("_test.cpp", "_fuzz.cpp", "_bench.cpp"))


def check_includes(tree):
    """includes: plugins see the SDK only, the kernel no plugin and no host, nobody a plugin."""
    for file in tree.cpp("sdk", "plugins", "kernel", "hosts"):
        allowed = ALLOWED_INCLUDES[file.parts[0]] | ({"tests"} if is_test_or_bench(file) else set())
        for number, line in enumerate(file.lines, 1):
            found = INCLUDE.match(line)
            if found is None:
                continue
            target = found.group(2)
            if ".." in target.split("/"):
                yield Finding(file.path, number, "includes", f"climbs out of its folder: {target}")
            elif "/" in target and target.split("/")[0] in OURS - allowed:
                yield Finding(file.path, number, "includes",
                              f"{file.parts[0]} may not include {target}")
            elif found.group(1) == '"' and not is_found(tree, file, target):
                yield Finding(file.path, number, "includes",
                              f"{target} is not in the folder, the SDK or the kernel; a library's "
                              "header stands in <>")


def is_found(tree, file, target):
    """Whether a quoted include names a file that this one may see."""
    own = file.parts[:2] if file.parts[0] == "plugins" else file.parts[:-1]
    bases = ["/".join(file.parts[:-1]), "/".join(own), "sdk/include"]
    if file.parts[0] != "plugins":
        bases.append("")
    elif target.startswith("tests/support/"):
        bases.append("")
    return any(f"{base}/{target}".lstrip("/") in tree.paths for base in bases)


FOREIGN_TARGET = re.compile(
    r"mortise(::|_)kernel|\$\{CMAKE_SOURCE_DIR\}/(kernel|hosts|plugins)")


def check_links(tree):
    """links: a plugin's CMake names no target of ours but the SDK."""
    for file in tree.files:
        if file.parts[0] != "plugins" or file.name != "CMakeLists.txt" or len(file.parts) < 3:
            continue
        for number, line in enumerate(file.lines, 1):
            if FOREIGN_TARGET.search(line):
                yield Finding(file.path, number, "links", "a plugin links the SDK and nothing else "
                              "of ours")


def plugin_folders(tree):
    return sorted({file.parts[1] for file in tree.files
                   if file.parts[0] == "plugins" and len(file.parts) > 2})


def check_plugins(tree):
    """plugins: folder = target = manifest; README, door and tests stand; the family is known."""
    for name in plugin_folders(tree):
        folder = f"plugins/{name}"
        if name.split("-")[0] not in FAMILIES or "-" not in name:
            yield Finding(folder, 1, "plugins", "is not called family-name with a known family")
        for needed in ("README.md", "plugin.toml", "plugin.cpp", "CMakeLists.txt"):
            if f"{folder}/{needed}" not in tree.paths:
                yield Finding(f"{folder}/{needed}", 1, "plugins", "is missing")
        if not any(path.startswith(f"{folder}/tests/") for path in tree.paths):
            yield Finding(f"{folder}/tests", 1, "plugins", "is missing")
        yield from check_plugin_names(tree, name)


def check_plugin_names(tree, name):
    cmake = tree.root / "plugins" / name / "CMakeLists.txt"
    if cmake.is_file():
        targets = re.findall(r"mortise_add_plugin\(\s*([\w-]+)", cmake.read_text(encoding="utf-8"))
        if targets != [name]:
            yield Finding(f"plugins/{name}/CMakeLists.txt", 1, "plugins",
                          f"adds the plugins {targets}, not {name}")
    manifest = tree.root / "plugins" / name / "plugin.toml"
    if manifest.is_file():
        path = f"plugins/{name}/plugin.toml"
        try:
            facts = tomllib.loads(manifest.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            yield Finding(path, 1, "plugins", f"is not TOML: {error}")
            return
        if facts.get("name") != name:
            yield Finding(path, 1, "plugins", f"names the plugin {facts.get('name')}")
        door = tree.root / "plugins" / name / "plugin.cpp"
        if door.is_file() and f'"{name}"' not in door.read_text(encoding="utf-8"):
            yield Finding(f"plugins/{name}/plugin.cpp", 1, "plugins", f'does not say "{name}"')


def check_manifests(tree):
    """manifests: an operator's manifest and a set name plugins that exist."""
    known = set(plugin_folders(tree))
    for file in tree.files:
        if file.parts[0] != "plugin-manifests" or file.ending != ".toml":
            continue
        stem = pathlib.PurePosixPath(file.path).stem
        if len(file.parts) == 2 and stem not in known:
            yield Finding(file.path, 1, "manifests", "there is no plugin of this name")
        if len(file.parts) == 3:
            for number, line in enumerate(file.lines, 1):
                for name in re.findall(r'"([a-z0-9]+-[a-z0-9-]+)"', line.split("#")[0]):
                    if name.split("-")[0] in FAMILIES and name not in known:
                        yield Finding(file.path, number, "manifests", f"there is no plugin {name}")


RULES = [check_top_level, check_file_names, check_includes, check_links, check_plugins,
         check_manifests]
