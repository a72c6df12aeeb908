# SPDX-License-Identifier: Apache-2.0
"""Random programs for interrupt remapping, and what QEMU's intel-iommu answers to them.

Messages come from two devices with requester ids of their own (QEMU's "edu", whose MSI capability takes any address);
what reaches the local APICs is read from QEMU's trace. QEMU has no entry cache, so neither has the model in the player.
"""
import os
import tempfile
from typing import Dict, List

from drawing import Drawing, delivered
from qemu import READ, WRITE, Qemu
from vtd_sections import SECTIONS

BASE = 0xFED90000
VER, GCMD, GSTS, RTADDR, CCMD, FSTS, FECTL, PMEN = 0x00, 0x18, 0x1C, 0x20, 0x28, 0x34, 0x38, 0x64
IQH, IQT, IQA, ICS, IECTL, IQERCD, IRTA, IVA, IOTLB, FRCD = 0x80, 0x88, 0x90, 0x9C, 0xA0, 0xB0, 0xB8, 0xF0, 0xF8, 0x220
DATA, ADDRESS, UPPER = 4, 8, 12  # behind FECTL and IECTL
TE, SRTP, WBF, QIE, IRE, SIRTP = 1 << 31, 1 << 30, 1 << 27, 1 << 26, 1 << 25, 1 << 24
MASKED, RECORD_VALID = 1 << 31, 1 << 31
PFO, IQE = 1, 16
TABLE, QUEUE, STATUS, NO_ROOT = 0x100000, 0x300000, 0x400000, 0x500000
REQUESTERS = {0x20: 0xE0000000, 0x28: 0xE0100000}  # 00:04.0, 00:05.0: their BAR 0
OPTIONS = ("-device", "intel-iommu,intremap=on", "-device", "edu,addr=4", "-device", "edu,addr=5")
STEPS = ("vtd_reg_write", "vtd_ir_remap_msi_req", "vtd_dmar_fault")  # what QEMU's log says of W, M and F
TRACED = ",".join(f"trace:{name}" for name in (*STEPS, "apic_deliver_irq"))


class Program(Drawing):
    """One program: its text, and the QEMU that answers it."""

    def __init__(self, module_folder: str, seed: str, number: int) -> None:
        super().__init__(seed, number)
        self.acting: List[int] = []  # the lines of STEPS
        self.active = 0
        self.tail = 0
        self.size = 0
        self.waited = 0
        self.wrong = 0  # where the descriptor is at which the queue has stopped; -1: at the tail
        self.log = tempfile.NamedTemporaryFile(prefix="hldsim-oracle-", delete=False).name
        self.qemu = Qemu(module_folder, (*OPTIONS, "-d", TRACED, "-D", self.log))
        for requester, bar in REQUESTERS.items():
            self.configure(requester, 0x10, bar)
            self.configure(requester, 0x04, 6)
            self.configure(requester, 0x40, 1 << 16)

    def configure(self, requester: int, register: int, value: int) -> None:
        self.qemu.batch([f"outl 0xcf8 {1 << 31 | requester << 8 | register:#x}", f"outl 0xcfc {value:#x}"])

    # ---- steps

    def read(self, offset: int, size: int = 4) -> int:
        value = self.qemu.do(f"{READ[size]} {BASE + offset:#x}").value
        self.lines.append(f"R{size} {offset:03x} {value:0{2 * size}x}")
        return value

    def act(self, line: str) -> None:
        self.acting.append(len(self.lines))
        self.lines.append(line)

    def write(self, offset: int, value: int, size: int = 4) -> None:
        self.act(f"W{size} {offset:03x} {value:x}")
        self.qemu.do(f"{WRITE[size]} {BASE + offset:#x} {value:#x}")

    def store(self, address: int, value: int) -> None:
        self.qemu.do(f"writeq {address:#x} {value:#x}")
        self.lines.append(f"S8 {address:x} {value:x}")

    def load(self, address: int) -> None:
        self.lines.append(f"L4 {address:x} {self.qemu.do(f'readl {address:#x}').value:08x}")

    def send(self, line: str, requester: int, address: int, data: int) -> None:
        self.configure(requester, 0x44, address)
        self.configure(requester, 0x4C, data)
        self.act(line)
        self.qemu.do(f"writel {REQUESTERS[requester] + 0x60:#x} 1")

    def message(self, requester: int, address: int, data: int) -> None:
        self.send(f"M {requester:x} {address:x} {data:x}", requester, address, data)

    def fault(self) -> None:
        """A write of the device to memory that it has no translation to: the only faults that QEMU records."""
        requester = self.one_of(*REQUESTERS)
        self.send(f"F {requester:x}", requester, 0x600000, 0)

    # ---- what programs are made of

    def command(self, bit: int, on: bool = True) -> None:
        """One control changed, as software composes it (VTD-3)."""
        if bit in (SIRTP, SRTP):
            self.write(GCMD, self.active | bit)
        else:
            self.active = self.active | bit if on else self.active & ~bit
            self.write(GCMD, self.active)
        self.read(GSTS)

    def latch_table(self, size: int) -> None:
        self.size = size
        self.write(IRTA, TABLE | size, 8)
        self.command(SIRTP)

    def descriptor(self, low: int, high: int = 0) -> None:
        self.store(QUEUE + self.tail, low)
        self.store(QUEUE + self.tail + 8, high)
        self.tail = (self.tail + 16) % 4096

    def invalidate(self, index: int) -> None:
        """The entry, or all; then a wait that writes its status. What is for DMA does nothing."""
        if self.below(3) == 0:
            anybody = self.below(1 << 16) << 16
            self.descriptor(*self.one_of((1 | 1 + self.below(3) << 4 | anybody | self.below(1 << 16) << 32, 0),
                                         (2 | 1 + self.below(2) << 4 | self.below(4) << 6 | anybody, 0),
                                         (3 | 0x30 << 32, 0x7FFFFFFFFFFFF001)))
        by_index = 4 | 1 << 4
        self.descriptor(self.one_of(4, by_index | index << 32, by_index | self.below(4) << 27 | (index & ~15) << 32))
        self.waited += 1
        self.descriptor(5 | 1 << 5 | self.waited << 32, STATUS)
        self.write(IQT, self.tail, self.one_of(4, 8))
        self.load(STATUS)
        self.read(self.one_of(IQH, IQT), self.one_of(4, 8))

    def completion_event(self) -> None:
        """IWC and IP are seen, or its message."""
        self.descriptor(5 | 1 << 4)
        self.write(IQT, self.tail, 8)
        self.read(ICS)
        self.read(IECTL)
        self.write(ICS, self.one_of(0, 1, 1))
        self.read(ICS)

    def entry(self, index: int, fields: Dict[str, int]) -> None:
        low = fields.get("present", 1) | fields.get("logical", 0) << 2 | fields.get("hint", 0) << 3
        low |= fields.get("level", 0) << 4 | fields.get("mode", 0) << 5 | fields.get("reserved", 0)
        low |= fields.get("vector", 0x31) << 16 | fields.get("destination", 0) << 40
        high = fields.get("sid", 0) | fields.get("sq", 0) << 16 | fields.get("svt", 0) << 18
        self.store(TABLE + 16 * index + 8, high)
        self.store(TABLE + 16 * index, low)
        self.invalidate(index)

    def random_entry(self) -> None:
        mode = self.one_of(0, 0, 1, 2, 4, 4, 5)
        fields = {"present": self.one_of(0, 1, 1, 1, 1), "logical": self.below(2), "mode": mode,
                  "vector": 0x10 + self.below(0xF0) if mode < 2 else self.one_of(0, 2) if mode == 4 else 0,
                  "destination": self.below(256), "svt": self.one_of(0, 0, 1, 1, 3), "sq": self.below(4),
                  "sid": self.one_of(0x20, 0x28, 0x21, 0x24, 0x26, 0x2F, 0x120),
                  "level": self.below(2) if mode < 2 else 0,
                  "reserved": self.one_of(0, 0, 0, 0, 0, 1 << self.one_of(12, 13, 14, 24, 31), 0xF00)}
        self.entry(self.below(12), fields)

    def request(self) -> None:
        handle = self.one_of(self.below(12), self.below(12), self.below(12), 2 << self.size, 0xFFFF)
        data = self.below(4) if self.below(3) == 0 else 0
        address = 0xFEE00010 | (handle & 0x7FFF) << 5 | handle >> 15 << 2 | self.one_of(0, 1) << 3
        if not self.active & IRE:
            self.compatible()
        elif handle != 0xFFFF or not address & 8:
            self.message(self.one_of(*REQUESTERS), address, data if address & 8 else self.random.getrandbits(8))

    def compatible(self) -> None:
        """With remapping off: a message as any other."""
        mode = self.one_of(0, 0, 4, 5)
        self.message(self.one_of(*REQUESTERS), 0xFEE00000 | self.below(256) << 12 | self.one_of(0, 4),
                     mode << 8 | (0x10 + self.below(0xF0) if mode == 0 else 0))

    def toggle_remapping(self) -> None:
        self.command(IRE, not self.active & IRE)

    def look(self) -> None:
        wide = self.one_of(IQH, IQT, IQA, IRTA, RTADDR)
        narrow = self.one_of(VER, GSTS, ICS, IECTL, PMEN, *(control + register for control in (FECTL, IECTL)
                                                            for register in (DATA, ADDRESS, UPPER)))
        offset, size = self.one_of((wide, 4), (wide + 4, 4), (wide, 8), (narrow, 4), (narrow, 4), (narrow, 4))
        self.read(offset, size)

    def program_table_only(self) -> None:
        """IRTA without SIRTP: what is active stays."""
        self.write(IRTA, 0x200000 | self.below(8) | self.one_of(0, 0x7F0), 8)
        self.read(IRTA, 8)

    # ---- events: what of their data QEMU would take for a mode or a level is 0

    def event(self) -> None:
        """One of the registers that say where an event goes."""
        control, register = self.one_of(FECTL, IECTL), self.one_of(DATA, DATA, ADDRESS, UPPER)
        self.write(control + register, self.random.getrandbits(32) & (0x79FF if register == DATA else 0xFFFFFFFF))
        self.read(control + register)

    def mask(self) -> None:
        """One that waits leaves when it is let out. Faults only where QEMU records them."""
        control = self.one_of(FECTL, IECTL) if self.active & TE else IECTL
        self.write(control, self.one_of(0, MASKED) | self.random.getrandbits(31))
        self.read(control)

    # ---- faults

    def forget(self) -> None:
        """The record, and with the write of FSTS whatever else there is but IQE (D-68)."""
        self.write(FRCD + 8, 1 << 63, 8) if self.below(2) else self.write(FRCD + 12, RECORD_VALID)
        self.write(FSTS, self.one_of(0, PFO, PFO))
        self.status()

    def status(self) -> None:
        self.read(FSTS)
        self.read(self.one_of(FECTL, FRCD + 8))  # FRCD + 8: the requester

    def calm(self) -> None:
        """No fault, and no event of one: where requests have been blocked, it is here alone that there were some."""
        self.mend()
        self.write(FECTL, MASKED)
        self.write(IECTL, MASKED)
        self.write(FRCD + 12, RECORD_VALID)
        self.write(FSTS, PFO)
        self.read(FSTS)
        self.read(FECTL)

    def spoil(self) -> None:
        """A descriptor that is wrong, or a tail beyond the queue."""
        if self.wrong:
            return
        self.wrong = QUEUE + self.tail
        if self.below(4) == 0:
            self.write(IQT, 0x1000 + self.below(64) * 16, 8)
            self.write(IQT, self.tail, 8)  # of no effect as long as IQE is 1
            self.wrong = -1
        else:
            self.descriptor(*self.one_of((0, 0), (8 + self.below(8), 0),
                                         (5 | 1 << 5 | 1 << self.one_of(7, 8, 12, 31), STATUS),
                                         (5 | 1 << 5, STATUS | self.one_of(1, 2))))
            self.write(IQT, self.tail, 8)
        self.read(FSTS)
        self.read(IQH, 8)

    def mend(self) -> None:
        """Goes on at once here, and in QEMU with a write of IQT (D-61): nothing is looked at in between."""
        if not self.wrong:
            return
        if self.wrong > 0:
            self.store(self.wrong, 4)
            self.store(self.wrong + 8, 0)
        self.wrong = 0
        self.write(FSTS, IQE)
        self.write(IQT, self.tail, 8)
        self.read(IQH, 8)
        self.read(FSTS)

    # ---- what is there for DMA only

    def invalidate_by_register(self) -> None:
        """While the queue is off. Of one domain's contexts QEMU makes all, as it may."""
        self.write(CCMD, self.below(2) << 63 | self.one_of(0, 1, 3) << 61 | self.random.getrandbits(34), 8)
        self.read(CCMD, self.one_of(4, 8))
        self.write(IVA, self.random.getrandbits(64) & ~0x3F, 8)  # CAP.MAMV is another there
        self.read(IVA, 8)
        self.write(IOTLB, self.below(2) << 63 | self.below(4) << 60 | self.random.getrandbits(50), 8)
        self.read(IOTLB, self.one_of(4, 8))

    def root(self) -> None:
        """Not latched."""
        self.write(RTADDR, self.random.getrandbits(64), 8)
        self.read(RTADDR, 8)

    def read_only(self) -> None:
        there = self.one_of((VER, 4), (GSTS, 4), (IQH, 8), (PMEN, 4), (FRCD, 8), (IQERCD, 4))
        absent = self.one_of((0xC0 + 8 * self.below(3), 8), (0xDC + 4 * self.below(5), 4), (0x100, 8), (0x108, 8),
                             (0x120 + 8 * self.below(32), 8))
        offset, size = self.one_of(there, absent)
        self.write(offset, self.random.getrandbits(8 * size), size)
        if not (self.wrong and offset == IQERCD) and offset != FRCD:  # D-62, D-69
            self.read(offset, size)

    def make(self, sections: List[str]) -> str:
        """The program's text. Nothing in it may depend on anything but the seed and QEMU."""
        try:
            self.begin()
            for _ in range(25 + self.below(15)):
                self.one_of(*(self.faults() if self.active & TE else self.requests()))()
            if not self.active & IRE:
                self.toggle_remapping()
            for name in sections:
                self.calm()
                SECTIONS[name](self)
            return self.text()
        finally:
            self.qemu.close()
            os.unlink(self.log)

    def begin(self) -> None:
        self.read(IECTL)
        if self.below(4) == 0:
            self.invalidate_by_register()
        self.write(IQA, QUEUE, 8)
        if self.below(3) == 0:
            self.write(RTADDR, NO_ROOT, 8)
            self.command(SRTP)
            self.command(TE)
        if self.below(6) == 0:
            return self.switch_on_together()
        self.command(QIE)
        self.latch_table(2 + self.below(6))
        if self.below(4) == 0:
            self.compatible()
        self.command(IRE)

    def switch_on_together(self) -> None:
        """Several controls in one write: not defined (VTD-3), and the end is the same."""
        self.size = 2 + self.below(6)
        self.write(IRTA, TABLE | self.size, 8)
        self.active |= QIE | IRE
        self.write(GCMD, self.active | SIRTP)
        self.read(GSTS)

    def requests(self):
        return [self.random_entry] * 4 + [self.request] * 8 + [self.look] * 3 + [
            self.completion_event, self.completion_event, self.event, self.event, self.mask, self.mask, self.root,
            self.toggle_remapping, self.program_table_only, self.read_only, self.read_only, self.calm, lambda: self.latch_table(3 + self.below(5))]

    def faults(self):
        """Requests are left out: QEMU records none that is blocked."""
        return [self.fault] * 4 + [self.status] * 2 + [self.forget] * 2 + [self.event] * 2 + [self.mask] * 3 + [
            self.spoil, self.mend, self.look, self.read_only, self.read_only, lambda: self.invalidate(self.below(8)),
            lambda: None if self.wrong else self.completion_event()]

    def text(self) -> str:
        self.qemu.close()
        sent: Dict[int, List[str]] = {}
        acting = iter(self.acting)
        at = -1
        for line in open(self.log, encoding="ascii"):
            if line.startswith("apic_deliver_irq"):
                sent.setdefault(at, []).append(delivered(line))
            elif line.split()[0] in STEPS:
                at = next(acting)
        if next(acting, None) is not None:
            raise RuntimeError("QEMU's log lacks steps")
        return self.with_messages(sent)
