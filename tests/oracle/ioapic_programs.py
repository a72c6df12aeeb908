# SPDX-License-Identifier: Apache-2.0
"""Random programs for the I/O APIC, and what QEMU answers to them.

As for the HPET: outside of sections a program avoids what QEMU is known to do against the documents (DEVIATIONS.md).
The messages are read from QEMU's trace of deliveries, in which every access and every move of an input is a line too:
so each message has its step.
"""
import os
import tempfile
from typing import Dict, List

from drawing import Drawing, delivered
from ioapic_sections import SECTIONS  # noqa: F401  (record asks for it)
from qemu import READ, WRITE, Qemu

BASE = 0xFEC00000
IOREGSEL, IOWIN, EOIR = 0x00, 0x10, 0x40
MASKED, LEVEL = 1 << 16, 1 << 15
READ_ONLY = 1 << 14 | 1 << 12  # REMOTE_IRR, DELIVS
ACTIONS = ("ioapic_mem_read", "ioapic_mem_write", "ioapic_set_irq")
TRACED = ",".join(f"trace:{name}" for name in (*ACTIONS, "apic_deliver_irq"))


class Program(Drawing):
    """One program: its text, and the QEMU that answers it."""

    def __init__(self, module_folder: str, seed: str, number: int) -> None:
        super().__init__(seed, number)
        self.acting: List[int] = []  # for each line of an action in the log: the line of the program
        self.level = [0] * 24
        self.low = [MASKED] * 24
        self.log = tempfile.NamedTemporaryFile(prefix="hldsim-oracle-", delete=False).name
        self.qemu = Qemu(module_folder, ("-d", TRACED, "-D", self.log))

    # ---- steps

    def _act(self, command: str, parts: int = 1) -> int:
        answer = self.qemu.do(command)
        self.acting += [len(self.lines) - 1] * parts
        return answer.value

    def read(self, offset: int, size: int = 4) -> int:
        self.lines.append("")
        value = self._act(f"{READ[size]} {BASE + offset:#x}", parts(offset, size))
        self.lines[-1] = f"R{size} {offset:03x} {value:0{2 * size}x}"
        return value

    def write(self, offset: int, value: int, size: int = 4) -> None:
        value &= (1 << 8 * size) - 1
        self.lines.append(f"W{size} {offset:03x} {value:x}")
        self._act(f"{WRITE[size]} {BASE + offset:#x} {value:#x}", parts(offset, size))

    def drive(self, pin: int, level: int) -> None:
        if self.level[pin] != level:
            self.level[pin] = level
            self.lines.append(f"P {pin} {level}")
            self._act(f"set_irq_in ioapic unnamed-gpio-in {pin} {level}")

    # ---- what programs are made of

    def select(self, index: int) -> None:
        alias = self.one_of(0, 0, 0, 0x100, 0xF00)
        if self.below(4) == 0:
            self.write(IOREGSEL + alias, index, 1)
        else:
            self.write(IOREGSEL + alias, index)

    def get(self, index: int) -> int:
        self.select(index)
        return self.read(IOWIN)

    def put(self, index: int, value: int) -> None:
        self.select(index)
        self.write(IOWIN, value)

    def entry(self, pin: int) -> None:
        self.get(0x10 + 2 * pin + self.one_of(0, 0, 1))

    def put_low(self, pin: int, value: int) -> None:
        self.low[pin] = value
        self.put(0x10 + 2 * pin, value)

    def put_high(self, pin: int, destination: int) -> None:
        self.put(0x11 + 2 * pin, destination << 24)

    def vector(self) -> int:
        return self.one_of(0x30, 0x31, 0x32, 0x30 + self.below(0xC0))

    def mode(self, level: bool) -> int:
        """Fixed and lowest priority; SMI, NMI and INIT as edges only (D-24)."""
        return self.one_of(0, 0, 1) if level else self.one_of(0, 0, 1, 2, 4, 4, 5)

    def quiet(self, pin: int) -> None:
        """The input low, its entry masked and edge, REMOTE_IRR 0."""
        self.drive(pin, 0)
        self.put_low(pin, MASKED)

    def program_pin(self, pin: int) -> None:
        """TRIGGER changes only while the input is low (D-33, D-34)."""
        level = self.one_of(0, LEVEL)
        if level != self.low[pin] & LEVEL:
            self.quiet(pin)
        value = self.vector() | self.mode(level != 0) << 8 | self.one_of(0, 1 << 11) | level | self.one_of(0, READ_ONLY)
        if self.below(3):
            self.put_low(pin, value | MASKED)
        self.put_high(pin, self.below(256))
        self.put_low(pin, value | self.one_of(0, 0, 0, MASKED))

    def change_mask(self, pin: int) -> None:
        self.put_low(pin, self.low[pin] ^ MASKED)

    def fake_eoi(self, pin: int) -> None:
        """Masked and edge, then level again: what software does where there is no EOIR (I-10)."""
        if self.low[pin] & LEVEL:
            held = self.low[pin]
            self.put_low(pin, held & ~LEVEL | MASKED)
            self.entry(pin)
            self.put_low(pin, held)

    def end_of_interrupt(self, pins: List[int]) -> None:
        vector = self.low[self.one_of(*pins)] & 0xFF if self.below(4) else self.below(256)
        self.write(EOIR + self.one_of(0, 0x200), vector)

    def look(self, pins: List[int]) -> None:
        choice = self.below(6)
        if choice < 3:
            self.entry(self.one_of(*pins))
        elif choice == 3:
            self.get(self.one_of(0, 1, 2, 3, 0x0F, 0x40, 0x41, 0x80, 0xFF, self.below(256)))
        elif choice == 4:
            self.read(self.one_of(IOREGSEL, EOIR, 0x20, 0x30, 0x50, 0xF0, 0x104))
        else:
            self.put(self.one_of(0, 0, 1, 2, 5, 0x40, 0x90), self.random.getrandbits(32))
            self.get(self.one_of(0, 1, 2))

    def make(self, sections: List[str]) -> str:
        """The program's text. Nothing in it may depend on anything but the seed and QEMU."""
        try:
            self.get(1)
            pins = self.random.sample(range(1, 24), 5)
            for pin in pins:
                self.program_pin(pin)
            for _ in range(25 + self.below(25)):
                pin = self.one_of(*pins)
                choice = self.below(12)
                if choice < 5:
                    self.drive(pin, 1 - self.level[pin])
                elif choice < 6:
                    self.program_pin(pin)
                elif choice < 7:
                    self.change_mask(pin)
                elif choice < 9:
                    self.end_of_interrupt(pins)
                elif choice < 10:
                    self.fake_eoi(pin)
                else:
                    self.look(pins)
            for name in sections:
                pin = 0 if name == "D-32" else self.one_of(*pins)
                SECTIONS[name](self, pin)
                self.look(pins)
            return self.text()
        finally:
            self.qemu.close()
            os.unlink(self.log)

    # ---- the messages, from the log

    def text(self) -> str:
        self.qemu.close()
        events = [line for line in open(self.log, encoding="ascii").read().splitlines() if line]
        first = next(i for i, line in enumerate(events) if line.startswith("ioapic_mem"))
        sent: Dict[int, List[str]] = {}
        action = -1
        count = 0
        for line in events[first:]:
            if line.startswith(ACTIONS):
                action = self.acting[count]
                count += 1
            else:
                sent.setdefault(action, []).append(delivered(line))
        if count != len(self.acting):
            raise RuntimeError(f"{len(self.acting)} actions, but QEMU's log has {count}")
        return self.with_messages(sent)


def parts(offset: int, size: int) -> int:
    """QEMU makes several aligned accesses of one that is not, a line each."""
    count = 0
    while size > 0:
        step = min(offset & -offset or 8, 1 << size.bit_length() - 1)
        offset, size, count = offset + step, size - step, count + 1
    return count
