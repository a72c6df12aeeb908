# SPDX-License-Identifier: Apache-2.0
"""Variants of the C for tests from outside, and the program that runs them.

A variant is an exact text exchanged for another one. The text must be there exactly once: when the C changes, the test
that rests on it stops with the text that it misses, and does not pass by comparing a file with itself.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import unittest

SECONDS_MAX = 300  # never a time measured: a run that hangs must not hang the tests
CORE_HZ = 3_700_000_000  # of desktop-2018, the default machine
FS = 10**15


class Place:
    """What the command line of the test says."""

    root = build = hldsim = kernel = detector = folder = ""


def main(description):
    """Runs the unittest cases of the main module; the first arguments say where everything is."""
    parser = argparse.ArgumentParser(description=description)
    for name in ("root", "build", "hldsim", "kernel", "detector", "folder"):
        parser.add_argument("--" + name, required=True, type=os.path.abspath)
    known, rest = parser.parse_known_args()
    for name, value in vars(known).items():
        setattr(Place, name, value)
    os.makedirs(Place.folder, exist_ok=True)
    unittest.main(argv=[sys.argv[0], *rest])


def exchanged(text, exchanges, name):
    for old, new in exchanges:
        if text.count(old) != 1:
            raise AssertionError(f"{name}: this text is there {text.count(old)} times, expected once:\n{old}")
        if old == new:
            raise AssertionError(f"{name}: exchanged for itself:\n{old}")
        text = text.replace(old, new)
    return text


def read(path):
    with open(os.path.join(Place.root, path), encoding="utf-8") as file:
        return file.read()


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def compiled(arguments):
    command = [sys.executable, "-B", os.path.join(Place.root, "tools/hldsim-cc"), f"--cache={Place.build}/hldsim-cc",
               "--kapi=601", *arguments]
    done = subprocess.run(command, cwd=Place.root, capture_output=True, text=True, check=False, timeout=SECONDS_MAX)
    if done.returncode:
        raise AssertionError(f"{' '.join(command)}\n{done.stderr}")


def detector(name, file, exchanges, description=None):
    """The detector's object with one file changed: `file` as designs/direct_route.c. Gives the object's path.

    `description` are exchanges in detector/hld.yaml, which is then used in place of the detector's own.
    """
    folder = os.path.join(Place.folder, name)
    mine = write(os.path.join(folder, file), exchanged(read("detector/" + file), exchanges, file))
    made = os.path.join(folder, name + ".so")
    own = os.path.join(folder, name + ".yaml")  # one that an earlier test has left is none of this one's
    if description:
        write(own, exchanged(read("detector/hld.yaml"), description, "hld.yaml"))
    elif os.path.exists(own):
        os.remove(own)
    compiled(["--core", "detector", "--replace", f"{mine}={file}", f"--kernel={Place.kernel}", "-o", made])
    return made


class Cases:
    """Many cases in one object: which of them a run has, a parameter says.

    Each has lines of its own, so that a report of it can be told from that of any other case. An assembler statement that is
    empty, and another one for each, keeps the compiler from sharing between cases how they end.
    """

    CHOOSER = "#include <linux/moduleparam.h>\nstatic int own_case = -1;\nmodule_param(own_case, int, 0444);\n"

    def __init__(self):
        self.names, self.source, self.object = [], "", ""
        self.above, self.places = "", {}

    def case(self, name, above="", **statements):
        """Decorates the test that runs a case of in_object(): statements={place: what is done there}.

        `above` is text of the file, with names that no other case defines.
        """
        if any(name in there for there in self.places.values()):
            raise AssertionError(f"there is a case of the name {name}")
        self.above += above
        for place, statement in statements.items():
            self.places.setdefault(place, {})[name] = statement
        return lambda test: test

    def switch(self, statements):
        """C behind CHOOSER that runs one of {name: statement}, or none."""
        self.names += [name for name in statements if name not in self.names]
        cases = ""
        for name, statement in statements.items():
            number = self.names.index(name)
            cases += f'\tcase {number}: /* {name} */ {{ {statement} }} __asm__ volatile("" : : "i"({number})); break;\n'
        return f"\tswitch (own_case) {{\n{cases}\t}}\n"

    def in_detector(self, name, file, places, above="", exchanges=()):
        """The detector with switches: `places` are (before, {name: statement}, behind), both texts together once in the file."""
        include = '#include "hld.h"\n'
        found = [(before + behind, before + self.switch(statements) + behind) for before, statements, behind in places]
        self.source = os.path.join(Place.folder, name, file)
        self.object = detector(name, file, [*found, *exchanges, (include, include + self.CHOOSER + above)])
        return self

    def in_object(self, name, text):
        """A detector of this one file: a place is a comment there, as `/* the work's */`, and so is `/* the cases' own */`."""
        places = [(f"/* the {place}'s */\n", self.switch(statements)) for place, statements in self.places.items()]
        above = [("/* the cases' own */\n", self.above)] if self.above else []
        text = exchanged(text, places + above, name)
        self.source = write(os.path.join(Place.folder, name + ".c"), self.CHOOSER + text)
        self.object = os.path.join(Place.folder, name + ".so")
        compiled([self.source, f"--kernel={Place.kernel}", "-o", self.object])
        return self

    def options(self, case):
        """The settings that choose a case."""
        return {"detector.options.own_case": self.names.index(case)}

    def line(self, case):
        """The line of its file that a case begins in."""
        return line_of(self.source, f"/* {case} */")


def line_of(path, text):
    """The number of the only line of a file that has the text."""
    found = [number for number, line in enumerate(read(path).split("\n"), start=1) if text in line]
    if len(found) != 1:
        raise AssertionError(f"{path}: {len(found)} lines have this text, expected one:\n{text}")
    return found[0]


def colliding(name, in_nmi, leave=""):
    """direct-route, where CPU 2's bit is cleared between `my_flag = 1` and 0 with interrupts on; `in_nmi` looks at it."""
    nmi = f"""static int my_flag;

static void my_nmi(struct hld *hld, unsigned int this_cpu)
{{
	{in_nmi}
	hld_rotate(hld, this_cpu);
}}

static void hld_direct_route_remove_cpus("""
    return detector(name, "designs/direct_route.c",
                    [("static void hld_direct_route_remove_cpus(", nmi), (".nmi = hld_rotate,", ".nmi = my_nmi,"),
                     ("\tfor_each_cpu(cpu, gone)\n", "\tWRITE_ONCE(my_flag, 1);\n\tudelay(1);\n\tfor_each_cpu(cpu, gone)\n"),
                     ("\tif (cpumask_empty(&hld->monitored_mask)) {", f"\tWRITE_ONCE(my_flag, 0);\n{leave}"
                      "\tif (cpumask_empty(&hld->monitored_mask)) {"),
                     ("#include <linux/kernel.h>\n", "#include <linux/bug.h>\n#include <linux/delay.h>\n#include <linux/kernel.h>\n"
                                                    "#include <asm/processor.h>\n")])


def kernel(name, file, exchanges):
    """A program beside a miniature kernel with one file changed: `file` as cpu.c. Gives the program's path."""
    sources = os.path.join(Place.root, "detector/kernel")
    folder = os.path.join(Place.folder, name)
    mine = write(os.path.join(folder, "kernel", file), exchanged(read("detector/kernel/" + file), exchanges, file))
    for header in sorted(os.listdir(sources)):
        if header.endswith(".h"):
            link(os.path.join(sources, header), os.path.join(folder, "kernel", header))
    files = [mine if found == file else os.path.join(sources, found)
             for found in sorted(os.listdir(sources)) if found.endswith(".c")]
    prefix = installed(folder)
    compiled(["--kernel-object", "--modname=kernel", *files, "-o", f"{prefix}/lib/hldsim/hld-kernel-v6.1.so"])
    return f"{prefix}/bin/hldsim"


def installed(folder):
    """A folder that is laid out as an installation, without a kernel's object. The program finds its own by its place."""
    prefix = os.path.join(folder, "prefix")
    for part in ("bin", "lib/hldsim", "share/hldsim"):
        os.makedirs(os.path.join(prefix, part), exist_ok=True)
    program = os.path.join(prefix, "bin/hldsim")
    if os.path.exists(program):
        os.unlink(program)
    try:
        os.link(Place.hldsim, program)  # a symbolic link would lead back
    except OSError:
        shutil.copy2(Place.hldsim, program)
    link(os.path.join(Place.root, "scenarios"), os.path.join(prefix, "share/hldsim/scenarios"))
    link(os.path.join(Place.root, "scenarios/profiles"), os.path.join(prefix, "share/hldsim/profiles"))
    link(os.path.join(Place.root, "detector/hld.yaml"), os.path.join(prefix, "lib/hldsim/hld.yaml"))
    link(Place.detector, os.path.join(prefix, "lib/hldsim/hld.so"))
    return prefix


def link(target, path):
    if os.path.lexists(path):
        os.unlink(path)
    os.symlink(target, path)


def hldsim(*arguments, program=None, accept=(0, 1)):
    """Runs the program in the root of the tree and gives what it wrote; an exit code that is not accepted is a failure."""
    done = subprocess.run([program or Place.hldsim, *arguments], cwd=Place.root, capture_output=True, text=True,
                          check=False, timeout=SECONDS_MAX)
    if done.returncode not in accept:
        raise AssertionError(f"hldsim {' '.join(arguments)}: exit code {done.returncode}\n{done.stderr}{done.stdout}")
    return done.stdout


def settings(values):
    return [word for key, value in values.items() for word in ("--set", f"{key}={value}")]


def runs(scenario, values=None, detector=None, program=None, command="run", options=()):
    """The runs of a scenario, as `--json` tells them."""
    chosen = ["--detector", detector] if detector else []
    return json.loads(hldsim(command, scenario, *settings(values or {}), *chosen, *options, "--json", program=program))


def run(scenario, values=None, detector=None, program=None):
    found = runs(scenario, values, detector, program)
    if len(found) != 1:
        raise AssertionError(f"{scenario}: {len(found)} runs, expected one")
    return found[0]


def windows(scenario, values=None, detector=None, program=None, options=()):
    return runs(scenario, values, detector, program, "window", options)[0]["windows"]


def edge_of(instant):
    """The number of the first edge of the core clock that is not before an instant such as '5000fs'.

    Edge k is at k periods, rounded up to a femtosecond.
    """
    return (int(instant.removesuffix("fs")) - 1) * CORE_HZ // FS + 1


def edge(number):
    return f"{-(-number * FS // CORE_HZ)}fs"


def moved(instant, cycles):
    return edge(edge_of(instant) + cycles)


def hazards(one):
    return sorted({finding["hazard"] or ",".join(finding["invariants"]) for finding in one["findings"]})
