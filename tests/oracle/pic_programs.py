# SPDX-License-Identifier: Apache-2.0
"""Random programs for the 8259A pair, and what QEMU answers to them.

INTR is what QEMU tells of the master's output. An INTA cycle has no command; QEMU's I/O APIC makes one when an entry with
delivery mode ExtINT sends, so an input of it is pulsed, and the vector is read from QEMU's trace.
"""
import functools
import os
import tempfile
from typing import List

import qemu
from drawing import Drawing
from pic_sections import SECTIONS

MASTER, SLAVE = 0x20, 0xA0
ELCR = {MASTER: 0x4D0, SLAVE: 0x4D1}
ELCR_WRITABLE = {MASTER: 0xF8, SLAVE: 0xDE}
EXTINT_PIN = 23
IRQS = [irq for irq in range(16) if irq != 2]


@functools.lru_cache(maxsize=None)
def chips(module_folder: str) -> List[str]:
    return qemu.find(module_folder, "isa-i8259")


class Program(Drawing):
    """One program: its text, and the QEMU that answers it."""

    def __init__(self, module_folder: str, seed: str, number: int) -> None:
        super().__init__(seed, number)
        self.chips = chips(module_folder)
        self.level = [0] * 16
        self.output = 0
        self.special_mask = {MASTER: False, SLAVE: False}
        self.log = tempfile.NamedTemporaryFile(prefix="hldsim-oracle-", delete=False).name
        self.qemu = qemu.Qemu(module_folder, ("-d", "trace:pic_interrupt", "-D", self.log))
        self.qemu.batch([f"irq_intercept_out {self.chips[0]}", f"writel 0xfec00000 {0x10 + 2 * EXTINT_PIN}",
                         "writel 0xfec00010 0x700"])

    # ---- steps

    def _record(self, step: str, commands: List[str]) -> int:
        """With the level of INTR after it, if that has changed."""
        answers = self.qemu.batch(commands)
        output = self.output
        for answer in answers:
            for word in answer.interrupts:
                output = 1 if word.startswith("raise") else 0
        moved = "" if output == self.output else f" | 0{'/' if output else chr(92)}0"
        self.output = output
        self.lines.append(step.replace("?", f"{answers[0].value:02x}") + moved)
        return answers[0].value

    def read(self, port: int) -> int:
        return self._record(f"R1 {port:03x} ?", [f"inb {port:#x}"])

    def write(self, port: int, value: int) -> None:
        self._record(f"W1 {port:03x} {value & 0xFF:x}", [f"outb {port:#x} {value & 0xFF:#x}"])

    def drive(self, irq: int, level: int) -> None:
        if self.level[irq] != level:
            self.level[irq] = level
            self._record(f"P {irq} {level}",
                         [f"set_irq_in {self.chips[irq // 8]} unnamed-gpio-in {irq % 8} {level}"])

    def acknowledge(self) -> None:
        """An INTA cycle. Its vector is put in by text()."""
        self._record("A vector", [f"set_irq_in ioapic unnamed-gpio-in {EXTINT_PIN} {level}" for level in (1, 0)])

    # ---- what programs are made of

    def lower_all(self) -> None:
        for irq in IRQS:
            self.drive(irq, 0)

    def initialise(self, chip: int, icw1: int = 0x11, icw4: int = 0x01, imr: int = 0) -> None:
        self.write(chip, icw1)
        self.write(chip + 1, self.random.getrandbits(8))
        self.write(chip + 1, 0x04 if chip == MASTER else 0x02)
        self.write(chip + 1, icw4)
        self.write(chip + 1, imr)
        self.special_mask[chip] = False

    def restart(self) -> None:
        """The slave first, with no line high: nothing is requested while a chip is between its words."""
        self.lower_all()
        self.initialise(SLAVE, imr=self.one_of(0, self.random.getrandbits(8)))
        self.initialise(MASTER, icw4=self.one_of(1, 1, 3), imr=self.one_of(0, self.random.getrandbits(8) & ~4))
        for chip in (MASTER, SLAVE):
            self.write(ELCR[chip], self.random.getrandbits(8) & ELCR_WRITABLE[chip] if self.below(2) else 0)

    def registers(self, chip: int) -> None:
        self.write(chip, self.one_of(0x0A, 0x0B))
        self.read(chip)
        self.read(self.one_of(chip + 1, ELCR[chip]))

    def poll(self, chip: int) -> None:
        self.write(chip, 0x0C)
        self.read(chip + self.below(2))

    def end_of_interrupt(self, chip: int) -> None:
        command = self.one_of(0x20, 0x20, 0x60, 0xA0, 0xE0, 0xC0, 0x40, 0x00, 0x80)
        if command in (0x20, 0xA0) and self.special_mask[chip]:
            command += 0x40  # unspecific ends meet masked levels differently (D-40)
        self.write(chip, command | (self.below(8) if command & 0x40 else 0))

    def change_mask(self, chip: int) -> None:
        self.write(chip + 1, self.one_of(0, self.random.getrandbits(8), self.random.getrandbits(8)))

    def toggle_special_mask(self, chip: int) -> None:
        """While nothing is masked it has no effect yet: INTR follows it late in QEMU (D-44)."""
        self.special_mask[chip] = not self.special_mask[chip]
        self.write(chip + 1, 0)
        self.write(chip, 0x68 if self.special_mask[chip] else 0x48)
        self.change_mask(chip)

    def make(self, sections: List[str]) -> str:
        """The program's text. Nothing in it may depend on anything but the seed and QEMU."""
        try:
            if "D-43" in sections:
                SECTIONS["D-43"](self)
            self.restart()
            for _ in range(40 + self.below(30)):
                chip = self.one_of(MASTER, SLAVE)
                choice = self.below(24)
                if choice < 9:
                    irq = self.one_of(*IRQS)
                    self.drive(irq, 1 - self.level[irq])
                elif choice < 13:
                    self.acknowledge()
                elif choice < 17:
                    self.end_of_interrupt(chip)
                elif choice < 20:
                    self.registers(chip)
                elif choice < 21:
                    self.poll(chip)
                elif choice < 22:
                    self.change_mask(chip)
                elif choice < 23:
                    self.toggle_special_mask(chip)
                elif self.below(4) == 0:
                    self.restart()
            for name in sections:
                if name != "D-43":
                    SECTIONS[name](self)
            return self.text()
        finally:
            self.qemu.close()
            os.unlink(self.log)

    def text(self) -> str:
        self.qemu.close()
        vectors = [int(line.split()[-1]) for line in open(self.log, encoding="ascii") if line.startswith("pic_interrupt")]
        lines = []
        for line in self.lines:
            if line.startswith("A "):
                line = line.replace("vector", f"{vectors.pop(0):02x}")
            lines.append(line)
        if vectors:
            raise RuntimeError("QEMU acknowledged more often than it was told to")
        return "\n".join(lines) + "\n"
