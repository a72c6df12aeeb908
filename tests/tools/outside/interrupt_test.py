# SPDX-License-Identifier: Apache-2.0
"""SIGINT ends a run of many files with what it has: the count, the JSON and the JUnit report, and exit code 130."""
import json
import os
import signal
import subprocess
import sys
import unittest
import xml.etree.ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402


def interrupted(*options):
    """hldsim run of all scenarios, interrupted when its first line is there: what it then prints, and how it ends."""
    program = subprocess.Popen([w.Place.hldsim, "run", "scenarios", "--jobs", "1", *options], cwd=w.Place.root,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    first = program.stdout.readline()
    program.send_signal(signal.SIGINT)
    printed, errors = program.communicate(timeout=w.SECONDS_MAX)
    return first + printed, errors, program.returncode


class Interrupt(unittest.TestCase):
    def test_what_was_found_stays(self):
        report = os.path.join(w.Place.folder, "junit.xml")
        printed, errors, code = interrupted("--junit", report)
        self.assertEqual(130, code, errors)
        self.assertRegex(printed.splitlines()[-1], r"^\d+ passed, 0 failed$")
        self.assertRegex(errors, r"^hldsim: interrupted: \d+ of \d+ files were not run$")
        passed = int(printed.splitlines()[-1].split()[0])
        self.assertEqual(passed, len(xml.etree.ElementTree.parse(report).findall(".//testcase")))
        left, files = (int(word) for word in errors.split() if word.isdigit())
        self.assertTrue(0 < left < files, errors)

    def test_a_result_in_json_is_whole(self):
        path = os.path.join(w.Place.folder, "result.json")
        if os.path.exists(path):
            os.remove(path)  # of an earlier run of this test
        program = subprocess.Popen([w.Place.hldsim, "run", "scenarios", "--jobs", "1", "--json", "-o", path],
                                   cwd=w.Place.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        program.send_signal(signal.SIGINT)  # it may come before hldsim listens: then nothing is written
        _, errors = program.communicate(timeout=w.SECONDS_MAX)
        if program.returncode == 130:
            with open(path, encoding="utf-8") as file:
                self.assertIsInstance(json.load(file), list, errors)
        else:
            self.assertEqual(-signal.SIGINT, program.returncode)
            self.assertFalse(os.path.exists(path), "nothing half-written")


if __name__ == "__main__":
    w.main(__doc__)
