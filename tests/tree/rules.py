# SPDX-License-Identifier: Apache-2.0
"""Rules and deviations: each rule of a table has a test that carries its id, each deviation is in models/README.md."""
import re
from typing import Iterator, List, Tuple

from tree import CXX, Finding, Tree, lines, under

ARCHITECTURE = "models/README.md"

# A row of a table whose first cell is a rule: "| H-7 | ... |".
RULE_ROW = re.compile(r"^\|\s*`?([A-Z]{1,4}-\d+[a-z]?)`?\s*\|")
TAG = re.compile(r"\[([A-Z]{1,4}-\d+[a-z]?)\]")

# The rules of a specification as the project numbers them, by the folder of tests that must have one for each.
RULES = {
    "tests/models/hpet": [f"H-{number}" for number in range(1, 42)],  # IA-PC HPET 1.0a
    "tests/models/vtd": [f"VTD-{number}" for number in range(1, 43)],  # VT-d, revision 5.10
}


def tags(tree: Tree) -> set:
    return {tag for path, text in tree.items() if path.startswith("tests/") and path.endswith(CXX)
            for tag in TAG.findall(text)}


def check_rules_have_tests(tree: Tree) -> Iterator[Finding]:
    tested = tags(tree)
    for path, text in tree.items():
        if not path.startswith("models/") or not path.endswith(".md"):
            continue
        for number, line in lines(text):
            row = RULE_ROW.match(line)
            if row and row.group(1) not in tested:
                yield Finding(path, number, f"rule {row.group(1)} has no test; write one with the tag [{row.group(1)}]")
    for folder, rules in RULES.items():
        tests = sorted(path for path in tree if under(path, folder) and path.endswith(CXX))
        absent = [rule for rule in rules if rule not in tested]
        if tests and absent:
            yield Finding(tests[0], 1, f"no test carries the tag of {', '.join(absent)}")


def deviations(tree: Tree) -> List[Tuple[str, int, str]]:
    """(path, line, sentence) of each 'Deviation:' in the models' sources; it ends with its comment's paragraph."""
    found = []
    for path, text in sorted(tree.items()):
        if not path.startswith("models/") or not path.endswith(CXX):
            continue
        source = text.split("\n")
        for index, line in enumerate(source):
            start = re.search(r"//[/<!]*\s*(?:\(?\w+\)?\s+)?Deviation:\s*(.*)$", line)
            if not start:
                continue
            sentence = [start.group(1).strip()]
            for following in source[index + 1:]:
                more = re.match(r"\s*//[/<!]?\s{0,}(.*)$", following)
                if not more or not more.group(1).strip() or re.match(r"Deviation:|[A-Z]\w+   ?\s", more.group(1)):
                    break
                sentence.append(more.group(1).strip())
            found.append((path, index + 1, " ".join(sentence)))
    return found


def deviation_list(tree: Tree) -> str:
    """The block of models/README.md."""
    entries = [f"* `{path}`: {sentence}" for path, _, sentence in deviations(tree)]
    return "\n".join(entries) if entries else "None so far."


def check_deviations_are_sentences(tree: Tree) -> Iterator[Finding]:
    for path, line, sentence in deviations(tree):
        if len(sentence) < 20:
            yield Finding(path, line, "Deviation: must say in a sentence how the model differs from hardware")


CHECKS = [check_rules_have_tests, check_deviations_are_sentences]
