# SPDX-License-Identifier: Apache-2.0
"""The files of the tree as the checks see them, and the form of a finding.

A check is a function of a Tree that yields Findings. A Tree is a mapping path -> text, so that the tests of the checks
need no files.
"""
import os
import re
import subprocess
from typing import Dict, Iterator, List, NamedTuple


class Finding(NamedTuple):
    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: error: {self.text}"


Tree = Dict[str, str]

CXX = (".cpp", ".hpp")
C = (".c", ".h")
CODE = CXX + C


def read(root: str) -> Tree:
    """All files that belong to the project: what git tracks or would track; without git, all but build/."""
    try:
        listed = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others",
                                 "--exclude-standard"],
                                cwd=root, check=True, capture_output=True).stdout.decode().split("\0")
    except (OSError, subprocess.CalledProcessError):
        listed = list(walk(root))
    tree = {}
    for path in sorted(set(filter(None, listed))):
        try:
            with open(os.path.join(root, path), encoding="utf-8") as file:
                tree[path] = file.read()
        except (FileNotFoundError, IsADirectoryError):
            continue  # deleted and not yet committed
        except UnicodeDecodeError:
            continue  # a binary test input
    return tree


def walk(root: str) -> Iterator[str]:
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in (".git", "build", ".cache")]
        for name in names:
            yield os.path.relpath(os.path.join(folder, name), root)


def lines(text: str) -> Iterator[tuple]:
    return enumerate(text.split("\n"), start=1)


def under(path: str, *folders: str) -> bool:
    return any(path.startswith(folder.rstrip("/") + "/") for folder in folders)


LITERAL = re.compile(r"""
    //[^\n]*                             # line comment
  | /\*.*?\*/                            # block comment
  | R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"   # raw string
  | "(?:\\.|[^"\\\n])*"
  | (?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'  # character, not a digit separator
""", re.VERBOSE | re.DOTALL)


def code_only(text: str) -> str:
    """C or C++ with comments, strings and characters blanked, every line at its place. #include lines stay whole."""
    def blank(match) -> str:
        if match.group().startswith('"'):
            start = text.rfind("\n", 0, match.start()) + 1
            if text[start:match.start()].lstrip().startswith("#include"):
                return match.group()
        return re.sub(r"[^\n]", " ", match.group())
    return LITERAL.sub(blank, text)


def includes(text: str) -> Iterator[tuple]:
    """(line, name, is_quoted) of each #include."""
    for number, line in lines(code_only(text)):
        found = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
        if found:
            yield number, found.group(2), found.group(1) == '"'


def report(findings: List[Finding]) -> int:
    for finding in sorted(findings):
        print(finding)
    return 1 if findings else 0
