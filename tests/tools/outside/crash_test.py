# SPDX-License-Identifier: Apache-2.0
"""A file that brings hldsim down costs its own result and no other one."""
import json
import os
import sys
import unittest
import xml.etree.ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

GOOD = "title: CPU 2 goes down\ndetector: {design: stop-drain}\nevents: [{at: 5 s, offline: 2}]\nuntil: 1 s\n"


# kill(getpid(), SIGABRT): what C does wrong ends its run, what the simulator does wrong its process.
KILLS = '''
	{
		long value;

		__asm__ volatile("syscall" : "=a"(value) : "a"(39L) : "rcx", "r11");
		__asm__ volatile("syscall" : "=a"(value) : "a"(62L), "D"(value), "S"(6L) : "rcx", "r11");
	}
'''


class Crash(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """Six files: the second and the fifth have a detector that kills its process from its NMI."""
        bad = w.detector("crash", "core/hld_rotate.c",
                         [("\tcpu = hld->policy->next(hld, this_cpu);\n",
                           KILLS + "\tcpu = hld->policy->next(hld, this_cpu);\n")])
        cls.folder = os.path.join(w.Place.folder, "files")
        for number in range(1, 7):
            text = GOOD
            if number in (2, 5):
                text = GOOD.replace("{design: stop-drain}", f"{{design: direct-route, object: {bad}}}")
            w.write(os.path.join(cls.folder, f"{number}.yaml"), text)

    def file(self, number):
        return os.path.join(self.folder, f"{number}.yaml")

    def run_with(self, *options):
        return w.hldsim("run", self.folder, *options, accept=(3,))

    def test_the_files_behind_a_crash_are_run(self):
        for jobs in ("1", "2", "5"):
            text = self.run_with("--jobs", jobs)
            self.assertEqual([self.file(n) for n in (1, 3, 4, 6)], [line.split()[1] for line in text.splitlines()[:-1]])
            self.assertEqual("4 passed, 0 failed, 2 not run", text.splitlines()[-1])

    def test_a_crash_is_told_to_programs_as_well(self):
        report = os.path.join(w.Place.folder, "junit.xml")
        all_runs = json.loads(self.run_with("--json", "--jobs", "1", "--junit", report))
        self.assertEqual([self.file(n) for n in range(1, 7)], [one["scenario"] for one in all_runs])
        self.assertEqual(["as-expected", "error", "as-expected"] + ["as-expected", "error", "as-expected"],
                         [one["outcome"] for one in all_runs])
        self.assertIn("crashed (signal 6) while it ran this file", all_runs[1]["error"])
        cases = list(xml.etree.ElementTree.parse(report).iter("testcase"))
        self.assertEqual([2, 5], [n for n, case in enumerate(cases, 1) if case.find("error") is not None])

    def test_a_window_behind_a_crash_is_found(self):
        found = json.loads(w.hldsim("window", self.file(2), self.file(3), "--range=-1us..1us", "--json", "--jobs", "1",
                                    accept=(3,)))
        self.assertEqual([self.file(3)], [one["scenario"] for one in found])


if __name__ == "__main__":
    w.main(__doc__)
