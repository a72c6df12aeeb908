# SPDX-License-Identifier: Apache-2.0
"""What a limit of the system makes of a run: one error that names the limit, and nothing to report."""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

WARM = "scenarios/stuck/warm.yaml"


def limited(limit, *arguments, into=""):
    return subprocess.run(["bash", "-c", f'ulimit {limit}; exec "$0" "$@" {into}', w.Place.hldsim, *arguments],
                          cwd=w.Place.root, check=False, capture_output=True, text=True, timeout=w.SECONDS_MAX)


class Limits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """Sanitizers take terabytes of address space, and files of their own."""
        if limited("-v 4000000", "--version").returncode:
            raise unittest.SkipTest("what watches memory in this build takes more of it")

    def test_a_file_that_may_not_grow_cannot_be_written(self):
        folder = os.path.join(w.Place.folder, "files")
        os.makedirs(folder, exist_ok=True)
        out = os.path.join(folder, "out")
        for options, into, name in (((), f"> {out}", "standard output"), (("-o", out), "", out)):
            ran = limited("-f 1", "list", "hazards", *options, into=into)
            self.assertEqual((2, f"{name}: error: cannot write: File too large"), (ran.returncode, ran.stderr.strip()))
            self.assertEqual(["out"] if into else [], os.listdir(folder))
            for left in os.listdir(folder):
                os.remove(os.path.join(folder, left))

    def test_a_process_that_may_open_no_more_files_starts_no_worker(self):
        ran = limited("-n 4", "run", WARM)
        self.assertEqual((3, "hldsim: no worker process can be started: Too many open files (ulimit -n, -u); fewer of them "
                          "(--jobs 1) need less\n", ""), (ran.returncode, ran.stderr, ran.stdout))

    def test_objects_that_cannot_be_read_are_no_objects_without_names(self):
        """At each number of files there is one error, or what there is without a limit."""
        whole = limited("-n 100", "run", WARM)
        self.assertEqual(0, whole.returncode, whole.stderr)
        for number in range(5, 10):
            ran = limited(f"-n {number}", "run", WARM)
            if ran.returncode:
                self.assertEqual("", ran.stdout)
                self.assertIn("Too many open files", ran.stderr)
            else:
                self.assertEqual(whole.stdout, ran.stdout)

    def test_too_little_memory_is_told_as_that(self):
        ran = limited("-v 100000", "run", WARM, "--jobs", "1", "--set", "machine.cpus=1024", "--set", "machine.apic=x2apic")
        self.assertEqual((3, f"{WARM}: out of memory or address space (ulimit -v)\n"), (ran.returncode, ran.stderr))


if __name__ == "__main__":
    w.main(__doc__)
