#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every command of every README, in the order of the page, in a scratch copy of the tree.

A command is a line of a fenced `console` block that begins with "$ ". Blocks of one page share one scratch copy: what one
changes, the next sees. A command ends with 0, unless "<!-- exit: N -->" stands above its block.
The copy has the files of the project, and the build directory under test as its build/release.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from typing import Iterator, NamedTuple

# Commands that are not run here, and why; .ci/run is looked into, so that they are run there.
ELSEWHERE = {
    "tools/quickstart": "a stage of .ci/run: installs packages and builds the release from nothing",
    "tools/test": "a stage of .ci/run: it is what runs this test",
}
SECONDS = 300


class Command(NamedTuple):
    path: str
    line: int
    text: str
    status: int


def commands(path: str, text: str) -> Iterator[Command]:
    status, inside = 0, False
    for number, line in enumerate(text.split("\n"), start=1):
        line = line.strip()
        marked = re.match(r"<!-- exit: (\d+) -->$", line)
        if marked:
            status = int(marked.group(1))
        elif line.startswith("```"):
            if inside:
                status = 0
            inside = not inside and line == "```console"
        elif inside and line.startswith("$ "):
            yield Command(path, number, line[2:], status)


def files(root: str) -> list:
    listed = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others",
                             "--exclude-standard"], cwd=root, check=True, capture_output=True)
    return sorted(name for name in listed.stdout.decode().split("\0") if name)


def copy(root: str, build: str, scratch: str) -> None:
    for name in files(root):
        source = os.path.join(root, name)
        if os.path.isfile(source):
            target = os.path.join(scratch, name)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy2(source, target)
    os.makedirs(os.path.join(scratch, "build"))
    os.symlink(build, os.path.join(scratch, "build", "release"))


def run(command: Command, scratch: str) -> int:
    """0, or 1 if it ended otherwise than the page says."""
    environment = {**os.environ, "XDG_CACHE_HOME": os.path.join(scratch, "build", "cache"), "NO_COLOR": "1"}
    try:
        ran = subprocess.run(["bash", "-c", command.text], cwd=scratch, env=environment, stdin=subprocess.DEVNULL,
                             capture_output=True, text=True, timeout=SECONDS, check=False)
        status, output = ran.returncode, ran.stdout + ran.stderr
    except subprocess.TimeoutExpired:
        status, output = None, f"still running after {SECONDS} s"
    if status == command.status:
        return 0
    print(f"{command.path}:{command.line}: error: '{command.text}' ended with {status}, not {command.status}")
    print(output)
    return 1


def check(path: str, root: str, build: str) -> list:
    """What became of each command of one page, as run() says it."""
    results = []
    with open(os.path.join(root, path), encoding="utf-8") as file:
        found = list(commands(path, file.read()))
    with tempfile.TemporaryDirectory(prefix="readme-") as scratch:
        copy(root, build, scratch)
        for command in found:
            words = command.text.split()
            if words[0] in ELSEWHERE:
                print(f"{path}:{command.line}: not here: {command.text}: {ELSEWHERE[words[0]]}")
                continue
            print(f"{path}:{command.line}: {command.text}", flush=True)
            results.append(run(command, scratch))
    return results


def check_elsewhere(root: str) -> int:
    with open(os.path.join(root, ".ci", "run"), encoding="utf-8") as file:
        text = file.read()
    absent = [name for name in ELSEWHERE if name not in text]
    for name in absent:
        print(f".ci/run:1: error: does not run {name}, which a README tells people to type")
    return len(absent)


def check_links(path: str, root: str) -> int:
    """A door that leads nowhere is an error as well."""
    failures = 0
    with open(os.path.join(root, path), encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", line):
                if not os.path.exists(os.path.join(root, os.path.dirname(path), target)):
                    print(f"{path}:{number}: error: no file {target}")
                    failures += 1
    return failures


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--root", required=True)
    options.add_argument("--build", required=True, help="the build directory under test")
    chosen = options.parse_args()
    failures = check_elsewhere(chosen.root)
    for path in files(chosen.root):
        if os.path.basename(path) == "README.md" and os.path.exists(os.path.join(chosen.root, path)):
            results = check(path, chosen.root, os.path.abspath(chosen.build))
            failures += check_links(path, chosen.root) + sum(results)
    print(f"{failures} errors")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
