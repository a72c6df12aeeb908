# SPDX-License-Identifier: Apache-2.0
"""Rules and deviations: each rule of a table has a test that carries its id, each deviation is in models/README.md."""
import re
from typing import Dict, Iterator, List, NamedTuple, Tuple

from tree import CXX, Finding, Tree, lines, under

ARCHITECTURE = "models/README.md"

# Rules that have no test yet. A line that is no longer true is an error, so the list can only shrink.
OPEN = "tests/tree/open_rules.txt"

# A row of a table whose first cell names rules: "| H-7 | ... |" or "| H-2, H-3 | ... |".
RULE_ROW = re.compile(r"^\|\s*((?:`?[A-Z]{1,5}-\d+[a-z]?`?(?:,\s*)?)+)\s*\|\s*([^|]*?)\s*\|")
RULE = re.compile(r"[A-Z]{1,5}-\d+[a-z]?")
TAG = re.compile(r"\[([A-Z]{1,5}-\d+[a-z]?)\]")


class Rule(NamedTuple):
    name: str
    words: str
    path: str
    line: int

    @property
    def impossible(self) -> bool:
        """Its words say that no test can exist, and why."""
        return "impossible:" in self.words


    @property
    def part(self) -> str:
        """What of the rule has no test, as its words say; empty: all of it has."""
        return self.words.partition("in part:")[2].strip()


class Case(NamedTuple):
    path: str
    name: str


def order(rule: str) -> Tuple[str, int, str]:
    family, number = re.fullmatch(r"([A-Z]+)-(\d+)([a-z]?)", rule).group(1, 2)
    return family, int(number), rule


def rules(tree: Tree) -> List[Rule]:
    """Of every table of rules in the models' documents."""
    return [Rule(name, row.group(2), path, number)
            for path, text in sorted(tree.items()) if path.startswith("models/") and path.endswith(".md")
            for number, line in lines(text) for row in [RULE_ROW.match(line)] if row
            for name in RULE.findall(row.group(1))]


_CASE = re.compile(r"\bTEST_CASE(?:_METHOD)?\s*\(\s*")
_STRING = re.compile(r'\s*"((?:\\.|[^"\\])*)"')


def cases(tree: Tree) -> Iterator[Tuple[Case, List[str]]]:
    """Each Catch2 case with the rules among its tags."""
    for path, text in sorted(tree.items()):
        if not path.startswith("tests/") or not path.endswith(CXX):
            continue
        for found in _CASE.finditer(text):
            at = found.end()
            fixture = re.compile(r"[\w:]+\s*,").match(text, at)
            at = fixture.end() if fixture else at
            arguments = [""]
            while True:  # adjacent literals are one; a comma ends an argument
                string = _STRING.match(text, at)
                if string:
                    arguments[-1] += string.group(1)
                    at = string.end()
                    continue
                comma = re.compile(r"\s*,").match(text, at)
                if not comma:
                    break
                arguments.append("")
                at = comma.end()
            if len(arguments) > 1:
                yield Case(path, arguments[0].replace('\\"', '"')), TAG.findall(arguments[1])


def tests_of(tree: Tree) -> Dict[str, List[Case]]:
    found: Dict[str, List[Case]] = {}
    for case, names in cases(tree):
        for name in dict.fromkeys(names):
            found.setdefault(name, []).append(case)
    return found


def open_rules(tree: Tree) -> Dict[str, int]:
    return {line.split()[0]: number for number, line in lines(tree.get(OPEN, ""))
            if line.strip() and not line.startswith("#")}


def check_rules_have_tests(tree: Tree) -> Iterator[Finding]:
    tested, allowed = tests_of(tree), open_rules(tree)
    known = set()
    for rule in rules(tree):
        known.add(rule.name)
        if rule.name not in tested and rule.name not in allowed and not rule.impossible:
            yield Finding(rule.path, rule.line, f"rule {rule.name} has no test; write one with the tag [{rule.name}]")
    for name, number in allowed.items():
        if name in tested:
            yield Finding(OPEN, number, f"rule {name} has a test now: remove this line")
        elif name not in known:
            yield Finding(OPEN, number, f"no table under models/ has a rule {name}")


# Family -> (title, number of its last rule).
FAMILIES = {"H": ("HPET", 41), "I": ("I/O APIC", 27), "M": ("Messages", 15), "VTD": ("Interrupt remapping", 42),
            "AMDVI": ("AMD-Vi", 20), "LAPIC": ("Local APIC", 43), "CPU": ("CPU", 27), "HP": ("CPU hotplug", 5)}


def check_rules_are_complete(tree: Tree) -> Iterator[Finding]:
    """A family that is listed is listed whole: no rule is lost with the row that it stood in."""
    listed: Dict[str, Dict[int, Rule]] = {}
    for rule in rules(tree):
        family, number, _ = order(rule.name)
        listed.setdefault(family, {}).setdefault(number, rule)
    for family, numbers in listed.items():
        if family not in FAMILIES:
            continue
        absent = [f"{family}-{number}" for number in range(1, FAMILIES[family][1] + 1) if number not in numbers]
        first = min(numbers.values(), key=lambda rule: (rule.path, rule.line))
        if absent:
            yield Finding(first.path, first.line, f"no row for {', '.join(absent)}: list every rule of the family")


# What people get wrong: W- of timers and messages, WI- of interrupts, by number.
MISTAKES = {"W": [*range(1, 37), *range(40, 68), *range(70, 78)], "WI": list(range(1, 65))}
PAGE = "tests/RULES.md"


def check_mistakes_have_tests(tree: Tree) -> Iterator[Finding]:
    """Each mistake has a test with its tag, or a row in tests/RULES.md that says why it cannot have one."""
    tested = tests_of(tree)
    if PAGE not in tree:
        return
    excused = {name: number for number, line in lines(tree[PAGE]) for row in [RULE_ROW.match(line)]
               if row and "impossible:" in row.group(2) for name in RULE.findall(row.group(1))}
    for family, numbers in MISTAKES.items():
        absent = [name for number in numbers for name in [f"{family}-{number}"]
                  if name not in tested and name not in excused]
        if absent:
            yield Finding(PAGE, 1, f"no test for {', '.join(absent)}: write one with that tag, or a row that says "
                          "'impossible: ...'")
    for name, number in excused.items():
        if name in tested:
            yield Finding(PAGE, number, f"{name} has a test now: remove this row")


def rules_page(tree: Tree) -> str:
    """The block of tests/RULES.md: each rule with its tests, and first those that have none."""
    tested = tests_of(tree)
    listed = {}
    for rule in rules(tree):
        listed.setdefault(rule.name, rule)
    names = sorted(listed, key=order)
    without = [name for name in names if name not in tested and not listed[name].impossible]
    impossible = [name for name in names if listed[name].impossible]
    part = [name for name in names if listed[name].part]
    text = [f"{len(names)} rules, {len(names) - len(without) - len(impossible)} with tests, {len(part)} of them in part.",
            ""]
    text += [f"Without a test yet: {', '.join(without) if without else 'none'}.", ""]
    text += [f"* {name} cannot have one: {listed[name].words.split('impossible:')[1].strip()}" for name in impossible]
    text += [f"* {name} is tested in part: {listed[name].part}" for name in part]
    for family, (title, _) in FAMILIES.items():
        own = [name for name in names if order(name)[0] == family]
        text += ["", f"## {title}", ""] if own else []
        for name in own:
            text.append(f"* **{name}** {listed[name].words}")
            text += [f"  * `{case.path}`: {case.name}" for case in tested.get(name, [])]
    wrong = sorted((name for name in tested if order(name)[0] in MISTAKES), key=order)
    text += ["", "## What people get wrong", "", "Mistakes of drivers, models and documents, each with the test that "
             "shows the right behaviour.", ""]
    for name in wrong:
        text.append(f"* **{name}**")
        text += [f"  * `{case.path}`: {case.name}" for case in tested[name]]
    return "\n".join(text)


# A name of theirs; the ids of mistakes may stand before it.
PEER = re.compile(r"(?:[A-Z]+-\d+(?:, )?)*(?:: )?kvm-unit-tests\s*(.*)", re.DOTALL)


def peer_page(tree: Tree) -> str:
    """The block of tests/peer/README.md: each case that is a check of the peer suite, those first that C executes."""
    named = [(not case.path.startswith("tests/peer/"), case.path, match.group(1).strip(), rules_of)
             for case, rules_of in cases(tree) for match in [PEER.match(case.name)] if match]
    text = ["| Check | Rules | Test |", "|---|---|---|"]
    text += [f"| {name} | {', '.join(sorted(rules_of, key=order)) or '-'} | `{path}` |"
             for _, path, name, rules_of in sorted(named, key=lambda row: row[:2])]
    return "\n".join(text)


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


CHECKS = [check_rules_have_tests, check_rules_are_complete, check_mistakes_have_tests, check_deviations_are_sentences]
