#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The hashes of fixed runs are the same in each process, wherever it is loaded.

same_hash_test.py PROGRAM [PROGRAM of another build, with the same objects ...]"""
import subprocess
import sys


def hashes(command):
    done = subprocess.run([*command, "[.hash]"], capture_output=True, text=True, check=True)
    found = [line for line in done.stdout.splitlines() if line.isdigit()]
    if len(found) != 5:
        sys.exit(f"{' '.join(command)}: expected five hashes, found {len(found)}")
    return found


def main():
    wanted = hashes([sys.argv[1]])
    for program in sys.argv[1:]:
        for command in ([program], [program], ["setarch", "-R", program]):
            if hashes(command) != wanted:
                sys.exit(f"{' '.join(command)}: the traces differ from those of {sys.argv[1]}")


main()
