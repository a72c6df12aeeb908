#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The style of the tree as a test: prints file:line: error: what is wrong, and what to do instead."""
import argparse
import os
import sys

import budgets
import generated
import layers
import licences
import pages
import rows
import rules
import words
from tree import read, report

CHECKS = layers.CHECKS + words.CHECKS + budgets.CHECKS + licences.CHECKS + pages.CHECKS + rows.CHECKS + \
    rules.CHECKS + generated.CHECKS
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--root", default=ROOT)
    options.add_argument("--hldsim", help="the binary with which generated blocks are compared")
    chosen = options.parse_args()

    tree = read(chosen.root)
    skipped = []
    findings = [finding for check in CHECKS for finding in check(tree)]
    generator = generated.Generator(chosen.root, tree, chosen.hldsim)
    findings += generated.check_fresh(tree, generator, skipped)
    for note in skipped:
        print(note)
    print(f"{len(tree)} files, {len(findings)} errors")
    return report(findings)


if __name__ == "__main__":
    sys.exit(main())
