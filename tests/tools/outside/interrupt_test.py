# SPDX-License-Identifier: Apache-2.0
"""A signal ends a run of many files with what it has: the count, the JSON and the JUnit report, and exit code 130 or 143.

What was not run is there too, by its name: no result of a part looks like one of the whole.
"""
import itertools
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


def interrupted(*options, by=signal.SIGINT, times=1, ignored=False, what="scenarios"):
    """hldsim run of many scenarios, interrupted when its first line is there: what it then prints, and how it ends.

    The signal goes to all its processes, as that of a terminal or of timeout(1).
    """
    program = subprocess.Popen(["nohup"] * ignored + [w.Place.hldsim, "run", what, "--jobs", "2", *options],
                               cwd=w.Place.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                               text=True, start_new_session=True)
    first = program.stdout.readline()
    for _ in range(times):
        os.killpg(program.pid, by)
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
        self.assertRegex(errors, r"^hldsim: interrupted: \d+ of \d+ files were not run$")
        left, files = (int(word) for word in errors.split() if word.isdigit())
        self.assertTrue(0 < left < files, errors)
        self.assertRegex(printed.splitlines()[-1], rf"^\d+ passed, 0 failed, {left} not run$")
        passed = int(printed.splitlines()[-1].split()[0])
        cases = xml.etree.ElementTree.parse(report).findall(".//testcase")
        not_run = [case for case in cases if case.find("error") is not None]
        self.assertEqual((passed, left), (len(cases) - len(not_run), len(not_run)))
        self.assertEqual({"not run: interrupted"}, {case.find("error").get("message") for case in not_run})

    def test_a_ci_that_waits_no_longer_gets_the_same(self):
        """It sends SIGTERM, some of them more than once."""
        for by, code in ((signal.SIGTERM, 143), (signal.SIGHUP, 129)):
            report = os.path.join(w.Place.folder, f"junit-{by}.xml")
            printed, errors, ended = interrupted("--junit", report, by=by, times=3)
            self.assertEqual(code, ended, errors)
            self.assertRegex(errors, rf"^hldsim: interrupted by {by.name}: \d+ of \d+ files were not run$")
            self.assertRegex(printed.splitlines()[-1], r"^\d+ passed, 0 failed, \d+ not run$")
            with open(report, encoding="utf-8") as file:
                self.assertIn(f"not run: interrupted by {by.name}", file.read())

    def test_a_signal_that_is_ignored_ends_nothing(self):
        printed, errors, code = interrupted(by=signal.SIGHUP, ignored=True, what="scenarios/stuck")
        self.assertEqual(0, code, errors)
        self.assertRegex(printed.splitlines()[-1], r"^\d+ passed, 0 failed$")

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
            found = json.load(file)
        self.assertEqual([slow, *QUICK, slow], [name for name, _ in itertools.groupby(one["scenario"] for one in found)])
        self.assertEqual({slow: "error", **dict.fromkeys(QUICK, "as-expected")},
                         {one["scenario"]: one["outcome"] for one in found})
        self.assertEqual("not run: interrupted", found[0]["error"])


class Terminated(unittest.TestCase):
    def test_no_worker_outlives_its_parent(self):
        for number in (signal.SIGTERM, signal.SIGKILL):
            program = subprocess.Popen([w.Place.hldsim, "run", long_run()], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            wait_for(lambda: workers_of(program.pid))
            workers = workers_of(program.pid)
            time.sleep(0.2)  # past its first instructions
            program.send_signal(number)
            self.assertEqual(143 if number == signal.SIGTERM else -number, program.wait(timeout=w.SECONDS_MAX))
            wait_for(lambda: not any(lives(worker) for worker in workers))

    def test_a_worker_that_was_killed_is_nothing_to_report(self):
        for number in (signal.SIGKILL, signal.SIGXCPU):
            slow = long_run()
            program = subprocess.Popen([w.Place.hldsim, "run", slow, QUICK[1], "--jobs", "1"], cwd=w.Place.root,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            wait_for(lambda: workers_of(program.pid))
            os.kill(workers_of(program.pid)[0], number)
            printed, errors = program.communicate(timeout=w.SECONDS_MAX)
            self.assertEqual((3, f"{slow}: killed (signal {number.value}) while it was run: by somebody, or by a limit of "
                                 "memory or time\n"), (program.returncode, errors))
            self.assertEqual("1 passed, 0 failed, 1 not run", printed.splitlines()[-1])


if __name__ == "__main__":
    w.main(__doc__)
