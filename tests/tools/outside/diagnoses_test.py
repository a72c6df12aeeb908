# SPDX-License-Identifier: Apache-2.0
"""What a detector does with a device that its specification does not provide for is told, with the line that does it."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

SCENARIO = "scenarios/stuck/warm.yaml"
FILE = "core/hld_hpet.c"
READS_CONFIGURATION = "\tconf = hld_timer_read(timer, HPET_CFG);\n"
WRITE = "\thld_timer_write(timer, HPET_CFG, hld_timer_read(timer, HPET_CFG) | 0x10);\n"
READ = "\t(void)readl(timer->regs + 0x102);\n"


def line_of(path, text):
    with open(path, encoding="utf-8") as file:
        return next(number for number, line in enumerate(file, 1) if text in line)


class Diagnoses(unittest.TestCase):
    def test_nothing_is_told_of_what_the_tree_holds(self):
        for scenario in (SCENARIO, "scenarios/claims/late-nmi-on-cpu-down/direct-route.yaml",
                         "scenarios/claims/irte-per-cpu/rotation.yaml"):
            for one in w.runs(scenario):
                self.assertEqual([], one["diagnoses"], one["scenario"])

    def test_a_reserved_bit_that_is_written_1(self):
        made = w.detector("reserved", FILE, [(READS_CONFIGURATION, WRITE + READS_CONFIGURATION)])
        told = w.run(SCENARIO, detector=made)["diagnoses"]
        self.assertEqual(1, len(told), told)
        self.assertRegex(told[0]["text"], r"^hpet: reserved: .*write of 8 bytes, GEN_CONF, 0x0000000000000010")
        line = line_of(os.path.join(w.Place.folder, "reserved", FILE), "writel(value, timer->regs + offset);")
        self.assertRegex(told[0]["where"], rf"{FILE}:{line} in hld_timer_write$")
        self.assertEqual((0, 1), (told[0]["cpu"], told[0]["times"]))
        text = w.hldsim("run", SCENARIO, "--detector", made, "-v")
        self.assertRegex(text, r"\n  diagnosed   hpet: reserved: ")

    def test_a_read_beyond_the_end_of_a_register(self):
        made = w.detector("misaligned", FILE, [(READS_CONFIGURATION, READ + READS_CONFIGURATION)])
        told = w.run(SCENARIO, detector=made)["diagnoses"]
        self.assertEqual(1, len(told), told)
        self.assertRegex(told[0]["text"], r"^hpet: .*read of 4 bytes, TIM0_CONF")
        line = line_of(os.path.join(w.Place.folder, "misaligned", FILE), "0x102")
        self.assertRegex(told[0]["where"], rf"{FILE}:{line} in hld_timer_probe$")


if __name__ == "__main__":
    w.main(__doc__)
