# SPDX-License-Identifier: Apache-2.0
"""Generated blocks of documents: what stands between the markers is what the command prints.

    <!-- generated: hldsim regs hpet --markdown -->       output, as it is
    <!-- generated: $ hldsim run scenarios/x.yaml -->     a console block: the command as typed, and its output
    <!-- generated: deviations -->                        the Deviation list of the models
    <!-- generated: rules -->                             each numbered rule with its tests
    <!-- generated: peer -->                              the checks of the peer suite and where each is
    <!-- /generated -->                                   the end of each

tools/update-docs rewrites them; the tree test compares.
"""
import os
import re
import shlex
import subprocess
from typing import Iterator, List, NamedTuple, Optional

from rules import deviation_list, peer_page, rules_page
from tree import Finding, Tree

PROGRAM = "build/release/bin/hldsim"  # as a reader types it, whatever build makes the block
BLOCK = re.compile(r"^(?P<indent> *)<!-- generated: (?P<command>.*?) -->\n(?P<body>.*?)^ *<!-- /generated -->$",
                   re.MULTILINE | re.DOTALL)
MARKER = re.compile(r"^ *<!-- /?generated\b")


class Block(NamedTuple):
    path: str
    line: int
    command: str
    body: str


class CannotGenerate(Exception):
    """The program is not built."""


def blocks(tree: Tree) -> Iterator[Block]:
    for path, text in tree.items():
        if path.endswith(".md"):
            for found in BLOCK.finditer(text):
                yield Block(path, text.count("\n", 0, found.start()) + 1, found.group("command"), found.group("body"))


class Generator:
    """Runs commands of blocks with one binary, in the root of the tree."""

    def __init__(self, root: str, tree: Tree, binary: Optional[str]):
        self.root, self.tree, self.binary = root, tree, binary

    def output(self, command: str) -> str:
        if command == "deviations":
            return deviation_list(self.tree) + "\n"
        if command == "rules":
            return rules_page(self.tree) + "\n"
        if command == "peer":
            return peer_page(self.tree) + "\n"
        transcript = command.startswith("$ ")
        words = shlex.split(command[2:] if transcript else command)
        if words[0] not in ("hldsim", PROGRAM):
            raise ValueError(f"'{words[0]}' is no generator; expected hldsim, deviations, peer or rules")
        if not self.binary or not os.access(self.binary, os.X_OK):
            raise CannotGenerate("hldsim is not built")
        environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "120", "SYSTEMC_DISABLE_COPYRIGHT_MESSAGE": "1"}
        ran = subprocess.run([self.binary, *words[1:]], cwd=self.root, capture_output=True, text=True, check=False,
                             env=environment)
        if ran.returncode not in ((0, 1) if transcript else (0,)):
            raise ValueError(f"'{command}' ended with {ran.returncode}: {ran.stderr.strip()}")
        if transcript:
            return f"```console\n$ {PROGRAM} {' '.join(words[1:])}\n{ran.stdout.rstrip()}\n```\n"
        return ran.stdout.rstrip() + "\n"


def same(left: str, right: str) -> bool:
    """A build id belongs to the object that ran, not to the document."""
    def normal(text: str) -> str:
        return re.sub(r"\bbuild [0-9a-f]{8,}", "build ID", text)
    return normal(left).strip() == normal(right).strip()


def check_markers(tree: Tree) -> Iterator[Finding]:
    """A begin without an end would silently be prose."""
    for path, text in tree.items():
        if not path.endswith(".md"):
            continue
        opened = None
        for number, line in enumerate(text.split("\n"), start=1):
            if not MARKER.match(line):
                continue
            ends = "/generated" in line
            if ends and opened is None:
                yield Finding(path, number, "this ends no generated block")
            if not ends and opened is not None:
                yield Finding(path, opened, "this generated block has no end; write <!-- /generated -->")
            opened = None if ends else number
        if opened is not None:
            yield Finding(path, opened, "this generated block has no end; write <!-- /generated -->")


def check_fresh(tree: Tree, generator: Generator, skipped: List[str]) -> Iterator[Finding]:
    for block in blocks(tree):
        try:
            output = generator.output(block.command)
        except CannotGenerate as reason:
            skipped.append(f"{block.path}:{block.line}: not compared: {reason}")
            continue
        except ValueError as reason:
            yield Finding(block.path, block.line, str(reason))
            continue
        if not same(output, block.body):
            yield Finding(block.path, block.line, f"'{block.command}' prints something else now; run tools/update-docs")


def rewrite(text: str, generator: Generator) -> str:
    def fill(found) -> str:
        try:
            output = generator.output(found.group("command"))
        except CannotGenerate:
            return found.group()
        begin = f"{found.group('indent')}<!-- generated: {found.group('command')} -->\n"
        return f"{begin}{output}{found.group('indent')}<!-- /generated -->"
    return BLOCK.sub(fill, text)


def check_deviations_are_listed(tree: Tree) -> Iterator[Finding]:
    if not any(block.path == "models/README.md" and block.command == "deviations" for block in blocks(tree)):
        yield Finding("models/README.md", 1, "no generated list of deviations; write <!-- generated: deviations -->")


CHECKS = [check_markers, check_deviations_are_listed]
