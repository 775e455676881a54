# SPDX-License-Identifier: Apache-2.0
"""Answers: does every header compile alone?

A header of the SDK is the first and only thing that a stranger includes: *.h as C11 and as C++20,
*.hpp as C++20.  Headers of the kernel as C++20.  A header whose library is not installed is left
out and said so.
"""

import concurrent.futures
import os
import re
import subprocess

from tree import Finding

C11 = ["cc", "-std=c11", "-x", "c"]
CPP20 = ["c++", "-std=c++20", "-x", "c++"]
FLAGS = ["-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wno-psabi"]


def compile_alone(tree, file, compiler):
    """The first error, or None."""
    include = [f"-I{tree.root}/sdk/include"]
    if file.parts[0] == "kernel":
        include.append(f"-I{tree.root}")
    text = f'#include "{file.absolute}"\n#include "{file.absolute}"\nint mortise_header_alone;\n'
    command = compiler + FLAGS + include + ["-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    errors = [line for line in done.stderr.splitlines() if "error" in line]
    return (errors or [done.stderr.strip()])[0]


def check_headers(tree):
    """headers: each compiles alone, C11 and C++20."""
    jobs = []
    for file in tree.cpp("sdk", "kernel"):
        if file.ending == ".h" and file.path.startswith("sdk/include/"):
            jobs += [(file, C11), (file, CPP20)]
        elif file.ending == ".hpp":
            jobs.append((file, CPP20))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        errors = list(pool.map(lambda job: compile_alone(tree, *job), jobs))
    for (file, compiler), error in zip(jobs, errors):
        if error is None:
            continue
        missing = re.search(r"fatal error: ([\w./+-]+): No such file", error)
        if missing and not (tree.root / missing.group(1)).exists() and (
                missing.group(1).split("/")[0] not in {"mortise", "kernel"}):
            print(f"{file.path} is left out: {missing.group(1)} is not installed")
            continue
        yield Finding(file.path, 1, "headers", f"does not compile alone ({compiler[1]}): {error}")


RULES = [check_headers]
