#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""detector/kernel/exports.txt is what the miniature kernel's object shows. --write renews it."""
import subprocess
import sys
from pathlib import Path

HEAD = """# SPDX-License-Identifier: GPL-2.0 OR MIT
# Symbols of the miniature kernel's object, for hldsim-cc where no object is built yet.
# Written by tests/detector/kernel/exports_test.py OBJECT --write
"""


def main():
    kernel, listing = sys.argv[1], Path(__file__).resolve().parents[3] / "detector/kernel/exports.txt"
    output = subprocess.run(["nm", "-D", "--defined-only", "-P", kernel], capture_output=True, text=True, check=True)
    names = sorted(line.split()[0].split("@")[0] for line in output.stdout.splitlines())
    wanted = HEAD + "".join(f"{name}\n" for name in names if not name.startswith("__st"))
    if "--write" in sys.argv:
        listing.write_text(wanted)
    if not listing.is_file() or listing.read_text() != wanted:
        print(f"{listing.name} is not what the object exports; run {Path(__file__).name} {kernel} --write")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
