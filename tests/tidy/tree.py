# SPDX-License-Identifier: Apache-2.0
"""Answers: which files does a check look at, and what is code in them?

A `Tree` is a folder with the project's layout: the checkout, or a small one that a self-test has
planted.  In a git checkout the files are those that git knows or would know; elsewhere all of them
but build folders.
"""

import dataclasses
import functools
import pathlib
import re
import subprocess

CPP_ENDINGS = {".h", ".hpp", ".cpp"}
SCRIPT_ENDINGS = {".py", ".sh"}
LISTED_ENDINGS = CPP_ENDINGS | SCRIPT_ENDINGS | {".cmake", ".toml", ".sql", ".script", ".test"}

# A comment, a raw string, a string, a character: whatever comes first is taken whole.
TOKENS = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^()\s\\]{0,16})\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-zA-Z_])(?:u8|[uUL])?'(?:\\.|[^'\\\n])+'", re.DOTALL)


@dataclasses.dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int
    rule: str
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.text} [{self.rule}]"


def blanked(match):
    """The token as blanks, with its line ends, so that line numbers and columns stay."""
    return re.sub(r"[^\n]", " ", match.group(0))


def blanked_literal(match):
    """A comment becomes blanks; a string or character keeps its quotes."""
    text = match.group(0)
    if text.startswith("/"):
        return blanked(match)
    return text[0] + re.sub(r"[^\n]", " ", text[1:-1]) + text[-1]


class File:
    def __init__(self, root, path):
        self.path = path  # relative, with '/'
        self.absolute = root / path
        self.name = pathlib.PurePosixPath(path).name
        self.ending = pathlib.PurePosixPath(path).suffix
        self.parts = pathlib.PurePosixPath(path).parts

    @functools.cached_property
    def text(self):
        return self.absolute.read_text(encoding="utf-8", errors="surrogateescape")

    @functools.cached_property
    def lines(self):
        return self.text.splitlines()

    @functools.cached_property
    def code(self):
        """The text with comments, strings and characters blanked (C and C++)."""
        return TOKENS.sub(blanked_literal, self.text)

    @functools.cached_property
    def code_lines(self):
        return self.code.splitlines()

    @property
    def is_cpp(self):
        return self.ending in CPP_ENDINGS

    @property
    def is_source(self):
        return self.ending in LISTED_ENDINGS or self.name == "CMakeLists.txt"

    def may(self, subject):
        """Whether the file carries `Tidy: may SUBJECT, because ...` in its first 40 lines."""
        marker = re.compile(rf"Tidy: may {subject}, because \w+")
        return any(marker.search(line) for line in self.lines[:40])


class Tree:
    def __init__(self, root):
        self.root = pathlib.Path(root).resolve()
        self.files = [File(self.root, path) for path in sorted(set(self._paths()))
                      if (self.root / path).is_file()]
        self.paths = {file.path for file in self.files}

    def _paths(self):
        if (self.root / ".git").exists():
            done = subprocess.run(
                ["git", "-c", "core.quotePath=false", "-c", f"safe.directory={self.root}", "-C",
                 self.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                capture_output=True, text=True, check=True)
            return [path for path in done.stdout.split("\0") if path]
        return [path.relative_to(self.root).as_posix() for path in self.root.rglob("*")
                if path.is_file() and "build" not in path.relative_to(self.root).parts]

    def cpp(self, *tops):
        """C and C++ files below the named top folders, or all of them."""
        return [file for file in self.files
                if file.is_cpp and (not tops or file.parts[0] in tops)]
