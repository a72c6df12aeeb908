#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""C that uses the API as the posted detectors do compiles, and what the miniature kernel lacks for it is named."""

import re
import unittest

from support import COMPILERS, HERE, ShimTest

# What each needs of the miniature kernel beyond what the project's own detector does: the list for who adds it.
WANTED = {
    "lock_in_nmi.c": (["--kapi=418", "--series=v1"], "inspect_for_hardlockups hpet_hardlockup_detector_assign_timer"),
    "ipi_from_nmi.c": (["--kapi=601"], "inspect_for_hardlockups"),
    "neighbour.c": (["--kapi=617"], "watchdog_hardlockup_check watchdog_hardlockup_touch_cpu"
                                    " watchdog_hardlockup_miss_thresh"),
}


class Patches(ShimTest):
    def test_each_compiles_without_a_warning_and_names_what_it_needs(self):
        for name, (arguments, wanted) in WANTED.items():
            for compiler in COMPILERS.values():
                with self.subTest(name, compiler=compiler):
                    nothing = self.write("kernel.txt", "")
                    done = self.hldsim_cc(f"--cc={compiler}", *arguments, "--check", "-Werror", f"--kernel={nothing}",
                                          HERE / "patches" / name)
                    self.assertEqual(done.returncode, 2, done.stderr)
                    self.assertNotIn("warning", done.stderr)
                    needed = re.findall(r"needs symbol (\S+), not in the shim", done.stderr)
                    self.assertEqual(len(needed), done.stderr.count("error: "), done.stderr)
                    self.assertEqual(set(wanted.split()) - set(needed), set())
                    enough = self.write("kernel.txt", "\n".join(needed))
                    self.compile(f"--cc={compiler}", *arguments, "-Werror", f"--kernel={enough}",
                                 HERE / "patches" / name, "-o", "x.so")


if __name__ == "__main__":
    unittest.main()
