# SPDX-License-Identifier: Apache-2.0
"""What QEMU's 8259A pair does against its datasheet, one section for each: DEVIATIONS.md says what and why.

A section begins and ends with both chips newly initialised and all lines low.
"""
MASTER, SLAVE = 0x20, 0xA0


def begin(p, deviation: str, master=(0x11, 0x01), slave=(0x11, 0x01)) -> None:
    p.lower_all()
    for chip in (SLAVE, MASTER):
        p.initialise(chip)
        p.write(0x4D0 if chip == MASTER else 0x4D1, 0)
    p.section(deviation)
    p.initialise(SLAVE, *slave)
    p.initialise(MASTER, *master)


def end(p) -> None:
    p.lower_all()
    p.write(0x4D0, 0)
    p.write(0x4D1, 0)
    p.initialise(SLAVE)
    p.initialise(MASTER)
    p.section_end()


def level_by_word(p) -> None:
    begin(p, "D-38", master=(0x19, 0x01))
    irq = p.one_of(3, 4, 5, 6)
    p.drive(irq, 1)
    p.acknowledge()
    p.write(MASTER, 0x20)
    end(p)


def fully_nested(p) -> None:
    begin(p, "D-39", master=(0x11, 0x11))
    p.drive(8 + p.below(8), 1)
    p.acknowledge()
    p.drive(p.one_of(3, 4, 5, 6, 7), 1)
    end(p)


def masked_in_service(p) -> None:
    begin(p, "D-40")
    irq = p.one_of(0, 1, 3, 4)
    p.drive(irq, 1)
    p.acknowledge()
    p.write(MASTER + 1, 1 << irq)
    p.write(MASTER, 0x68)
    p.write(MASTER, 0x20)
    p.write(MASTER, 0x0B)
    p.read(MASTER)
    end(p)


def slave_ends_itself(p) -> None:
    begin(p, "D-41", slave=(0x11, 0x03))
    p.drive(9, 1)
    p.drive(8 + p.one_of(2, 3, 4, 5), 1)
    p.acknowledge()
    p.write(MASTER, 0x20)
    end(p)


def level_of_high_line(p) -> None:
    begin(p, "D-42")
    irq = p.one_of(3, 4, 5, 6, 7)
    p.drive(irq, 1)
    p.acknowledge()
    p.write(MASTER, 0x20)
    p.write(0x4D0, 1 << irq)
    p.write(MASTER, 0x0A)
    p.read(MASTER)
    end(p)


def not_initialised(p) -> None:
    """At power-on only."""
    p.section("D-43")
    irq = p.one_of(0, 1, 3, 9, 15)
    p.drive(irq, 1)
    p.lower_all()
    p.initialise(SLAVE)
    p.initialise(MASTER)
    p.section_end()


def late_special_mask(p) -> None:
    begin(p, "D-44")
    p.drive(0, 1)
    p.acknowledge()
    p.write(MASTER + 1, 1)
    p.drive(p.one_of(1, 3, 4, 5, 6, 7), 1)
    p.write(MASTER, 0x68)
    p.write(MASTER + 1, 1)
    end(p)


SECTIONS = {
    "D-38": level_by_word, "D-39": fully_nested, "D-40": masked_in_service, "D-41": slave_ends_itself,
    "D-42": level_of_high_line, "D-43": not_initialised,
    "D-44": late_special_mask,
}
