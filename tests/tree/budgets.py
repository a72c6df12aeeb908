# SPDX-License-Identifier: Apache-2.0
"""Sizes: 400 lines a file, 70 a function; exceptions are listed with a reason in budgets.txt."""
import re
from typing import Dict, Iterator, NamedTuple, Tuple

from tree import CODE, Finding, Tree, code_only, lines

FILE_LIMIT = 400
FUNCTION_LIMIT = 70
EXCEPTIONS = "tests/tree/budgets.txt"
SIZED = CODE + (".py", ".cmake", ".S")


class Exemption(NamedTuple):
    line: int
    limit: int
    reason: str


def exemptions(tree: Tree) -> Dict[str, Exemption]:
    """Lines "SUBJECT LIMIT REASON", where SUBJECT is a file or FILE:FUNCTION."""
    found = {}
    for number, line in lines(tree.get(EXCEPTIONS, "")):
        words = line.split(None, 2)
        if words and not words[0].startswith("#"):
            limit = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
            found[words[0]] = Exemption(number, limit, words[2] if len(words) > 2 else "")
    return found


_CONTROL = re.compile(r"^\s*(?:\}?\s*(?:if|else|for|while|switch|do|try|catch|namespace|struct|class|union|enum|extern"
                      r"|list_for_each\w*|for_each\w*)\b)")
_NAME = re.compile(r"([~\w:]+|operator[^\s(]+)\s*\(")


def functions(text: str) -> Iterator[Tuple[int, str, int]]:
    """(line, name, length) of each function, as clang-format lays them out: the end stands where the head began."""
    code = code_only(text).split("\n")
    for index, line in enumerate(code):
        if not line.rstrip().endswith("{"):
            continue
        head = index
        # The head may be spread over lines: go up to where the statement began.
        while head > 0 and code[head - 1].strip() and not re.search(r"[;{}:]\s*$|^\s*#", code[head - 1]):
            head -= 1
        statement = " ".join(code[head:index + 1])
        name = _NAME.search(statement)
        if not name or _CONTROL.match(statement) or re.search(r"=\s*[\w:<>]*\{\s*$|\]\s*(?:\(.*\))?[^()]*\{\s*$", statement):
            continue
        indent = len(code[head]) - len(code[head].lstrip())
        end = next((at for at in range(index + 1, len(code))
                    if re.match(rf"[ \t]{{{indent}}}\}}", code[at])), None)
        if end is not None:
            yield head + 1, name.group(1), end - head + 1


def check_budgets(tree: Tree) -> Iterator[Finding]:
    allowed = exemptions(tree)
    used = set()
    for path, text in tree.items():
        if not path.endswith(SIZED):
            continue
        sizes = [(1, path, len(text.split("\n")) - 1, FILE_LIMIT, "file")]
        if path.endswith(CODE):
            sizes += [(line, f"{path}:{name}", length, FUNCTION_LIMIT, "function")
                      for line, name, length in functions(text)]
        for line, subject, size, limit, kind in sizes:
            if size <= limit:
                continue
            exemption = allowed.get(subject)
            used.add(subject)
            if exemption is None:
                yield Finding(path, line, f"{size} lines: a {kind} has at most {limit}; split it, or justify it in "
                                          f"{EXCEPTIONS} as {subject}")
            elif size > exemption.limit:
                yield Finding(path, line, f"{size} lines, but {EXCEPTIONS}:{exemption.line} allows {exemption.limit}")
    for subject, exemption in allowed.items():
        if len(exemption.reason) < 20:
            yield Finding(EXCEPTIONS, exemption.line, f"no reason given for {subject}; write SUBJECT LIMIT REASON")
        elif subject not in used:
            yield Finding(EXCEPTIONS, exemption.line, f"{subject} is within its budget or gone: remove this line")


CHECKS = [check_budgets]
