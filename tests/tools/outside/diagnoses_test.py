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
PORT = "\toutb(1, 0x4d0);\n"  # ELCR1: input 0 is always an edge (82371SB, EISA)
TIMER_BY_MSR = """\twindow = ioremap(0xfee00000, 0x1000);
\tconf = readl(window + 0x320);
\twritel(0x100ec, window + 0x320);
\twrmsrl(0x6e0, 5);
\twritel(conf, window + 0x320);
"""
HIGH_HALF = """\twindow = ioremap(0xfec00000, 0x1000);
\twritel(0x10 + 2 * 23 + 1, window);
\twritel(2, window + 0x10);
"""
ILLEGAL_VECTOR = """\twindow = ioremap(0xfee00000, 0x1000);
\twritel(0x44005, window + 0x300);
"""  # by the shorthand self
NOBODY = """\twindow = ioremap(0xfed50000, 0x1000);
\t(void)readl(window + 0x10);
\twritew(0x1234, window + 0x22);
\t(void)inb(0x2f8);
\toutb(0x55, 0x2f9);
\toutb(0, 0x80);
\toutb(0, 0xed);
"""  # the last two are what Linux delays by, on purpose where no device is (arch/x86/kernel/io_delay.c)
INCLUDE = ("#include <asm/hpet.h>\n", "#include <asm/hpet.h>\n#include <asm/msr.h>\n")
PROBE = "int hld_timer_probe(struct hld_timer *timer, unsigned long base, int number)\n{\n"
DECLARES = (PROBE, PROBE + "\tvoid __iomem *window;\n")
STARTS = "\thld_timer_write(timer, HPET_Tn_CFG(n), conf | HPET_TN_ENABLE);\n"
STARTS_BY_LEVEL = "\thld_timer_write(timer, HPET_Tn_CFG(n), conf | HPET_TN_ENABLE | 2);\n"


def line_of(path, text):
    with open(path, encoding="utf-8") as file:
        return next(number for number, line in enumerate(file, 1) if text in line)


class Diagnoses(unittest.TestCase):
    def told(self, name, exchanges, text, marked, function="hld_timer_probe"):
        """The one diagnosis of the detector with these exchanges: its text, and the line that has `marked`."""
        told = w.run(SCENARIO, detector=w.detector(name, FILE, exchanges))["diagnoses"]
        self.assertEqual(1, len(told), told)
        self.assertRegex(told[0]["text"], text)
        line = line_of(os.path.join(w.Place.folder, name, FILE), marked)
        self.assertRegex(told[0]["where"], rf"{FILE}:{line} in {function}$")
        return told[0]

    def test_nothing_is_told_of_what_the_tree_holds(self):
        for scenario in (SCENARIO, "scenarios/claims/late-nmi-on-cpu-down/direct-route.yaml",
                         "scenarios/claims/irte-per-cpu/rotation.yaml"):
            for one in w.runs(scenario):
                self.assertEqual([], one["diagnoses"], one["scenario"])

    def test_a_reserved_bit_that_is_written_1(self):
        exchanges = [(READS_CONFIGURATION, WRITE + READS_CONFIGURATION)]
        told = self.told("reserved", exchanges, r"^hpet: reserved: .*write of 4 bytes, GEN_CONF, 0x0000000000000010",
                         "writel(value, timer->regs + offset);", "hld_timer_write")
        self.assertEqual((0, 1), (told["cpu"], told["times"]))
        for more in ([], ["-v"]):  # beside a verdict that is as expected as well
            text = w.hldsim("run", SCENARIO, "--detector", w.detector("reserved", FILE, exchanges), *more)
            self.assertRegex(text, r"^ok .*\n(.*\n)*  diagnosed   hpet: reserved: ")

    def test_a_read_beyond_the_end_of_a_register(self):
        self.told("misaligned", [(READS_CONFIGURATION, READ + READS_CONFIGURATION)],
                  r"^hpet: .*read of 4 bytes, TIM0_CONF", "0x102")

    def test_a_port(self):
        told = self.told("port", [(READS_CONFIGURATION, PORT + READS_CONFIGURATION)],
                         r"^pic: reserved: .*write of 1 byte, offset 0x4d0, 0x", "0x4d0")
        self.assertEqual(0, told["cpu"])

    def test_an_error_of_the_local_apic(self):
        told = self.told("vector", [DECLARES, (READS_CONFIGURATION, ILLEGAL_VECTOR + READS_CONFIGURATION)],
                         r"^lapic: misuse: an IPI's vector is below 16: .*write of ICR_LOW, 0x0000000000044005", "writel(0x44005")
        self.assertEqual(0, told["cpu"])

    def test_where_no_device_answers(self):
        exchanges = [DECLARES, (READS_CONFIGURATION, NOBODY + READS_CONFIGURATION)]
        made = w.detector("nobody", FILE, exchanges)
        path = os.path.join(w.Place.folder, "nobody", FILE)
        expected = [("mmio: undefined: no device answers, all ones are read (read of 4 bytes, 0x00000000fed50010)", "readl(window"),
                    ("mmio: undefined: no device answers, the value is lost "
                     "(write of 2 bytes, 0x00000000fed50022, 0x0000000000001234)", "writew(0x1234"),
                    ("ports: undefined: no device answers, all ones are read (read of 1 byte, 0x02f8)", "inb(0x2f8"),
                    ("ports: undefined: no device answers, the value is lost "
                     "(write of 1 byte, 0x02f9, 0x0000000000000055)", "outb(0x55")]
        told = w.run(SCENARIO, detector=made)["diagnoses"]
        self.assertEqual([text for text, _ in expected], [one["text"] for one in told])
        for one, (_, marked) in zip(told, expected):
            self.assertTrue(one["where"].endswith(f"{FILE}:{line_of(path, marked)} in hld_timer_probe"), one)
            self.assertEqual((0, 1), (one["cpu"], one["times"]))
        self.assertRegex(w.hldsim("run", SCENARIO, "--detector", made), r"\n  diagnosed   mmio: undefined: no device answers")

    def test_an_msr_is_not_taken_for_the_last_write_of_the_page(self):
        told = self.told("msr", [INCLUDE, DECLARES, (READS_CONFIGURATION, TIMER_BY_MSR + READS_CONFIGURATION)],
                         r"^lapic: misuse: IA32_TSC_DEADLINE is ignored", "wrmsrl(0x6e0, 5)")
        self.assertEqual(0, told["cpu"])

    def test_the_high_half_of_a_register_behind_an_index(self):
        self.told("high", [DECLARES, (READS_CONFIGURATION, HIGH_HALF + READS_CONFIGURATION)],
                  r"^ioapic: reserved: .*write of 4 bytes, RTE23, 0x0000000200000000", "writel(2, ")

    def test_what_no_access_leads_to_has_no_line(self):
        made = w.detector("level", FILE, [(STARTS, STARTS_BY_LEVEL)])
        told = [one for one in w.run(SCENARIO, detector=made)["diagnoses"] if "level-triggered" in one["text"]]
        self.assertEqual(1, len(told), told)
        self.assertRegex(told[0]["text"], r"^hpet: misuse: message from a level-triggered timer \(TIM0_CONF, 0x")
        self.assertEqual((None, ""), (told[0]["cpu"], told[0]["where"]))
        self.assertGreater(told[0]["times"], 1)


if __name__ == "__main__":
    w.main(__doc__)
