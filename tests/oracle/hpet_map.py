# SPDX-License-Identifier: Apache-2.0
"""The HPET's registers and bits, and the inputs that programs use."""
BASE = 0xFED00000
GEN_CONF, GINTR_STA, MAIN_CNT = 0x10, 0x20, 0xF0
LEVEL, ENABLED, PERIODIC, VAL_SET, NARROW, FSB = 0x2, 0x4, 0x8, 0x40, 0x100, 0x4000
ALL = (1 << 64) - 1
LOW = (1 << 32) - 1
# Two timers on one input are a deviation of their own (D-29), so each has its inputs. 2 is timer 0's in legacy mode.
ROUTES = ((16, 19), (17, 20, 8), (18, 21, 22, 23))
FAR = 1 << 40


def conf(n: int) -> int:
    return 0x100 + 0x20 * n


def comp(n: int) -> int:
    return 0x108 + 0x20 * n


def route(n: int) -> int:
    return 0x110 + 0x20 * n


def mailbox(n: int) -> int:
    """Where the messages of timer n go: plain memory, so that address and data can be seen."""
    return 0x100000 + 0x100 * n
