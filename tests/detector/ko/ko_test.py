#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The detector's own files, byte for byte, build into a module for the kernel whose headers are installed.

What Kbuild compiled is taken from the commands that it records, not from what it was told.
"""
import argparse
import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), *[".."] * 3))
DETECTOR = os.path.join(ROOT, "detector")
SHARED = ("core", "designs", "policies")  # the folders of which the object for the simulator is made too
BUILD = ""


def headers():
    """The build folder of an installed kernel: that of Debian's cloud flavour if there are several."""
    found = glob.glob("/lib/modules/*/build") + glob.glob("/usr/src/linux-headers-*-amd64")
    found = sorted({os.path.realpath(path) for path in found if os.path.exists(os.path.join(path, "Module.symvers"))})
    return ([path for path in found if "cloud" in path] or found or [None])[-1]


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def sources(root):
    return {os.path.join(folder, name) for folder in SHARED for name in os.listdir(os.path.join(root, folder))
            if name.endswith((".c", ".h"))}


class Module(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.headers = headers()
        assert cls.headers, "no kernel headers are installed; tools/packages install test brings them"
        shutil.rmtree(BUILD, ignore_errors=True)
        cls.made = subprocess.run(["make", "-C", os.path.join(DETECTOR, "ko"), f"KDIR={cls.headers}", f"BUILD={BUILD}",
                                   "W=1"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, env={"PATH": os.environ["PATH"], "LC_ALL": "C"}, check=False)

    def compiled(self):
        """Of each object: the source and all that it includes, as Kbuild records it."""
        for folder in (*SHARED, "ko"):
            for command in glob.glob(os.path.join(BUILD, folder, ".*.o.cmd")):
                with open(command, encoding="utf-8") as file:
                    text = file.read()
                source = re.search(r"^source_\S+ := (\S+)", text, re.MULTILINE)
                if source:
                    yield (os.path.normpath(source[1]), re.findall(r"^  (?:\$\(wildcard )?(/\S+\.h)\b", text, re.MULTILINE))

    def test_it_builds_without_a_warning(self):
        self.assertEqual(self.made.returncode, 0, self.made.stdout)
        self.assertNotRegex(self.made.stdout, "(?i)warning|error")
        self.assertTrue(os.path.exists(os.path.join(BUILD, "ko", "hld.ko")))

    def test_each_file_of_the_detector_is_in_it_byte_for_byte(self):
        inside = {os.path.relpath(source, BUILD): digest(source) for source, _ in self.compiled()}
        wanted = {path: digest(os.path.join(DETECTOR, path)) for path in sources(DETECTOR) if path.endswith(".c")}
        self.assertGreaterEqual(len(wanted), 7)
        self.assertEqual({path: inside.get(path) for path in wanted}, wanted)
        self.assertEqual(set(inside) - set(wanted), {"ko/module.c", "ko/hld.mod.c"})

    def test_its_headers_are_the_kernels_and_its_own(self):
        own = set()
        for source, included in self.compiled():
            self.assertTrue(included, source)
            for header in included:
                if header.startswith(BUILD):
                    own.add(os.path.relpath(os.path.normpath(header), BUILD))
                else:
                    self.assertRegex(header, r"^/(usr/src|usr/lib|lib/modules)/", source)
        self.assertEqual(own, {"core/hld.h"})
        self.assertEqual(digest(os.path.join(BUILD, "core/hld.h")), digest(os.path.join(DETECTOR, "core/hld.h")))

    def test_its_parameters_are_those_of_the_scenarios(self):
        with open(os.path.join(BUILD, "ko", "hld.ko"), "rb") as file:
            found = set(re.findall(rb"\0parm=(\w+):", file.read()))
        self.assertEqual({name.decode() for name in found},
                         {"design", "policy", "timer", "thresh", "period_ms", "hpet_base", "watchdog_cpumask", "irq",
                          "retarget", "drain", "drain_us", "drain_timeout_us", "entry"})


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True, help="folder to build in; it is emptied first")
    options, rest = parser.parse_known_args()
    BUILD = os.path.abspath(options.build)
    unittest.main(argv=[sys.argv[0], *rest])
