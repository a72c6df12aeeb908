# SPDX-License-Identifier: Apache-2.0
"""Pages that comments name: each is in the tree, or is somebody else's and named as such."""
import posixpath
import re
from typing import Iterator

from tree import CODE, LITERAL, Finding, Tree, lines

SCRIPTS = (".py", ".cmake", ".yaml", "CMakeLists.txt")
_SCRIPT = re.compile(r'""".*?"""|#[^\n]*|"(?:\\.|[^"\\\n])*"' + r"|(?<!\w)'(?:\\.|[^'\\\n])*'", re.DOTALL)
_PAGE = re.compile(r"[\w./-]*\w\.md\b")
_OTHERS = re.compile(r"(?:https?:\S*|@[0-9a-f]{7,40},? )$")


def comments(text: str, path: str) -> str:
    """The comments, all else blanked, every line at its place; those of a script with its docstrings."""
    def blank(part: str) -> str:
        return re.sub(r"[^\n]", " ", part)
    kept, end = [], 0
    for found in (LITERAL if path.endswith(CODE) else _SCRIPT).finditer(text):
        is_comment = found.group().startswith(("//", "/*", "#", '"""'))
        kept += [blank(text[end:found.start()]), found.group() if is_comment else blank(found.group())]
        end = found.end()
    return "".join(kept) + blank(text[end:])


def check_pages(tree: Tree) -> Iterator[Finding]:
    """A page is named by its path from the root of the tree, or from the folder of the file that names it.

    One of others is named with its address, or behind the version of its repository: owner/name @commit, page.
    """
    for path, text in tree.items():
        if not path.endswith(CODE + SCRIPTS):
            continue
        for number, line in lines(comments(text, path)):
            for found in _PAGE.finditer(line):
                beside = posixpath.normpath(posixpath.join(posixpath.dirname(path), found.group()))
                if found.group() not in tree and beside not in tree and not _OTHERS.search(line[:found.start()]):
                    yield Finding(path, number, f"there is no page '{found.group()}': name one by its path from the root "
                                                "or from here, or say what it says")


CHECKS = [check_pages]
