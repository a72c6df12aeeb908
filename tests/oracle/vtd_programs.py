# SPDX-License-Identifier: Apache-2.0
"""Random programs for interrupt remapping, and what QEMU's intel-iommu answers to them.

Messages come from two devices with requester ids of their own (QEMU's "edu", whose MSI capability takes any address); what
reaches the local APICs is read from QEMU's trace. QEMU has no entry cache, so neither has the model in the player.
"""
import os
import tempfile
from typing import Dict, List

from drawing import Drawing, delivered
from qemu import READ, WRITE, Qemu
from vtd_sections import SECTIONS

BASE = 0xFED90000
GCMD, GSTS, IQH, IQT, IQA, ICS, IECTL, IRTA = 0x18, 0x1C, 0x80, 0x88, 0x90, 0x9C, 0xA0, 0xB8
QIE, IRE, SIRTP = 1 << 26, 1 << 25, 1 << 24
TABLE, QUEUE, STATUS = 0x100000, 0x300000, 0x400000
REQUESTERS = {0x20: 0xE0000000, 0x28: 0xE0100000}  # 00:04.0, 00:05.0: their BAR 0
OPTIONS = ("-device", "intel-iommu,intremap=on", "-device", "edu,addr=4", "-device", "edu,addr=5")
TRACED = "trace:vtd_ir_remap_msi_req,trace:apic_deliver_irq"


class Program(Drawing):
    """One program: its text, and the QEMU that answers it."""

    def __init__(self, module_folder: str, seed: str, number: int) -> None:
        super().__init__(seed, number)
        self.sending: List[int] = []
        self.active = 0
        self.tail = 0
        self.size = 0
        self.waited = 0
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

    def write(self, offset: int, value: int, size: int = 4) -> None:
        self.qemu.do(f"{WRITE[size]} {BASE + offset:#x} {value:#x}")
        self.lines.append(f"W{size} {offset:03x} {value:x}")

    def store(self, address: int, value: int) -> None:
        self.qemu.do(f"writeq {address:#x} {value:#x}")
        self.lines.append(f"S8 {address:x} {value:x}")

    def load(self, address: int) -> None:
        self.lines.append(f"L4 {address:x} {self.qemu.do(f'readl {address:#x}').value:08x}")

    def message(self, requester: int, address: int, data: int) -> None:
        self.configure(requester, 0x44, address)
        self.configure(requester, 0x4C, data)
        self.lines.append(f"M {requester:x} {address:x} {data:x}")
        self.sending.append(len(self.lines) - 1)
        self.qemu.do(f"writel {REQUESTERS[requester] + 0x60:#x} 1")

    # ---- what programs are made of

    def command(self, bit: int, on: bool = True) -> None:
        """One control changed, as software composes it (VTD-3)."""
        if bit == SIRTP:
            self.write(GCMD, self.active | SIRTP)
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
        """The entry, or all; then a wait that writes its status."""
        self.descriptor(self.one_of(4, 4 | 1 << 4 | index << 32, 4 | 1 << 4 | self.below(4) << 27 | (index & ~15) << 32))
        self.waited += 1
        self.descriptor(5 | 1 << 5 | self.waited << 32, STATUS)
        self.write(IQT, self.tail, self.one_of(4, 8))
        self.load(STATUS)
        self.read(self.one_of(IQH, IQT), self.one_of(4, 8))

    def completion_event(self) -> None:
        """Its interrupt stays masked: IWC and IP are what is seen."""
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
        offset, sizes = self.one_of((0, (4,)), (GSTS, (4,)), (IQH, (4, 8)), (IQT, (4, 8)), (IQA, (4, 8)), (ICS, (4,)),
                                    (IECTL, (4,)), (IRTA, (4, 8)))
        self.read(offset, self.one_of(*sizes))

    def program_table_only(self) -> None:
        """IRTA without SIRTP: what is active stays."""
        self.write(IRTA, 0x200000 | self.below(8) | self.one_of(0, 0x7F0), 8)
        self.read(IRTA, 8)

    def make(self, sections: List[str]) -> str:
        """The program's text. Nothing in it may depend on anything but the seed and QEMU."""
        try:
            self.read(IECTL)
            self.write(IQA, QUEUE, 8)
            self.command(QIE)
            self.latch_table(2 + self.below(6))
            if self.below(4) == 0:
                self.compatible()
            self.command(IRE)
            steps = [self.random_entry] * 4 + [self.request] * 8 + [self.look] * 2 + [
                self.completion_event, self.toggle_remapping, self.program_table_only,
                lambda: self.latch_table(3 + self.below(5))]
            for _ in range(25 + self.below(15)):
                self.one_of(*steps)()
            if not self.active & IRE:
                self.toggle_remapping()
            for name in sections:
                SECTIONS[name](self)
            return self.text()
        finally:
            self.qemu.close()
            os.unlink(self.log)

    def text(self) -> str:
        self.qemu.close()
        sent: Dict[int, List[str]] = {}
        requests = iter(self.sending)
        at = -1
        for line in open(self.log, encoding="ascii"):
            if line.startswith("vtd_ir_remap_msi_req"):
                at = next(requests)
            elif line.startswith("apic_deliver_irq"):
                sent.setdefault(at, []).append(delivered(line))
        if next(requests, None) is not None:
            raise RuntimeError("QEMU's log lacks messages")
        return self.with_messages(sent)
