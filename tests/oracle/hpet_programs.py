# SPDX-License-Identifier: Apache-2.0
"""Random programs for the HPET, and what QEMU answers to them.

A program is made while it runs: what the next step may be depends on the state, which is asked of QEMU by reads that
are not part of the program. Outside of sections a program avoids what QEMU is known to do against the specification
(DEVIATIONS.md); a section does exactly that, names the deviation and its timer, and ends with both sides agreeing.
"""
from typing import Callable, List

from drawing import Drawing
from hpet_map import (ALL, BASE, ENABLED, FAR, FSB, GEN_CONF, GINTR_STA, LEVEL, LOW, MAIN_CNT, NARROW, PERIODIC, ROUTES,
                      VAL_SET, comp, conf, mailbox, route)
from hpet_sections import SECTIONS
from qemu import READ, WRITE, Qemu

OPTIONS = ("-global", "hpet.msi=on")
TICK_NS = 10


class Program(Drawing):
    """One program: its text, and the QEMU that answers it."""

    def __init__(self, module_folder: str, seed: str, number: int) -> None:
        super().__init__(seed, number)
        self.by_message: List[int] = []
        self.qemu = Qemu(module_folder, OPTIONS)
        self.qemu.do("irq_intercept_in ioapic")

    # ---- steps, which are recorded

    def read(self, offset: int, size: int = 4) -> int:
        value = self.qemu.do(f"{READ[size]} {BASE + offset:#x}").value
        self.lines.append(f"R{size} {offset:03x} {value:0{2 * size}x}")
        return value

    def write(self, offset: int, value: int, size: int = 4) -> None:
        value &= (1 << 8 * size) - 1
        answer = self.qemu.do(f"{WRITE[size]} {BASE + offset:#x} {value:#x}")
        self._record(f"W{size} {offset:03x} {value:x}", [(0, irq) for irq in answer.interrupts])

    def ticks(self, count: int) -> None:
        """Tick by tick, so that each interrupt is seen at its own."""
        commands = []
        for _ in range(count):
            commands.append(f"clock_step {TICK_NS}")
            for n in self.by_message:
                commands += [f"readl {mailbox(n):#x}", f"writel {mailbox(n):#x} 0"]
        answers = self.qemu.batch(commands)
        stride = 1 + 2 * len(self.by_message)
        events = []
        for tick in range(count):
            for irq in answers[tick * stride].interrupts:
                events.append((tick + 1, irq))
            for i, n in enumerate(self.by_message):
                data = answers[tick * stride + 1 + 2 * i].value
                if data != 0:
                    events.append((tick + 1, f"message {mailbox(n):x}={data:x}"))
        self._record(f"T {count}", events)

    def _record(self, step: str, events) -> None:
        """ "7^20": a pulse of input 20 at the 7th tick of the step; "/" it rises, "\\" it falls, ">" a message."""
        texts: List[str] = []
        for tick, event in events:
            word, what = event.split()
            text = f"{tick}{ {'raise': '/', 'lower': chr(92), 'message': '>'}[word] }{what}"
            if word == "lower" and texts and texts[-1] == f"{tick}/{what}":
                texts[-1] = f"{tick}^{what}"
            else:
                texts.append(text)
        self.lines.append(step + (" | " + " ".join(texts) if texts else ""))

    # ---- the state, which is not

    def peek(self, offset: int, size: int = 8) -> int:
        return self.qemu.do(f"{READ[size]} {BASE + offset:#x}").value

    def running(self) -> bool:
        return self.peek(GEN_CONF, 4) & 1 != 0

    def pending(self, n: int) -> bool:
        return self.peek(GINTR_STA, 4) >> n & 1 != 0

    def lies_ahead(self, n: int) -> bool:
        """COMP of timer n lies ahead of the counter, and no wrap of 32 bits between: everybody agrees when it matches."""
        count, value = self.peek(MAIN_CNT), self.peek(comp(n))
        if self.peek(conf(n)) & NARROW:
            return (count & LOW) < (value & LOW) < LOW and (value & LOW) - (count & LOW) < 1 << 31
        return value == ALL or 0 < value - count < 1 << 60

    def lags(self, n: int) -> bool:
        """A periodic timer in the tick of its match: QEMU advances COMP a tick later (D-6)."""
        return self.peek(conf(n)) & PERIODIC != 0 and not self.lies_ahead(n)

    # ---- what programs are made of

    def settle(self) -> None:
        """A tick on, if some periodic timer matches in this one."""
        for _ in range(10):
            if not any(self.lags(n) for n in range(3)):
                break
            self.ticks(1)

    def clear(self, n: int) -> None:
        self.settle()
        self.write(GINTR_STA, 1 << n)

    def quiet(self, n: int) -> None:
        """Timer n disabled, one-shot, edge, its line low and its status bit 0."""
        self.clear(n)
        self.write(conf(n), self.one_of(*ROUTES[n]) << 9)
        self.clear(n)

    def park(self, n: int) -> None:
        """COMP far ahead of the counter, by two writes that mean the same in every mode of 64 bits."""
        value = self.peek(MAIN_CNT) + FAR
        self.write(comp(n), value & LOW)
        self.write(comp(n) + 4, value >> 32)

    def write_comp(self, n: int, value: int) -> None:
        if self.below(2) and not self.peek(conf(n)) & VAL_SET:
            self.write(comp(n), value, 8)
        else:
            self.write(comp(n), value & LOW)
            self.write(comp(n) + 4, value >> 32)

    def ahead(self, n: int, narrow: bool, least: int = 1) -> int:
        distance = least + self.below(self.one_of(4, 40, 40, 200))
        if not self.below(12):
            distance += 1 << self.one_of(20, 29)
        value = self.peek(MAIN_CNT) + distance
        return value & LOW if narrow else value

    def oneshot(self, n: int) -> None:
        self.quiet(n)
        count = self.peek(MAIN_CNT) & LOW
        narrow = self.below(3) == 0 and count + (1 << 30) < LOW
        bits = self.one_of(*ROUTES[n]) << 9 | self.one_of(0, LEVEL)
        bits |= NARROW if narrow else 0
        if self.below(4) == 0:
            bits |= self.message(n)
        if narrow or self.peek(conf(n)) & NARROW:
            self.write(conf(n), bits & ~LEVEL & ~FSB)
        value = self.ahead(n, narrow)
        if narrow:
            self.write(comp(n), value)
        else:
            self.write_comp(n, value)
        self.write(conf(n), bits | ENABLED)

    def message(self, n: int) -> int:
        if n not in self.by_message:
            self.by_message.append(n)
        data = self.random.randrange(1, 1 << 32)
        if self.below(2):
            self.write(route(n), mailbox(n) << 32 | data, 8)
        else:
            self.write(route(n), data)
            self.write(route(n) + 4, mailbox(n))
        return FSB

    def periodic(self, n: int) -> None:
        """A level: a pulse would come twice in QEMU (D-6)."""
        self.quiet(n)
        narrow = self.below(2) == 0 and (self.peek(MAIN_CNT) & LOW) + (1 << 30) < LOW
        bits = self.one_of(*ROUTES[n]) << 9 | LEVEL | PERIODIC | (NARROW if narrow else 0)
        first, period = self.ahead(n, narrow, 2), 3 + self.below(60)
        self.write(conf(n), bits & ~LEVEL | VAL_SET)
        self.write(comp(n), first & LOW)
        if not narrow:
            self.write(conf(n), bits & ~LEVEL | VAL_SET)
            self.write(comp(n) + 4, first >> 32)
        self.write(comp(n), period)
        if not narrow:
            self.write(comp(n) + 4, 0)
        self.write(conf(n), bits | ENABLED)

    def reprogram(self, n: int) -> None:
        self.one_of(self.oneshot, self.oneshot, self.periodic)(n)

    def toggle_enable(self, n: int) -> None:
        bits = self.peek(conf(n)) & 0x7F4E
        if self.pending(n) or bits & (PERIODIC | LEVEL) or not self.lies_ahead(n) or self.peek(comp(n)) == ALL:
            return
        self.write(conf(n), bits ^ ENABLED)

    def rewrite(self, n: int) -> None:
        """The same value once more changes nothing (H-24)."""
        self.write(conf(n), self.peek(conf(n)) & 0xFFFFFFFF)

    def look(self) -> None:
        self.settle()
        n = self.below(3)
        offset = self.one_of(0, GEN_CONF, GINTR_STA, MAIN_CNT, MAIN_CNT, conf(n), comp(n), comp(n), route(n), 0x08, 0x18,
                             0x28, 0xA0, 0xF8, 0x118, 0x180, 0x1C0, 0x3F8)
        if self.below(2):
            self.read(offset, 8)
        else:
            self.read(offset + self.one_of(0, 0, 4))

    def acknowledge(self) -> None:
        self.settle()
        self.write(GINTR_STA, self.one_of(1, 2, 4, 7, 0, 0xFFFFFFF8, 5), self.one_of(4, 8))

    def reserved(self) -> None:
        self.write(self.one_of(0x00, 0x04, 0x08, 0x14, 0x18, 0x24, 0x28, 0x80, 0xF8, 0x118, 0x13C, 0x104, 0x144, 0x1D8),
                   self.random.getrandbits(32))

    def halt_and_go(self) -> None:
        self.halt()
        self.ticks(1 + self.below(20))
        self.halted()

    def halt(self) -> None:
        """With no status bit set, for halting clears them in QEMU (D-5)."""
        self.settle()
        self.write(GINTR_STA, 7)
        self.write(GEN_CONF, self.peek(GEN_CONF, 4) & 2)

    def halted(self) -> None:
        """Everything that is to be done only while the counter stands, then it runs."""
        for _ in range(self.below(4)):
            self.look()
        if self.below(3) == 0:
            value = self.one_of(0, self.below(1000), (1 << 32) - 1 - self.below(300), (1 << 32) + self.below(50),
                                self.random.getrandbits(58), self.random.getrandbits(31))
            if self.below(2):
                self.write(MAIN_CNT, value, 8)
            else:
                self.write(MAIN_CNT, value & LOW)
                self.write(MAIN_CNT + 4, value >> 32)
        legacy = self.one_of(0, 0, 2)
        self.write(GEN_CONF, legacy)
        for n in range(3):
            self.reprogram(n) if self.below(2) else self.quiet(n)
            if not self.lies_ahead(n):
                self.oneshot(n)
        self.look()
        self.write(GEN_CONF, legacy | 1, self.one_of(4, 8))

    def make(self, sections: List[str]) -> str:
        """The program's text. Nothing in it may depend on anything but the seed and QEMU."""
        try:
            self.read(0, 8)
            self.ticks(1 + self.below(5))
            for n in range(3):
                self.read(conf(n), 8)
                self.quiet(n)
            self.halted()
            steps: List[Callable[[], None]] = [self.look, self.look, self.look, self.acknowledge, self.reserved]
            for _ in range(8 + self.below(12)):
                n = self.below(3)
                self.ticks(1 + self.below(self.one_of(3, 30, 120)))
                choice = self.below(12)
                if choice < 6:
                    self.one_of(*steps)()
                elif choice < 8:
                    self.reprogram(n)
                elif choice < 9:
                    self.toggle_enable(n)
                elif choice < 10:
                    self.rewrite(n)
                elif choice < 11:
                    self.halt_and_go()
            for name in sections:
                SECTIONS[name](self)
                self.ticks(1 + self.below(30))
                self.look()
            return "\n".join(self.lines) + "\n"
        finally:
            self.qemu.close()
