# SPDX-License-Identifier: Apache-2.0
"""What the programs of all devices have in common: they are drawn from a seed, and have sections."""
import random
from typing import Dict, List


class Drawing:
    """The text of one program as it grows, and the chance that it is drawn from."""

    def __init__(self, seed: str, number: int) -> None:
        self.random = random.Random(f"{seed}/{number}")
        self.lines: List[str] = [f"program {number}"]

    def section(self, deviation: str, subject: int = 0) -> None:
        """What follows does what the deviation is about, with that timer or input."""
        self.lines.append(f": {deviation} {subject}")

    def section_end(self) -> None:
        self.lines.append(": end")

    def one_of(self, *values):
        return self.random.choice(values)

    def below(self, n: int) -> int:
        return self.random.randrange(n)

    def with_messages(self, sent: Dict[int, List[str]]) -> str:
        """The text, with what was delivered at each line behind it."""
        return "\n".join(line + (" | " + " ".join(sent[i]) if i in sent else "")
                         for i, line in enumerate(self.lines)) + "\n"


def delivered(line: str) -> str:
    """A line apic_deliver_irq of QEMU's trace as 0>DEST=DATA: data is dest_mode, delivery mode, trigger mode (a digit each)
    and vector."""
    words = line.split()
    destination, logical, mode, vector, trigger = (int(words[i]) for i in (2, 4, 6, 8, 10))
    return f"0>{destination:x}={logical << 16 | mode << 12 | trigger << 8 | vector:x}"
