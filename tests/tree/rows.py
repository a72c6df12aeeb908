# SPDX-License-Identifier: Apache-2.0
"""Rows of the timing profiles: each is charged by a model, checked against others, or said to be kept only."""
import re
from typing import Dict, Iterator, Set

from tree import CXX, Finding, Tree, under

NAMES = "models/base/timing.hpp"
KEPT = "tools/harness/profile/uncharged.hpp"
CHECKS_FILE = "tools/harness/profile/checks.cpp"

# Where a row becomes time: the models, the kernel's calls, and the fields of a profile.
CHARGE = ("models", "detector/shim", "tools/harness/run")

_NAME = re.compile(r'\bROW\((\w+),\s*"[\w.]+"\)')
_USE = re.compile(r"\bRow::(\w+)")
_CHECK = re.compile(r"\{Row::(\w+),\s*\{Row::")


def names(tree: Tree) -> Dict[str, int]:
    """Each row with the line that names it."""
    text = tree.get(NAMES, "")
    return {found.group(1): text.count("\n", 0, found.start()) + 1 for found in _NAME.finditer(text)}


def charged(tree: Tree) -> Set[str]:
    return {row for path, text in tree.items() if under(path, *CHARGE) and path.endswith(CXX)
            for row in _USE.findall(text)}


def check_rows(tree: Tree) -> Iterator[Finding]:
    kept = set(_USE.findall(tree.get(KEPT, "")))
    checked = set(_CHECK.findall(tree.get(CHECKS_FILE, "")))
    used = charged(tree)
    for row, line in names(tree).items():
        if row not in used | kept | checked:
            yield Finding(NAMES, line, f"no model charges row {row}: charge it, or add it to {KEPT}")
        elif row in used and row in kept | checked:
            yield Finding(NAMES, line, f"a model charges row {row}: take it out of {KEPT if row in kept else CHECKS_FILE}")


CHECKS = [check_rows]
