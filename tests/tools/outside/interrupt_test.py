# SPDX-License-Identifier: Apache-2.0
"""SIGINT ends a run of many files with what it has: the count, the JSON and the JUnit report, and exit code 130."""
import json
import os
import signal
import subprocess
import sys
import time
import unittest
import xml.etree.ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

QUICK = ("scenarios/stuck/irq-off.yaml", "scenarios/stuck/warm.yaml", "scenarios/stuck/target.yaml")
SOON = 30  # s


def interrupted(*options):
    """hldsim run of all scenarios, interrupted when its first line is there: what it then prints, and how it ends."""
    program = subprocess.Popen([w.Place.hldsim, "run", "scenarios", "--jobs", "1", *options], cwd=w.Place.root,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    first = program.stdout.readline()
    program.send_signal(signal.SIGINT)
    printed, errors = program.communicate(timeout=w.SECONDS_MAX)
    return first + printed, errors, program.returncode


def long_run():
    """A file whose runs take minutes together."""
    ends = ", ".join(f"{8000 + number} s" for number in range(500))
    return w.write(os.path.join(w.Place.folder, "long.yaml"),
                   f"title: Long runs\ndetector: {{design: direct-route}}\nvary: {{until: [{ends}]}}\n")


def workers_of(parent):
    with open(f"/proc/{parent}/task/{parent}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


def lives(process):
    """Whether it is there and no zombie that somebody else has yet to wait for."""
    try:
        with open(f"/proc/{process}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition):
    end = time.monotonic() + SOON
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {SOON} s")
        time.sleep(0.02)


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

    def test_what_ended_behind_a_slow_file_stays(self):
        slow = long_run()
        path = os.path.join(w.Place.folder, "behind.json")
        program = subprocess.Popen([w.Place.hldsim, "run", slow, *QUICK, slow, "--json", "-o", path, "--jobs", "4"],
                                   cwd=w.Place.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(0.5)  # past the beginning, which has few workers too
        wait_for(lambda: len(workers_of(program.pid)) == 2)  # the others have had no more to do
        program.send_signal(signal.SIGINT)
        _, errors = program.communicate(timeout=w.SECONDS_MAX)
        self.assertEqual((130, "hldsim: interrupted: 2 of 5 files were not run\n"), (program.returncode, errors))
        with open(path, encoding="utf-8") as file:
            self.assertEqual(list(QUICK), list(dict.fromkeys(one["scenario"] for one in json.load(file))))


class Terminated(unittest.TestCase):
    def test_no_worker_outlives_its_parent(self):
        for number in (signal.SIGTERM, signal.SIGKILL):
            program = subprocess.Popen([w.Place.hldsim, "run", long_run()], stdout=subprocess.DEVNULL)
            wait_for(lambda: workers_of(program.pid))
            workers = workers_of(program.pid)
            time.sleep(0.2)  # past its first instructions
            program.send_signal(number)
            self.assertEqual(-number, program.wait(timeout=w.SECONDS_MAX))
            wait_for(lambda: not any(lives(worker) for worker in workers))


if __name__ == "__main__":
    w.main(__doc__)
