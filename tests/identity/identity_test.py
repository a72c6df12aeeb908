# SPDX-License-Identifier: Apache-2.0
"""One pair of objects and one seed give the same bytes of JSON, whichever compiler built the simulator and how.

identity_test.py --root DIR --folder DIR --hldsim PROGRAM --kernel FILE --detector FILE [OTHER PROGRAM ...]

An OTHER that is not there, or is older than a source that it is made of, is left out, and said; without any left the
test is skipped (77). Each program is run with ASLR and without, in a folder that is laid out as an installation.
"""
import argparse
import difflib
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../support"))
import workshop as w  # noqa: E402

SKIPPED = 77
CLAIMS = "scenarios/claims/"
RACE = CLAIMS + "late-nmi-on-cpu-down/direct-route.yaml"
COMMANDS = [
    ["run", RACE, CLAIMS + "late-nmi-on-cpu-down/direct-route-leaving.yaml", CLAIMS + "no-lock-in-nmi",
     CLAIMS + "stop-before-mask/cpumask-none.yaml", CLAIMS + "stop-before-mask/drain-none.yaml", "scenarios/hazards",
     "scenarios/stuck"],
    ["run", RACE, "scenarios/stuck/warm.yaml", "--seed", "7"],
    ["run", "scenarios/stuck/warm.yaml", "--set", "machine.cost=portable", "--set", "machine.cpus=16"],
    ["window", RACE, "--range=-200ns..300ns", "--step=20 ns"],
]


def newest_source(root):
    """What the program is made of; the objects are given."""
    return max(os.path.getmtime(os.path.join(place, name))
               for part in ("models", "tools/harness", "tools/hldsim", "detector/shim")
               for place, _, names in os.walk(os.path.join(root, part)) for name in names
               if name.endswith((".cpp", ".hpp")))


def left_out(program, root):
    if not os.access(program, os.X_OK):
        return "is not there"
    return "is older than its sources" if os.path.getmtime(program) < newest_source(root) else ""


def said(program, command, words):
    done = subprocess.run([*command, program, *words, "--json"], cwd=w.Place.root, capture_output=True, text=True,
                          check=False, timeout=w.SECONDS_MAX)
    if done.returncode not in (0, 1):
        sys.exit(f"{program} {' '.join(words)}: exit code {done.returncode}\n{done.stderr}")
    return done.stdout


def compare(one, other, name):
    if one != other:
        lines = difflib.unified_diff(one.splitlines(), other.splitlines(), "this build", name, lineterm="", n=2)
        sys.exit("\n".join([f"{name} says something else:", *list(lines)[:40]]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("root", "folder", "hldsim", "kernel", "detector"):
        parser.add_argument("--" + name, required=True, type=os.path.abspath)
    parser.add_argument("others", nargs="*", type=os.path.abspath)
    options = parser.parse_args()
    for name in ("root", "folder", "hldsim", "kernel", "detector"):
        setattr(w.Place, name, getattr(options, name))
    programs = []
    for program in options.others:
        reason = left_out(program, options.root)
        print(f"{os.path.relpath(program, options.root)}: {reason or 'compared'}")
        programs += [] if reason else [program]
    if not programs:
        print("no program of another build: nothing was compared")
        return SKIPPED
    wanted = None
    for number, program in enumerate([options.hldsim, *programs]):
        w.Place.hldsim = program
        prefix = w.installed(os.path.join(options.folder, str(number)))
        w.link(options.kernel, os.path.join(prefix, "lib/hldsim/hld-kernel-v6.1.so"))
        installed = os.path.join(prefix, "bin/hldsim")
        found = [said(installed, [], words) for words in COMMANDS]
        wanted = wanted or found
        for one, other in zip(wanted, found):
            compare(one, other, program)
        compare(wanted[0], said(installed, ["setarch", "-R"], COMMANDS[0]), program + " without ASLR")
    print(f"{len(programs) + 1} programs, {sum(map(len, wanted))} bytes, all the same")
    return 0


if __name__ == "__main__":
    sys.exit(main())
