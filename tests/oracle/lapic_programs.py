# SPDX-License-Identifier: Apache-2.0
"""Random programs for a local APIC in xAPIC mode, and what QEMU answers to them.

QEMU's local APIC answers nobody but a CPU that runs: the program is handed to lapic_guest.S, which does it on the only
CPU of a machine and tells what it read. An instruction takes a nanosecond there, and so does a count of the timer.
"""
import functools
import os
import pathlib
import struct
import subprocess
import tempfile
import threading
from typing import List, Tuple

import qemu
from drawing import Drawing
from lapic_sections import SECTIONS

HERE = pathlib.Path(__file__).resolve().parent
READ, WRITE, WINDOW, WAIT, RDMSR, WRMSR = range(6)
APIC_BASE, TSC_DEADLINE = 0x1B, 0x6E0
DONE = 3  # exit code: 1 written to isa-debug-exit
TPR, APR, PPR, EOI, LDR, DFR, SVR = 0x80, 0x90, 0xA0, 0xB0, 0xD0, 0xE0, 0xF0
ISR, TMR, IRR, ESR = 0x100, 0x180, 0x200, 0x280
ICR_LOW, ICR_HIGH, LVT_TIMER, THERMAL, PMI, LINT0, LINT1, ERROR = 0x300, 0x310, 0x320, 0x330, 0x340, 0x350, 0x360, 0x370
INITIAL_COUNT, CURRENT_COUNT, DIVIDE = 0x380, 0x390, 0x3E0
FIXED, LOWEST, NMI = 0, 1, 4
PERIODIC, MASKED, LEVEL, ASSERT, LOGICAL = 1 << 17, 1 << 16, 1 << 15, 1 << 14, 1 << 11
SELF, ALL, OTHERS = 1 << 18, 2 << 18, 3 << 18


LINKING = threading.Lock()


@functools.lru_cache(maxsize=None)
def linked(folder: str) -> str:
    """The program that runs in QEMU, linked anew."""
    path = os.path.join(folder, "lapic_guest")
    subprocess.run(["as", "--32", str(HERE / "lapic_guest.S"), "-o", path + ".o"], check=True)
    subprocess.run(["ld", "-m", "elf_i386", "-Ttext", "0x100000", path + ".o", "-o", path], check=True)
    return path


class Program(Drawing):
    """One program: its text, and the QEMU that answers it."""

    def __init__(self, module_folder: str, seed: str, number: int) -> None:
        super().__init__(seed, number)
        with LINKING:
            self.guest = linked(module_folder)
        self.operations: List[Tuple[int, int, int]] = []
        self.line_of: List[int] = []  # of each operation

    # ---- steps

    def _step(self, text: str, kind: int, offset: int = 0, value: int = 0) -> None:
        self.line_of.append(len(self.lines))
        self.lines.append(text)
        self.operations.append((kind, offset, value))

    def read(self, offset: int) -> None:
        self._step(f"R4 {offset:03x} ?", READ, offset)

    def write(self, offset: int, value: int) -> None:
        self._step(f"W4 {offset:03x} {value:x}", WRITE, offset, value)

    def window(self) -> None:
        """Interrupts are let in for a moment: one comes, or none does."""
        self._step("A ?", WINDOW)

    def wait(self, microseconds: int) -> None:
        self._step(f"T {microseconds}", WAIT, 0, 1000 * microseconds)

    def message(self, destination: int, logical: bool, data: int) -> None:
        """As a device sends it: the CPU's own write to the page that is not its APIC's registers."""
        address = destination << 12 | logical << 2
        self._step(f"M 0 {0xFEE00000 | address:x} {data:x}", WRITE, address, data)

    def rdmsr(self, msr: int) -> None:
        """The lower half of it."""
        self._step(f"G {msr:x} ?", RDMSR, msr)

    def wrmsr(self, msr: int, value: int) -> None:
        self._step(f"U {msr:x} {value:x}", WRMSR, msr, value)

    # ---- what programs are made of

    def vector(self) -> int:
        return self.one_of(16 + self.below(240), 0x40 + self.below(32))

    def begin(self) -> None:
        """What firmware has left behind, undone."""
        for offset, value in ((SVR, 0x1FF), (LVT_TIMER, MASKED), (THERMAL, MASKED), (PMI, MASKED), (LINT0, MASKED),
                              (LINT1, MASKED), (ERROR, MASKED), (INITIAL_COUNT, 0), (DIVIDE, 0), (TPR, 0), (LDR, 0),
                              (DFR, 0xFFFFFFFF), (ESR, 0), (ICR_HIGH, 0)):
            self.write(offset, value)

    def identify(self) -> None:
        self.write(DFR, self.one_of(0xFFFFFFFF, 0x0FFFFFFF))
        self.write(LDR, self.one_of(1 << self.below(8), self.below(15) << 4 | self.below(16)) << 24)

    def send(self) -> None:
        """A fixed or lowest-priority IPI, or an NMI; to this CPU or past it."""
        mode = self.one_of(FIXED, FIXED, FIXED, LOWEST, NMI)
        how = self.below(8)
        if mode == FIXED and how < 4:
            self.write(ICR_LOW, self.one_of(SELF, SELF, ALL, OTHERS) | ASSERT | self.vector())
            return
        destination, logical = (self.one_of(0, 0, 0xFF, 1 + self.below(254)), 0) if how < 6 else \
            (self.one_of(1 << self.below(8), self.below(15) << 4 | self.below(16)), LOGICAL)
        if mode == LOWEST and destination == 0xFF:
            destination = 0  # a broadcast by lowest priority is not provided for
        self.write(ICR_HIGH, destination << 24)
        self.write(ICR_LOW, logical | ASSERT | mode << 8 | (0 if mode == NMI else self.vector()))

    def receive(self) -> None:
        mode = self.one_of(FIXED, FIXED, FIXED, LOWEST, NMI)
        logical = self.below(3) == 0
        destination = self.one_of(1 << self.below(8), self.below(15) << 4 | self.below(16)) if logical else \
            self.one_of(0, 0, 0, 1 + self.below(254), 0xFF if mode != LOWEST else 0)
        vector = self.vector()
        level = 0 if mode == NMI else self.below(2) * (LEVEL | ASSERT)
        self.message(destination, logical, level | mode << 8 | (0 if mode == NMI else vector))
        self.read(self.one_of(IRR, TMR) + 0x10 * (vector >> 5))

    def timer(self) -> None:
        """It runs out, or is far from it; and is stopped."""
        vector, periodic, far = self.vector(), self.below(2), self.below(4) == 0
        self.write(INITIAL_COUNT, 0)  # D-71
        self.write(LVT_TIMER, self.one_of(0, 0, MASKED) | periodic * PERIODIC | vector)
        self.write(DIVIDE, self.random.getrandbits(4) & 0xB)
        count = self.random.getrandbits(32) | 1 << 28 if far else 1 + self.below(30)
        self.write(INITIAL_COUNT, count)
        self.wait(8)
        self.read(INITIAL_COUNT)
        if not far and not periodic:
            self.read(CURRENT_COUNT)
        self.read(IRR + 0x10 * (vector >> 5))
        if far or periodic:
            self.write(INITIAL_COUNT, 0)
            self.read(CURRENT_COUNT)
        self.read(IRR + 0x10 * (vector >> 5))

    def scribble(self) -> None:
        """Registers that cannot be written, and bits that are reserved or stay 1."""
        word = 0x10 * self.below(8)
        offset = self.one_of(0x30, APR, PPR, ISR + word, TMR + word, IRR + word, TPR, LDR, DFR, SVR, DIVIDE)
        value = self.random.getrandbits(32)
        if offset == DFR:
            value = self.one_of(value & 0x0FFFFFFF, value | 0xF0000000)
        elif offset == SVR:
            value = value & ~0x13F0 | 0x1F0 & ~0x200  # D-56; and enabled
        self.write(offset, value)
        if offset != APR:  # D-55
            self.read(offset)

    def local_vector(self) -> None:
        offset = self.one_of(LVT_TIMER, THERMAL, PMI, LINT0, LINT1, ERROR)
        mode = self.one_of(FIXED, NMI) << 8 if offset in (THERMAL, PMI, LINT0, LINT1) else 0
        periodic = self.below(2) << 17 if offset == LVT_TIMER else 0
        polarity = self.below(2) << 13 if offset in (LINT0, LINT1) else 0
        self.write(offset, MASKED | mode | periodic | polarity | self.vector())
        self.read(offset)

    def look(self) -> None:
        word = 0x10 * self.below(8)
        self.read(self.one_of(TPR, PPR, PPR, LDR, DFR, SVR, ISR + word, IRR + word, IRR + word, TMR + word, ICR_LOW,
                              ICR_HIGH, 0x20, 0x30))

    def quiet(self) -> None:
        """Whatever waits is taken and ended."""
        self.write(TPR, 0)
        for _ in range(24):
            self.window()
            self.write(EOI, 0)

    def make(self, sections: List[str]) -> str:
        """The program's text. Nothing in it may depend on anything but the seed and QEMU."""
        self.begin()
        self.write(ICR_LOW, OTHERS | ASSERT | 0x40)
        self.read(ESR)
        for _ in range(60 + self.below(40)):
            choice = self.below(20)
            if choice < 5:
                self.send()
            elif choice < 6:
                self.receive()
            elif choice < 9:
                self.window()
            elif choice < 11:
                self.write(EOI, 0)
            elif choice < 12:
                self.write(TPR, self.one_of(0, self.random.getrandbits(8)))
            elif choice < 13:
                self.identify()
            elif choice < 14:
                self.local_vector()
            elif choice < 15 and self.below(2):
                self.timer()
            elif choice < 15:
                self.write(SVR, 0x100 | self.vector())
            elif choice < 16 and self.below(2):
                self.scribble()
            else:
                self.look()
        self.rdmsr(APIC_BASE)
        for name in sorted(sections, key=lambda name: name == "D-74"):  # behind which there is no APIC in QEMU
            self.quiet()
            SECTIONS[name](self)
        return self.answered()

    def answered(self) -> str:
        program = struct.pack("<I", len(self.operations)) + b"".join(struct.pack("<III", *o) for o in self.operations)
        with tempfile.TemporaryDirectory(prefix="hldsim-oracle-") as folder:
            told, operations = os.path.join(folder, "told"), os.path.join(folder, "operations")
            pathlib.Path(operations).write_bytes(program)
            code = subprocess.run(
                [qemu.BINARY, "-M", "q35,accel=tcg", "-m", "16", "-smp", "1", "-nodefaults", "-display", "none",
                 "-icount", "shift=0", "-no-reboot", "-kernel", self.guest, "-debugcon", f"file:{told}", "-device",
                 f"loader,file={operations},addr=0x200000,force-raw=on", "-device",
                 "isa-debug-exit,iobase=0xf4,iosize=4"], timeout=120, check=False).returncode
            answers = pathlib.Path(told).read_bytes()[-5 * len(self.operations):]
        if code != DONE or len(answers) != 5 * len(self.operations):
            raise RuntimeError(f"the guest told {len(answers)} bytes of {len(self.operations)} operations, exit code {code}")
        for (kind, _, _), line, (nmis, value) in zip(self.operations, self.line_of, struct.iter_unpack("<BI", answers)):
            answer = f"{value:02x}" if kind == WINDOW else f"{value:08x}"
            seen = ["0^2"] * (nmis & 0x7F) + ["0^13"] * (nmis >> 7)
            self.lines[line] = self.lines[line].replace("?", answer) + (" | " + " ".join(seen) if seen else "")
        return "\n".join(self.lines) + "\n"
