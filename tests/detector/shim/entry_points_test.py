#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which entry points each compiler calls for each construct of probe.c, against the lists in this folder.

A difference means that the compiler, its flags or a header changed what the simulated CPU sees. If that is meant, and
understood, `entry_points_test.py --update` writes the lists anew.
"""

import bisect
import re
import subprocess
import sys
import unittest

from support import COMPILERS, HERE, ShimTest

# Every block calls it; where blocks begin is the optimiser's affair and not listed.
BLOCK = "__sanitizer_cov_trace_pc"
HEADER = """# SPDX-License-Identifier: Apache-2.0
# Entry points that {family} {version} calls for each function of probe.c at -O2, in the order of the code.
# Written by entry_points_test.py --update. Blocks (trace_pc), entry and exit of functions are left out.
"""


def calls_of(object_file):
    """{function: [called symbol ...]} from the relocations of the text section, in the order of addresses."""
    symbols = subprocess.run(["readelf", "-sW", object_file], capture_output=True, text=True, check=True).stdout
    functions = []
    for line in symbols.splitlines():
        fields = line.split()
        if len(fields) == 8 and fields[3] == "FUNC" and fields[6] != "UND":
            functions.append((int(fields[6]), int(fields[1], 16), int(fields[2], 0), fields[7]))
    functions.sort()
    sections = subprocess.run(["readelf", "-SW", object_file], capture_output=True, text=True, check=True).stdout
    number = {name: int(index) for index, name in re.findall(r"\[\s*(\d+)\] (\S+)", sections)}
    found = {name: [] for _, _, _, name in functions}
    section = None
    for line in subprocess.run(["readelf", "-rW", object_file], capture_output=True, text=True,
                               check=True).stdout.splitlines():
        header = re.match(r"Relocation section '\.rela(\S+)'", line)
        if header:
            section = number.get(header.group(1))
        fields = line.split()
        if len(fields) >= 5 and fields[2] in ("R_X86_64_PLT32", "R_X86_64_PC32", "R_X86_64_GOTPCREL",
                                              "R_X86_64_GOTPCRELX", "R_X86_64_REX_GOTPCRELX"):
            symbol = fields[4]
            if not symbol.startswith(("__tsan_", "__sanitizer_", "hld_")) or symbol == BLOCK or \
                    symbol.startswith("__tsan_func_"):
                continue
            at = (section, int(fields[0], 16))
            index = bisect.bisect_right(functions, (at[0], at[1], 1 << 60, "")) - 1
            found[functions[index][3]].append(symbol)
    return found


def version_of(compiler):
    return subprocess.run([compiler, "-dumpfullversion" if "gcc" in compiler else "-dumpversion"], capture_output=True,
                          text=True, check=True).stdout.strip()


class EntryPoints(ShimTest):
    maxDiff = None

    def text_for(self, family):
        compiler, output = COMPILERS[family], self.directory / "probe.o"
        self.compile(f"--cc={compiler}", "-c", HERE / "probe.c", "-o", output, "-Wno-missing-prototypes")
        lines = [f"{name}: {' '.join(calls) or '-'}" for name, calls in calls_of(output).items()
                 if re.search(rf"\b{name}\(", (HERE / "probe.c").read_text())]
        return HEADER.format(family=family, version=version_of(compiler)) + "\n".join(sorted(lines)) + "\n"

    def check(self, family):
        golden = HERE / f"entry_points.{family}.txt"
        text = self.text_for(family)
        if "--update" in sys.argv:
            golden.write_text(text)
        self.assertEqual(golden.read_text().splitlines(), text.splitlines())

    def test_gcc_calls_the_entry_points_of_the_list(self):
        self.check("gcc")

    def test_clang_calls_the_entry_points_of_the_list(self):
        self.check("clang")

    def test_both_compilers_make_the_same_marked_accesses(self):
        """gcc and clang may merge plain accesses as they like; which marked ones and calls there are must be the same."""
        lists = {}
        for family in COMPILERS:
            lists[family] = {}
            for line in (HERE / f"entry_points.{family}.txt").read_text().splitlines():
                if not line.startswith("#"):
                    name, calls = line.split(": ")
                    lists[family][name] = {call for call in calls.split() if is_marked(call)}
        self.assertEqual(lists["gcc"], lists["clang"])


def is_marked(call):
    """Volatile and atomic accesses, and calls; one call of compare-exchange has a different name in each compiler."""
    return "volatile" in call or "atomic" in call and "compare_exchange" not in call or \
        call.startswith("hld_") and not call.startswith(("hld_mem", "hld_str"))


class List(unittest.TestCase):
    def test_every_entry_point_is_exported_by_the_simulator(self):
        exported = (HERE.parents[2] / "detector/shim/exports.txt").read_text().split()
        for family in COMPILERS:
            for line in (HERE / f"entry_points.{family}.txt").read_text().splitlines():
                if not line.startswith("#"):
                    for call in line.split(": ")[1].split():
                        self.assertTrue(call == "-" or call in exported, f"{call} is not in exports.txt")


if __name__ == "__main__":
    unittest.main(argv=[word for word in sys.argv if word != "--update"])
