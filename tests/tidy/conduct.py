# SPDX-License-Identifier: Apache-2.0
"""Answers: does the code keep to what only some of it may do?

System calls, threads, clocks and random numbers belong to kernel/platform; exceptions to the
boundary; functions have an end.
"""

import ast
import bisect
import re

from tree import Finding

FUNCTION_LINES_MAX = 70

# (pattern over code without comments and strings, what to use instead)
BANNED = [
    (r"\bstd::(jthread|thread|async|barrier|latch|counting_semaphore|binary_semaphore)\b",
     "the platform's threads, the host's tasks"),
    (r"\bstd::(\w*mutex|condition_variable\w*|lock_guard|unique_lock|scoped_lock|shared_lock"
     r"|call_once|once_flag)\b", "the platform's Mutex and Lock, mortise/cpp/sync.hpp"),
    (r"\bstd::this_thread\b|(?<![\w.>:])(sleep_(for|until)|(u|nano)?sleep)\s*\(",
     "no sleeping: wait for what you wait for"),
    (r"\bstd::chrono::(system|steady|high_resolution|utc|file)_clock\b"
     r"|(?<![\w.>:])(std::|::)?(time|clock)\s*\(\s*(NULL|nullptr|0|&\w+)?\s*\)"
     r"|\b(clock_gettime|gettimeofday|localtime(_r)?|gmtime(_r)?)\s*\(", "the platform's Clock"),
    (r"\bstd::(random_device|s?rand)\b|(?<![\w.>:])(s?rand(_r)?|s?random_r|srandom)\s*\("
     r"|\bgetrandom\s*\(", "the platform's Random, or an engine with a printed seed"),
    (r"(?<![\w>\]])::(open(at)?|creat|read|write|close|lseek|rename|unlink|ftruncate|fork|poll"
     r"|pipe2?|kill|socket|accept4?|connect|send|recv|sendmsg|recvmsg)\s*\("
     r"|(?<![\w.>])(::)?(p(read|write)v?2?|readv|writev|fsync|fdatasync|fallocate|posix_fallocate"
     r"|mmap|munmap|msync|madvise|mremap|io_uring_\w+|epoll_\w+|syscall|vfork)\s*\(",
     "the platform's files and IoBackend, the host's services"),
    (r"(?<![\w.>])(::)?pthread_\w+\s*\(", "the platform's threads"),
]
BANNED = [(re.compile(pattern), instead) for pattern, instead in BANNED]

EXCEPTION_WORD = re.compile(r"\b(throw|try|catch)\b")
BOUNDARY = "sdk/include/mortise/cpp/boundary.hpp"


def check_system_calls(tree):
    """system-calls: only in kernel/platform, or with `Tidy: may call the system, because ...`."""
    for file in tree.cpp():
        is_platform = file.path.startswith("kernel/platform/")
        if is_platform or file.may("call the system"):
            continue
        for number, line in enumerate(file.code_lines, 1):
            for pattern, instead in BANNED:
                found = pattern.search(line)
                if found:
                    yield Finding(file.path, number, "system-calls",
                                  f"{found.group(0).strip()} is banned here; use {instead}")


def check_exceptions(tree):
    """exceptions: only in the boundary, or with `Tidy: may catch, because ...` (or throw)."""
    for file in tree.cpp():
        if file.path == BOUNDARY or file.may("(throw|catch)"):
            continue
        for number, line in enumerate(file.code_lines, 1):
            found = EXCEPTION_WORD.search(line)
            if found:
                yield Finding(file.path, number, "exceptions", f"{found.group(0)} outside of the "
                              "boundary")


def check_pragma_once(tree):
    """pragma-once: every header has it on its second line."""
    for file in tree.cpp():
        if file.ending in {".h", ".hpp"} and "#pragma once" not in file.lines[:3]:
            yield Finding(file.path, 2, "pragma-once", "#pragma once is missing")


def check_test_heads(tree):
    """test-heads: a unit test says its goal and its method."""
    for file in tree.files:
        if file.name.endswith(("_test.cpp", "_fuzz.cpp")):
            head = "\n".join(file.lines[:20])
            if "Goal:" not in head or "Method:" not in head:
                yield Finding(file.path, 1, "test-heads", "the head lacks Goal: or Method:")


class FunctionFinder:
    """Finds functions by their braces: those outside of types and namespaces' own."""

    OUTER = re.compile(r"\b(namespace|class|struct|union|enum)\b|\bextern\s*$")

    def __init__(self, code):
        # Preprocessor lines, with their continuations, are no code of a function's frame.
        self.code = re.sub(r"(?m)^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", self._blank, code)
        self.starts = [0] + [m.end() for m in re.finditer("\n", self.code)]

    @staticmethod
    def _blank(match):
        return re.sub(r"[^\n]", " ", match.group(0))

    def line_of(self, offset):
        return bisect.bisect_right(self.starts, offset)

    def functions(self):
        """(name, first line, line count) of each."""
        position, begin = 0, 0
        while (found := re.search(r"[{};]", self.code[position:])) is not None:
            at = position + found.start()
            position = at + 1
            if self.code[at] == "{":
                header = re.sub(r"\b(public|private|protected)\s*:(?!:)", self._blank,
                                self.code[begin:at])
                if header[-1:].isidentifier() or header[-1:] == ">":
                    position = self._closing(at) + 1  # x{1}: the declaration goes on
                    continue
                if not self._is_outer(header):
                    end = self._closing(at)
                    if self._is_function(header):
                        name = self._name(header)
                        first = self.line_of(begin + len(header) - len(header.lstrip()))
                        yield name, first, self.line_of(end) - first + 1
                        begin = position = end + 1
                    else:
                        position = end + 1  # = {...}: the declaration goes on
                    continue
            begin = position

    def _closing(self, at):
        depth = 0
        for offset in range(at, len(self.code)):
            if self.code[offset] == "{":
                depth += 1
            elif self.code[offset] == "}":
                depth -= 1
                if depth == 0:
                    return offset
        return len(self.code) - 1

    def _is_outer(self, header):
        bare = re.sub(r"\([^()]*\)|<[^<>]*>|\[\[[^\]]*\]\]|alignas", " ", header)
        if re.search(r'\bextern\s+"\s*C?\s*"\s*$', header):
            return True
        return bool(self.OUTER.search(bare)) and "(" not in bare and "=" not in bare

    @staticmethod
    def _is_function(header):
        bare = header.rstrip()
        if "(" not in bare:
            return False
        return not re.search(r"(=|return|,|\()\s*$", bare)

    @staticmethod
    def _name(header):
        found = re.search(r"([~\w:]+|operator[^\w\s(]+)\s*\(", header)
        return found.group(1) if found else "?"


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def allowed_lengths(tree):
    """path and name -> lines, from tests/tidy/allowed_lengths.txt."""
    allowed = {}
    path = tree.root / "tests" / "tidy" / "allowed_lengths.txt"
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            words = line.split("#")[0].split()
            if len(words) == 3:
                allowed[words[0], words[1]] = int(words[2])
    return allowed


def check_function_length(tree):
    """function-length: 70 lines; a ratchet: what is longer is listed and may only shrink."""
    allowed = allowed_lengths(tree)
    unused = dict(allowed)
    for file in tree.files:
        if file.is_cpp:
            functions = FunctionFinder(file.code).functions()
        elif file.ending == ".py":
            functions = python_functions(file.text)
        else:
            continue
        for name, line, count in functions:
            if count <= FUNCTION_LINES_MAX:
                continue
            limit = allowed.get((file.path, name), FUNCTION_LINES_MAX)
            unused.pop((file.path, name), None)
            if count != limit:
                yield Finding(file.path, line, "function-length",
                              f"{name} has {count} lines, {limit} are allowed")
    for path, name in unused:
        yield Finding("tests/tidy/allowed_lengths.txt", 1, "function-length",
                      f"{path} {name} is short now, or gone; take it from the list")


THREAD_TAG = re.compile(r"\[(any|control|worker|loop|io|commit)\b[^\]]*\]")


def comments_above(file, at):
    """Last lines of the comment that belongs to the member at line `at` (from 0), which it may
    share with the members between, and of the comment above its struct."""
    while at > 0 and not file.lines[at - 1].rstrip().endswith(("{", "*/")) and file.lines[at - 1]:
        at -= 1
    if at > 0 and file.lines[at - 1].rstrip().endswith("*/"):
        yield file.lines[at - 1]
    while at > 0 and not re.match(r"^(typedef )?struct \w+ \{$", file.lines[at]):
        at -= 1
    if at > 0 and file.lines[at - 1].rstrip().endswith("*/"):
        yield file.lines[at - 1]


def check_thread_tags(tree):
    """thread-tags: the comment of every function of the ABI ends with its thread and state."""
    for file in tree.cpp("sdk"):
        if file.ending != ".h":
            continue
        for number, line in enumerate(file.lines, 1):
            if not re.match(r"^  [\w].*\(MORTISE_CALL \*\w+\)", line):
                continue
            if not any(THREAD_TAG.search(text) for text in comments_above(file, number - 1)):
                yield Finding(file.path, number, "thread-tags", "neither the comment above nor "
                              "the struct's ends with a thread tag, such as [any, concurrent]")


RULES = [check_system_calls, check_exceptions, check_pragma_once, check_test_heads,
         check_function_length, check_thread_tags]
