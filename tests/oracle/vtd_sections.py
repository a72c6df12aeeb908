# SPDX-License-Identifier: Apache-2.0
"""What QEMU's intel-iommu does against the specification, one section for each: DEVIATIONS.md says what and why.

Each uses entry 1, with remapping on.
"""
FSTS = 0x34


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


SECTIONS = {"D-45": nothing_recorded, "D-46": compatible_passes, "D-47": posted_passes, "D-48": high_destination,
            "D-49": buses_swapped}
