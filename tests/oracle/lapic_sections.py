# SPDX-License-Identifier: Apache-2.0
"""What QEMU's local APIC does against the manual, one section for each: DEVIATIONS.md says what and why.

A section begins and ends with the APIC enabled, its vector table masked and nothing requested. D-74 is a program's
last.
"""
SVR, TPR, ESR, ICR_LOW, ICR_HIGH = 0xF0, 0x80, 0x280, 0x300, 0x310
LVTS = {"timer": 0x320, "thermal": 0x330, "pmi": 0x340, "lint0": 0x350, "lint1": 0x360, "error": 0x370}
APIC_BASE, TSC_DEADLINE = 0x1B, 0x6E0
MASKED, ASSERT, SELF = 1 << 16, 1 << 14, 1 << 18


def unmasked_while_disabled(p) -> None:
    """Entries that cannot fire by themselves here: no counter overflows, nothing is hot, no error is seen."""
    p.section("D-50")
    entry = p.one_of(LVTS["thermal"], LVTS["pmi"])
    p.write(entry, p.vector())
    p.write(SVR, 0xFF)
    p.read(entry)
    p.write(entry, p.vector())
    p.read(entry)
    p.write(SVR, 0x1FF)
    p.read(entry)
    p.write(entry, MASKED)
    p.read(entry)
    p.section_end()


def whole_entry_stored(p) -> None:
    p.section("D-51")
    entry = p.one_of(*LVTS.values())
    reserved = 1 << p.one_of(11, 20, 24, 31)
    p.write(entry, MASKED | reserved | p.vector())
    p.read(entry)
    p.write(entry, MASKED)
    p.read(entry)
    p.section_end()


def errors_never_cleared(p) -> None:
    p.section("D-52")
    p.read(0x040)
    p.read(ESR)
    p.write(ESR, 0)
    p.read(ESR)
    p.write(ESR, 0)
    p.read(ESR)
    p.section_end()


def illegal_vector(p) -> None:
    p.section("D-53")
    # 2 would look like an NMI, and 13 has an error code.
    p.write(ICR_LOW, SELF | ASSERT | p.one_of(1, *range(3, 13), 14, 15))
    p.read(0x200)
    p.window()
    p.write(0x0B0, 0)
    p.section_end()


def identity_writable(p) -> None:
    p.section("D-54")
    p.write(0x020, (1 + p.below(254)) << 24)
    p.read(0x020)
    p.write(0x020, 0)
    p.section_end()


def no_arbitration_priority(p) -> None:
    p.section("D-55")
    p.write(TPR, 0x10 + p.below(0xF0))
    p.read(0x090)
    p.write(TPR, 0)
    p.section_end()


def focus_checking_lost(p) -> None:
    p.section("D-56")
    p.write(SVR, 0x3FF)
    p.read(SVR)
    p.write(SVR, 0x1FF)
    p.section_end()


def cluster_broadcast(p) -> None:
    p.section("D-57")
    p.write(0x0E0, 0x0FFFFFFF)
    p.write(0x0D0, (p.below(15) << 4 | 1 << p.below(4)) << 24)
    p.write(ICR_HIGH, 0xFF000000)
    p.write(ICR_LOW, ASSERT | 1 << 11 | p.vector())
    p.window()
    p.write(0x0B0, 0)
    p.write(0x0E0, 0xFFFFFFFF)
    p.section_end()


def taken_while_disabled(p) -> None:
    vector = p.vector()
    p.write(SVR, 0xFF)
    p.message(0, False, 0x400)  # an NMI comes in both
    p.section("D-65")
    p.message(0, False, vector)
    p.read(0x200 + 0x10 * (vector >> 5))
    p.write(SVR, 0x1FF)
    p.window()
    p.write(0x0B0, 0)
    p.section_end()
    p.read(0x200 + 0x10 * (vector >> 5))


def timer_sends_nmis(p) -> None:
    p.section("D-66")
    p.write(LVTS["timer"], 0x400 | p.vector())
    p.read(LVTS["timer"])
    p.write(0x380, 1)
    p.wait(4)
    p.window()
    p.write(0x0B0, 0)
    p.write(LVTS["timer"], MASKED)
    p.section_end()
    p.read(LVTS["timer"])


def runs_again_when_periodic(p) -> None:
    vector = p.vector()
    p.write(LVTS["timer"], vector)
    p.write(0x380, 1 + p.below(200))
    p.wait(40)
    p.read(0x390)
    p.window()
    p.write(0x0B0, 0)
    p.section("D-71")
    p.write(LVTS["timer"], 1 << 17 | vector)
    p.wait(40)
    p.read(0x200 + 0x10 * (vector >> 5))
    p.write(0x380, 0)
    p.window()
    p.write(0x0B0, 0)
    p.write(LVTS["timer"], MASKED)
    p.section_end()
    p.read(0x390)


def deadline_without_one(p) -> None:
    p.section("D-72")
    p.wrmsr(TSC_DEADLINE, 1 + p.below(1 << 31))
    p.rdmsr(TSC_DEADLINE)
    p.section_end()


def wrong_base_dropped(p) -> None:
    p.section("D-73")
    p.wrmsr(APIC_BASE, 0xFEE00900 | 1 << p.one_of(0, 7, 9, 10))
    p.section_end()
    p.rdmsr(APIC_BASE)


def off_for_ever(p) -> None:
    p.wrmsr(APIC_BASE, 0xFEE00100)
    p.rdmsr(APIC_BASE)
    p.section("D-74")
    p.read(p.one_of(0x30, SVR, LVTS["error"]))
    p.wrmsr(APIC_BASE, 0xFEE00900)
    p.rdmsr(APIC_BASE)
    p.section_end()


SECTIONS = {"D-50": unmasked_while_disabled, "D-51": whole_entry_stored, "D-52": errors_never_cleared,
            "D-53": illegal_vector, "D-54": identity_writable, "D-55": no_arbitration_priority,
            "D-56": focus_checking_lost, "D-57": cluster_broadcast, "D-65": taken_while_disabled,
            "D-66": timer_sends_nmis, "D-71": runs_again_when_periodic, "D-72": deadline_without_one,
            "D-73": wrong_base_dropped, "D-74": off_for_ever}
