# SPDX-License-Identifier: Apache-2.0
"""What QEMU's HPET does against the specification, one section for each: DEVIATIONS.md says what and why.

A section begins with its timer quiet and ends with both sides in one state again, so that what follows is compared
without excuses.
"""
from hpet_map import (ENABLED, FAR, FSB, GEN_CONF, GINTR_STA, LEVEL, LOW, MAIN_CNT, NARROW, PERIODIC, ROUTES, VAL_SET,
                      comp, conf, route)


def begin(p, deviation: str, alone: bool = False) -> int:
    """A timer for the section; `alone`: the other two are parked."""
    n = p.below(3)
    for m in range(3):
        if m == n or alone:
            p.quiet(m)
            p.park(m)
    p.section(deviation, n)
    return n


def end(p, n: int) -> None:
    p.write(GINTR_STA, 1 << n)
    p.write(conf(n), ROUTES[n][0] << 9)
    p.write(GINTR_STA, 1 << n)
    p.park(n)
    p.section_end()


def bits(p, n: int, more: int = 0) -> int:
    return p.one_of(*ROUTES[n]) << 9 | more


def count(p) -> int:
    return p.peek(MAIN_CNT)


def behind(p, deviation: str, distance: int) -> None:
    p.ticks(p.below(5) + 1)
    n = begin(p, deviation)
    p.write(conf(n), bits(p, n, ENABLED | p.one_of(0, LEVEL)))
    value = count(p) + distance
    p.write(comp(n), value & LOW)
    p.write(comp(n) + 4, value >> 32 & LOW)
    p.ticks(3)
    p.read(GINTR_STA)
    p.write(GINTR_STA, 1 << n)
    p.ticks(p.below(10) + 1)
    p.read(comp(n), 8)
    end(p, n)


def past(p) -> None:
    p.ticks(20)
    behind(p, "D-1", -1 - p.below(20))


def equal(p) -> None:
    behind(p, "D-2", 0)


def beyond_half(p) -> None:
    behind(p, "D-18", (1 << 63) + 2 + p.below(1000))


def wrap(p) -> None:
    n = begin(p, "D-3", True)
    p.halt()
    before, after = 1 + p.below(20), 1 + p.below(20)
    p.write(MAIN_CNT, p.below(1000) << 32 | LOW - before, 8)
    for m in range(3):
        p.park(m)
    p.write(conf(n), bits(p, n, NARROW))
    p.write(comp(n), after)
    p.write(conf(n), bits(p, n, NARROW | ENABLED))
    p.write(GEN_CONF, p.peek(GEN_CONF, 4) | 1)
    p.ticks(before + after + 10)
    end(p, n)


def level_match(p, n: int, more: int = ENABLED) -> int:
    """Timer n matches a level, a few ticks on; its configuration."""
    distance = 1 + p.below(20)
    value = count(p) + distance
    held = bits(p, n, LEVEL | more)
    p.write(comp(n), value & LOW)
    p.write(comp(n) + 4, value >> 32)
    p.write(conf(n), held)
    p.ticks(distance + p.below(3))
    return held


def disabled_loses_status(p) -> None:
    n = begin(p, "D-4")
    if p.below(2):
        level_match(p, n, 0)
        p.read(GINTR_STA)
    else:
        held = level_match(p, n)
        p.read(GINTR_STA)
        p.write(conf(n), held & ~ENABLED)
        p.read(GINTR_STA)
        p.write(conf(n), held)
        p.ticks(2)
        p.read(GINTR_STA)
    end(p, n)


def halt_loses_status(p) -> None:
    n = begin(p, "D-5", True)
    level_match(p, n)
    general = p.peek(GEN_CONF, 4)
    p.write(GEN_CONF, general & ~1)
    p.read(GINTR_STA)
    p.ticks(p.below(4))
    p.write(GEN_CONF, general)
    p.read(GINTR_STA)
    p.ticks(2)
    p.read(GINTR_STA)
    end(p, n)


def set_periodic(p, n: int, first: int, period: int, more: int) -> None:
    held = bits(p, n, PERIODIC | more)
    p.write(conf(n), held & ~(ENABLED | LEVEL | FSB) | VAL_SET)
    p.write(comp(n), first & LOW)
    if not more & NARROW:
        p.write(conf(n), held & ~(ENABLED | LEVEL | FSB) | VAL_SET)
        p.write(comp(n) + 4, first >> 32)
    p.write(comp(n), period & LOW)
    if not more & NARROW:
        p.write(comp(n) + 4, period >> 32)
    p.write(conf(n), held)


def twice_a_period(p) -> None:
    n = begin(p, "D-6")
    more = ENABLED | p.one_of(0, 0, LEVEL)
    if not more & LEVEL and p.below(3) == 0:
        more |= p.message(n)
    set_periodic(p, n, count(p) + 1 + p.below(20), 1 + p.below(30), more)
    for _ in range(4):
        p.ticks(1 + p.below(30))
        p.read(comp(n), 8)
        p.read(GINTR_STA)
        p.write(GINTR_STA, 1 << n)
    end(p, n)


def whole_accumulator(p) -> None:
    n = begin(p, "D-7")
    p.write(conf(n), bits(p, n, PERIODIC | VAL_SET))
    p.write(comp(n), p.random.getrandbits(60), 8)
    p.read(comp(n), 8)
    p.read(conf(n))
    end(p, n)


def absent_timer(p) -> None:
    n = begin(p, "D-8")
    p.write(route(3), p.random.getrandbits(32) | 1)
    p.read(route(3))
    p.read(conf(3), 8)
    end(p, n)


def input_without_capability(p) -> None:
    n = begin(p, "D-9")
    distance = 1 + p.below(10)
    p.write(comp(n), count(p) + distance, 8)
    p.write(conf(n), p.one_of(3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15) << 9 | ENABLED | p.one_of(0, LEVEL))
    p.read(conf(n), 8)
    p.ticks(distance + 2)
    p.read(GINTR_STA)
    end(p, n)


def narrowed_while_running(p) -> None:
    n = begin(p, "D-10")
    distance = 2 + p.below(30)
    now = count(p)
    if (now & LOW) + 1000 > LOW:
        return end(p, n)
    held = bits(p, n, ENABLED)
    p.write(comp(n), (((now >> 32) + 1) << 32) + (now + distance & LOW), 8)
    p.write(conf(n), held)
    p.write(conf(n), held | NARROW)
    p.read(comp(n), 8)
    p.ticks(distance + 3)
    end(p, n)


def periodic_while_disabled(p) -> None:
    n = begin(p, "D-11")
    period = 5 + p.below(20)
    set_periodic(p, n, count(p) + 3 + p.below(10), period, ENABLED)
    p.write(conf(n), p.peek(conf(n)) & 0xFFFFFFFF & ~ENABLED)
    p.ticks(3 * period)
    p.read(comp(n), 8)
    p.write(conf(n), p.peek(conf(n)) & 0xFFFFFFFF | ENABLED)
    p.ticks(period)
    p.read(comp(n), 8)
    end(p, n)


def level_leaves(p) -> None:
    n = begin(p, "D-12")
    held = level_match(p, n)
    if p.below(2) or p.peek(GEN_CONF, 4) & 2:
        p.write(conf(n), held & ~LEVEL)
        p.read(GINTR_STA)
        p.write(GINTR_STA, 1 << n)
    else:
        other = [r for r in ROUTES[n] if r != held >> 9 & 31]
        p.write(conf(n), held & ~(31 << 9) | p.one_of(*other) << 9)
        p.ticks(1)
        p.write(conf(n), held)
    end(p, n)


def counter_while_running(p) -> None:
    n = begin(p, "D-13", True)
    p.write(MAIN_CNT, (count(p) & LOW) + 100 + p.below(1000) & LOW)
    p.read(MAIN_CNT, 8)
    p.ticks(p.below(10))
    p.read(MAIN_CNT)
    p.halt()
    p.read(MAIN_CNT, 8)
    p.write(MAIN_CNT, p.random.getrandbits(40), 8)
    for m in range(3):
        p.park(m)
    p.write(GEN_CONF, p.peek(GEN_CONF, 4) | 1)
    end(p, n)


def odd_sizes(p) -> None:
    n = begin(p, "D-15")
    for _ in range(3):
        size = p.one_of(1, 2, 4, 8)
        offset = p.one_of(0, GEN_CONF, conf(n), route(n), 0x04)
        p.read(offset + {1: p.below(4), 2: p.below(4), 4: p.one_of(1, 2, 3), 8: p.one_of(1, 2, 4)}[size], size)
    end(p, n)


def long_period(p) -> None:
    n = begin(p, "D-17")
    if (count(p) & LOW) + 1000 > LOW:
        return end(p, n)
    set_periodic(p, n, count(p) + 2 + p.below(10) & LOW, 1 << 31 | 5 + p.below(20), ENABLED | NARROW)
    p.ticks(60)
    p.read(comp(n), 8)
    end(p, n)


def high_half_of_narrow(p) -> None:
    n = begin(p, "D-27")
    p.write(conf(n), bits(p, n, NARROW))
    p.write(comp(n) + 4, p.random.getrandbits(32) | 1)
    p.read(comp(n), 8)
    end(p, n)


def valset_of_oneshot(p) -> None:
    n = begin(p, "D-28")
    p.write(conf(n), bits(p, n, VAL_SET))
    p.read(conf(n))
    end(p, n)


def shared_input(p) -> None:
    n = begin(p, "D-29", True)
    if p.peek(GEN_CONF, 4) & 2:
        return end(p, n)
    other = (n + 1) % 3
    held = level_match(p, n)
    distance = 1 + p.below(10)
    p.write(comp(other), count(p) + distance, 8)
    p.write(conf(other), held)
    p.ticks(distance + 1)
    p.read(GINTR_STA)
    p.write(GINTR_STA, 1 << n)
    p.ticks(1)
    p.write(GINTR_STA, 1 << other)
    p.write(conf(other), ROUTES[other][0] << 9)
    p.park(other)
    end(p, n)


def huge_counter(p) -> None:
    n = begin(p, "D-30", True)
    p.halt()
    p.write(MAIN_CNT, 1 << 62 | p.random.getrandbits(61), 8)
    p.read(MAIN_CNT, 8)
    general = p.peek(GEN_CONF, 4)
    p.write(GEN_CONF, general | 1)
    p.ticks(3)
    p.read(MAIN_CNT, 8)
    p.write(GEN_CONF, general)
    p.write(MAIN_CNT, p.random.getrandbits(40), 8)
    for m in range(3):
        p.park(m)
    p.write(GEN_CONF, general | 1)
    end(p, n)


def period_of_oneshot(p) -> None:
    n = begin(p, "D-31")
    distance = 3 + p.below(20)
    value = count(p) + distance
    p.write(comp(n), value & LOW)
    p.write(comp(n) + 4, value >> 32)
    p.write(conf(n), bits(p, n, PERIODIC | ENABLED))
    p.ticks(distance + 2)
    p.read(comp(n), 8)
    end(p, n)


SECTIONS = {
    "D-1": past, "D-2": equal, "D-3": wrap, "D-4": disabled_loses_status, "D-5": halt_loses_status,
    "D-6": twice_a_period, "D-7": whole_accumulator, "D-8": absent_timer, "D-9": input_without_capability,
    "D-10": narrowed_while_running, "D-11": periodic_while_disabled, "D-12": level_leaves,
    "D-13": counter_while_running, "D-15": odd_sizes, "D-17": long_period, "D-18": beyond_half,
    "D-27": high_half_of_narrow, "D-28": valset_of_oneshot, "D-29": shared_input, "D-30": huge_counter,
    "D-31": period_of_oneshot,
}
