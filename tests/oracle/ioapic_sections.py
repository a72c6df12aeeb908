# SPDX-License-Identifier: Apache-2.0
"""What QEMU's I/O APIC does against the documents, one section for each: DEVIATIONS.md says what and why.

A section begins with its input low and its entry masked, and ends so.
"""
MASKED, LEVEL, LOW_ACTIVE = 1 << 16, 1 << 15, 1 << 13


def begin(p, deviation: str, pin: int) -> None:
    p.quiet(pin)
    p.put_high(pin, p.below(16))
    p.section(deviation, pin)


def end(p, pin: int) -> None:
    p.drive(pin, 0)
    p.put_low(pin, MASKED)
    p.put_high(pin, 0)
    p.section_end()


def pulses(p, pin: int, count: int) -> None:
    for _ in range(count):
        p.drive(pin, 1)
        p.drive(pin, 0)


def reserved_mode(p, pin: int) -> None:
    begin(p, "D-21", pin)
    p.put_low(pin, p.vector() | p.one_of(3, 6) << 8)
    pulses(p, pin, 2)
    p.entry(pin)
    end(p, pin)


def reserved_bits(p, pin: int) -> None:
    begin(p, "D-22", pin)
    p.put_low(pin, MASKED | p.random.getrandbits(15) << 17 | 1 << 20)
    p.put(0x11 + 2 * pin, p.random.getrandbits(16) | 1)
    p.get(0x10 + 2 * pin)
    p.get(0x11 + 2 * pin)
    end(p, pin)


def polarity(p, pin: int) -> None:
    begin(p, "D-23", pin)
    trigger = p.one_of(0, LEVEL)
    p.put_low(pin, MASKED | LOW_ACTIVE | trigger)
    p.put_low(pin, p.vector() | LOW_ACTIVE | trigger)
    p.entry(pin)
    pulses(p, pin, 2)
    p.entry(pin)
    end(p, pin)


def level_nmi(p, pin: int) -> None:
    begin(p, "D-24", pin)
    p.put_low(pin, p.vector() | p.one_of(4, 4, 5, 2) << 8 | LEVEL)
    pulses(p, pin, 3)
    p.entry(pin)
    end(p, pin)


def input_0(p, pin: int) -> None:
    p.quiet(2)
    begin(p, "D-32", pin)
    p.put_low(2, 0x40)
    p.put_low(0, 0x50)
    pulses(p, 0, 2)
    p.put_low(2, MASKED)
    end(p, pin)


def to_level_while_high(p, pin: int) -> None:
    begin(p, "D-33", pin)
    vector = p.vector()
    p.put_low(pin, vector | p.one_of(0, MASKED))
    p.drive(pin, 1)
    p.put_low(pin, vector | LEVEL)
    p.entry(pin)
    end(p, pin)


def to_edge_while_high(p, pin: int) -> None:
    begin(p, "D-34", pin)
    vector = p.vector()
    p.put_low(pin, vector | LEVEL | MASKED)
    p.drive(pin, 1)
    p.put_low(pin, vector | MASKED)
    if p.below(2):
        p.drive(pin, 0)
    p.put_low(pin, vector)
    end(p, pin)


def external_vector(p, pin: int) -> None:
    begin(p, "D-35", pin)
    p.put_low(pin, 0x60 + p.below(32) | 7 << 8)
    pulses(p, pin, 2)
    end(p, pin)


def odd_reads(p, pin: int) -> None:
    begin(p, "D-36", pin)
    p.select(p.below(64))
    for _ in range(4):
        size = p.one_of(1, 2, 4)
        offset = p.one_of(0x00, 0x10, 0x20, 0x40)
        p.read(offset + (p.one_of(1, 2, 3) if size == 4 else 0), size)
    end(p, pin)


def wide_select(p, pin: int) -> None:
    begin(p, "D-37", pin)
    p.write(0x00, 0x12)
    p.write(0x00, 0x34, 2)
    p.read(0x00)
    end(p, pin)


SECTIONS = {
    "D-21": reserved_mode, "D-22": reserved_bits, "D-23": polarity, "D-24": level_nmi, "D-32": input_0,
    "D-33": to_level_while_high, "D-34": to_edge_while_high, "D-35": external_vector, "D-36": odd_reads,
    "D-37": wide_select,
}
