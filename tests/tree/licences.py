# SPDX-License-Identifier: Apache-2.0
"""One SPDX line first in every file, with the licence of its folder."""
import posixpath
import re
from typing import Iterator, Optional

from tree import Finding, Tree, under

SPDX = re.compile(r"^(?://|#|/\*|<!--|;|--)\s*SPDX-License-Identifier:\s*(.*?)\s*(?:\*/|-->)?$")

# No comments, or bytes that are the point of the file: .reuse/dep5 speaks for these.
UNMARKED = (".json", ".png", ".svg", ".xml", ".csv")


# C of the tests that is compiled as a detector is: either will do.
EITHER = ("tests/detector",)


def licence(path: str) -> Optional[str]:
    """What the first line must say; None where nothing is asked."""
    name = posixpath.basename(path)
    if name.startswith("LICENSE") or under(path, "LICENSES", "tests/reject/cases") or path.endswith(UNMARKED) or \
            name in (".gitignore",) or path == ".reuse/dep5":
        return None
    build_file = name in ("CMakeLists.txt", ".clang-format", ".clang-tidy") or name.endswith(".cmake")
    return "GPL-2.0 OR MIT" if under(path, "detector") and not build_file else "Apache-2.0"


def check_licences(tree: Tree) -> Iterator[Finding]:
    for path, text in tree.items():
        wanted = licence(path)
        if wanted is None or not text.strip():
            continue
        first = text.split("\n", 2)
        number = 2 if first[0].startswith("#!") else 1
        found = SPDX.match(first[number - 1]) if len(first) >= number else None
        if not found:
            yield Finding(path, number, f"no SPDX line; write SPDX-License-Identifier: {wanted}")
        elif found.group(1) != wanted and not (under(path, *EITHER) and found.group(1) == "GPL-2.0 OR MIT"):
            yield Finding(path, number, f"licence is {found.group(1)}, but {path.split('/')[0]} has {wanted}")


CHECKS = [check_licences]
