# SPDX-License-Identifier: Apache-2.0
"""What QEMU's intel-iommu does against the specification, one section for each: DEVIATIONS.md says what and why.

Each uses entry 1 or 2, with remapping on, the events masked and the queue empty.
"""
FSTS, FECTL, RTADDR, IQH, IQT, ICS, IQERCD, FRCD = 0x34, 0x38, 0x20, 0x80, 0x88, 0x9C, 0xB0, 0x220
IECTL, IEDATA, IEADDR = 0xA0, 0xA4, 0xA8
TE, SRTP, CFI = 1 << 31, 1 << 30, 1 << 23
MASKED, RECORD_VALID = 1 << 31, 1 << 31
IQE = 16
QUEUE, NO_ROOT = 0x300000, 0x500000


def send(p, requester: int = 0x20, handle: int = 1) -> None:
    p.message(requester, 0xFEE00010 | handle << 5, 0)


def nothing_recorded(p) -> None:
    p.entry(1, {"present": 0})
    p.section("D-45")
    send(p)
    p.read(FSTS)
    p.section_end()


def compatible_passes(p) -> None:
    p.section("D-46")
    p.message(0x20, 0xFEE00000 | p.below(256) << 12, 0x30 + p.below(64))
    p.section_end()


def posted_passes(p) -> None:
    p.section("D-47")
    p.entry(1, {"reserved": 1 << 15})
    send(p)
    p.entry(1, {})
    p.section_end()


def high_destination(p) -> None:
    p.section("D-48")
    p.entry(1, {"reserved": 1 << p.one_of(32, 39, 48, 63), "destination": p.below(200)})
    send(p)
    p.entry(1, {})
    p.section_end()


def buses_swapped(p) -> None:
    p.section("D-49")
    p.entry(1, {"svt": 2, "sid": p.one_of(0x0005, 0x0500)})
    send(p)
    p.entry(1, {})
    p.section_end()


def index_wraps(p) -> None:
    p.latch_table(15)
    p.entry(2, {})
    send(p, handle=2)
    p.section("D-58")
    p.message(0x20, 0xFEEFFFFC, 3)  # handle FFFFh and subhandle 3
    p.section_end()
    p.latch_table(3)


def stop_one_side(p, low: int) -> None:
    """A descriptor at which the queue stops on one side alone; both are behind it in the end."""
    at = QUEUE + p.tail
    p.descriptor(low)
    p.write(IQT, p.tail, 8)
    p.read(FSTS)
    p.read(IQH, 8)
    p.store(at, 4)
    p.write(FSTS, IQE)
    p.write(IQT, p.tail, 8)
    p.section_end()
    p.read(FSTS)
    p.read(IQH, 8)


def reserved_bits_pass(p) -> None:
    p.section("D-59")
    stop_one_side(p, 4 | 1 << p.one_of(5, 8, 12, 26, 48, 63))


def empty_wait_stops(p) -> None:
    p.section("D-60")
    stop_one_side(p, 5 | p.below(2) << 6)


def goes_on_by_tail_only(p) -> None:
    at = QUEUE + p.tail
    p.descriptor(p.one_of(0, 8 + p.below(8)))
    p.write(IQT, p.tail, 8)
    p.read(FSTS)
    p.read(IQH, 8)
    p.section("D-62")
    p.read(IQERCD, p.one_of(4, 8))
    p.section_end()
    p.store(at, 4)
    p.section("D-61")
    p.write(FSTS, IQE)
    p.read(IQH, 8)
    p.write(IQT, p.tail, 8)
    p.section_end()
    p.read(IQH, 8)
    p.read(FSTS)


def data_stored_whole(p) -> None:
    p.section("D-63")
    p.write(IEDATA, 1 << 16 + p.below(16) | p.below(0x10000))
    p.read(IEDATA)
    p.write(IEDATA, 0)
    p.section_end()


def narrow_reads_nothing(p) -> None:
    p.section("D-64")
    size = p.one_of(1, 2)
    p.read(p.one_of(0x00, 0x08, 0x1C, 0x38, 0xA0, 0xB8) + size * p.below(4 // size), size)
    p.read(0x1A + 4 * p.below(8), 4)
    p.section_end()


def event_with_a_mode(p) -> None:
    p.write(ICS, 1)
    p.write(IEADDR, 0xFEE00000 | p.below(256) << 12 | p.below(2) << 2)
    p.write(IEDATA, 1 << p.one_of(9, 10, 15) | 0x40 + p.below(0x80))
    p.write(IECTL, 0)
    p.section("D-67")
    p.descriptor(5 | 1 << 4)
    p.write(IQT, p.tail, 8)
    p.section_end()
    p.write(IECTL, MASKED)
    p.write(ICS, 1)


def faulting(p) -> None:
    """What of a fault QEMU has recorded, with FECTL masked."""
    was_on = p.active & TE
    if not was_on:
        p.write(RTADDR, NO_ROOT, 8)
        p.command(SRTP)
        p.command(TE)
    p.fault()
    p.status()
    p.section("D-69")
    p.read(FRCD + p.one_of(0, 4))
    p.read(FRCD + 12)
    p.section_end()
    p.section("D-68")
    p.write(FRCD + 12, RECORD_VALID)
    p.read(FECTL)
    p.write(FSTS, 0)
    p.section_end()
    p.status()
    if not was_on:
        p.command(TE, False)


def status_of_bypass(p) -> None:
    p.section("D-70")
    p.command(CFI)
    p.command(CFI, False)
    p.section_end()


SECTIONS = {"D-45": nothing_recorded, "D-46": compatible_passes, "D-47": posted_passes, "D-48": high_destination,
            "D-49": buses_swapped, "D-58": index_wraps, "D-59": reserved_bits_pass, "D-60": empty_wait_stops,
            "D-61": goes_on_by_tail_only, "D-63": data_stored_whole, "D-64": narrow_reads_nothing,
            "D-67": event_with_a_mode, "D-68": faulting, "D-70": status_of_bypass}
