# SPDX-License-Identifier: Apache-2.0
"""Words and constructs that are banned, where, and what to use instead."""
import posixpath
import re
from typing import Iterator, NamedTuple, Tuple

from tree import C, CODE, CXX, Finding, Tree, code_only, lines, under

PURE_C = ("detector/core", "detector/designs", "detector/policies")


class Ban(NamedTuple):
    pattern: str
    name: str
    instead: str
    folders: Tuple[str, ...]        # where it holds; () is everywhere
    but: Tuple[str, ...] = ()       # folders or files where it does not
    extensions: Tuple[str, ...] = CODE
    in_comments: bool = False       # also in comments, strings and prose


EVERYWHERE = ()
QUIET = ("models", "detector/shim", "tools/harness")

BANS = [
    # Time and chance come from the model, or a run cannot be replayed.
    Ban(r"\bsc_\w+", "SystemC's sc_*", "models/sim (Session, Timeline, Alarm, Probe)",
        ("models/base", "models/regs", "detector/shim", "tools"), ("tools/hldsim/main.cpp",)),
    Ban(r"<chrono>|std::chrono", "<chrono>", "models/base/duration.hpp", ("models", "detector/shim")),
    Ban(r"<c?time(?:\.h)?>|\bstd::(?:time|clock)\s*\(|(?<![\w.>:])(?:time|gettimeofday|clock_gettime)\s*\(", "the host's clock",
        "the timeline's now()", ("models", "detector/shim")),
    Ban(r"<random>|\bstd::(?:mt19937|random_device|uniform_\w+)", "<random>", "models/base/choice.hpp",
        ("models", "detector/shim", "tools/harness")),
    Ban(r"\bs?rand\s*\(", "rand()", "models/base/choice.hpp", ("models", "detector", "tools")),
    Ban(r"\b(?:secure_)?getenv\s*\(", "getenv()", "an option of the command line",
        ("models", "detector", "tools/harness")),
    Ban(r"\bstd::unordered_\w+|<unordered_\w+>", "std::unordered_*",
        "std::map or a sorted vector: its order shows in results", ("models", "detector/shim", "tools/harness")),
    Ban(r"\b(?:double|float)\b", "floating point", "integers and models/base/clock_domain.hpp", ("models",)),
    Ban(r"\b(?:double|float)\b", "floating point", "integers, as in a kernel", PURE_C + ("detector/kernel",)),
    Ban(r"\bsc_clock\b", "sc_clock", "models/base/clock_domain.hpp", EVERYWHERE, ("tests/bench",)),
    Ban(r"\b_GLIBCXX_DEBUG\b", "_GLIBCXX_DEBUG", "_GLIBCXX_ASSERTIONS: the former crashes with libsystemc", EVERYWHERE,
        extensions=CODE + (".txt", ".cmake", ".json")),
    # Nothing below the command line prints; nothing below the harness reads files.
    Ban(r"\bstd::c(?:out|err|log)\b|(?<!\w)f?printf\s*\(|(?<!\w)puts\s*\(", "printing", "a return value or a Probe",
        QUIET),
    Ban(r"<fstream>|<filesystem>|(?<!\w)fopen\s*\(", "reading files", "an argument", ("models",)),
    Ban(r"\busing\s+namespace\s+std\b", "using namespace std", "the name in full", EVERYWHERE),
    Ban(r"\b(?:m_\w+|\w+_ptr)\b(?!<)", "m_ and _ptr", "a trailing underscore and the thing's name", ("models",)),
    # The detector does not know that it is simulated.
    Ban(r"(?i)hldsim|simulat|systemc|\bshim\b|__tsan|__sanitizer|\bscenario", "a word of the simulator",
        "words that a kernel would have", PURE_C, in_comments=True),
    # Sentences.
    Ban(r"\b(?:TODO|FIXME|XXX|HACK)\b", "a note to oneself", "a clear error, or the work itself", EVERYWHERE,
        extensions=("",), in_comments=True),
    Ban(r"(?i)\bfor now\b|(?<![a-z])stub(?:s|bed)?\b|\bplaceholders?\b", "a stand-in",
        "the real thing, or a clear error that says what does not work", EVERYWHERE, extensions=("",),
        in_comments=True),
    Ban(r"(?<![\w.])/(?:work/(?:main|shared)|home/\w+|root/\w+|Users/\w+)", "a path of one machine",
        "a path from the root of the tree", EVERYWHERE, extensions=("",), in_comments=True),
    Ban(r"(?i)\b(?:(?:deb|security|snapshot|archive|ftp)(?:\.\w+)?\.debian\.org|registry\.npmjs\.org|(?:files\.)?pypi\w*\.org)\b",
        "the host of a registry", "the one that the machine's package manager is set to", EVERYWHERE, extensions=("",),
        in_comments=True),
]

# Texts that are not ours, and the lists of these words themselves.
EXEMPT = ("LICENSES/", "tests/tree/")


def check_words(tree: Tree) -> Iterator[Finding]:
    compiled = [(re.compile(ban.pattern), ban) for ban in BANS]
    for path, text in tree.items():
        if path.startswith(EXEMPT):
            continue
        code = code_only(text) if path.endswith(CODE) else re.sub(r"(?m)#.*$", "", text)
        for pattern, ban in compiled:
            if ban.folders and not under(path, *ban.folders):
                continue
            if path in ban.but or under(path, *ban.but) or not path.endswith(ban.extensions):
                continue
            for number, line in lines(text if ban.in_comments else code):
                found = pattern.search(line)
                if found:
                    yield Finding(path, number, f"{ban.name} ('{found.group().strip()}') is banned here, "
                                                f"use {ban.instead}")


def design_names(tree: Tree) -> set:
    """Of every design in the tree, and the three that are always there, whatever their files are called."""
    files = {posixpath.splitext(posixpath.basename(path))[0] for path in tree
             if under(path, "detector/designs") and path.endswith(".c")}
    declared = {name for path, text in tree.items() if under(path, "detector/designs") and path.endswith(C)
                for name in re.findall(r'\.name\s*=\s*"([^"]+)"', text)}
    return {name.replace("-", "_") for name in files | declared | {"lock_affinity", "direct_route", "stop_drain"}}


def check_recognisers(tree: Tree) -> Iterator[Finding]:
    """Nothing but evidence enters a recogniser: the names of designs must not occur in them, even in a comment."""
    pattern = re.compile("|".join(re.escape(name).replace("_", "[-_ ]?") for name in sorted(design_names(tree))), re.I)
    for path, text in tree.items():
        if not under(path, "tools/harness/check") or not path.endswith(CXX):
            continue
        for number, line in lines(text):
            found = pattern.search(line)
            if found:
                yield Finding(path, number, f"'{found.group()}' is the name of a design: a recogniser sees evidence only")


CHECKS = [check_words, check_recognisers]
