# SPDX-License-Identifier: Apache-2.0
"""The same input gives the same bytes: twice, with any number of workers, and from the line that a finding ends with."""
import json
import os
import shlex
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

CLAIMS = "scenarios/claims/"
FILES = [CLAIMS + "late-nmi-on-cpu-down/direct-route.yaml", CLAIMS + "late-nmi-on-cpu-down/direct-route-leaving.yaml",
         CLAIMS + "no-lock-in-nmi", CLAIMS + "stop-before-mask/cpumask-none.yaml", "scenarios/stuck/irq-off.yaml"]


def without_line(value):
    """The line for a replay of a replay may be put in other words."""
    if not isinstance(value, list):
        return value
    return [{key: item for key, item in finding.items() if key != "replay"} for finding in value]


class Determinism(unittest.TestCase):
    def test_any_number_of_workers_gives_the_same_bytes(self):
        one = w.hldsim("run", *FILES, "--json", "--jobs", "1")
        self.assertEqual(one, w.hldsim("run", *FILES, "--json", "--jobs", "2"))
        self.assertEqual(one, w.hldsim("run", *FILES, "--json", "--jobs", "5"))
        self.assertGreater(len(json.loads(one)), len(FILES))

    def test_the_text_of_a_run_is_the_same_twice(self):
        texts = {w.hldsim("run", *FILES[:2], "-v", "--color", "never") for _ in range(3)}
        self.assertEqual(1, len(texts))

    def test_what_ran_before_leaves_no_trace(self):
        """A file alone, and the same file behind others in one worker."""
        last = json.loads(w.hldsim("run", *FILES, "--json", "--jobs", "1"))[-1]
        alone = json.loads(w.hldsim("run", FILES[-1], "--json"))[-1]
        self.assertEqual(alone, last)

    def test_a_window_is_the_same_twice(self):
        options = [FILES[0], "--range=-300ns..300ns", "--step=30 ns", "--json"]
        self.assertEqual(w.hldsim("window", *options, "--jobs", "1"), w.hldsim("window", *options, "--jobs", "2"))

    def test_the_replay_line_of_a_finding_gives_the_finding(self):
        for file, values in ((FILES[0], {}), (CLAIMS + "no-lock-in-nmi/own-lock.yaml", {}),
                             (FILES[0], {"machine.set.msi.root_to_lapic": "170 ns"}),
                             (FILES[3], {"until": "20 s", "detector.policy": "cursor"})):
            one = w.run(file, values)
            self.assertTrue(one["findings"])
            self.replayed(one)

    def test_the_replay_line_names_the_object(self):
        line = "\tif (cpumask_empty(&hld->monitored_mask)) {\n"
        other = w.detector("another-build", "designs/direct_route.c", [(line, "\n" + line)])
        self.replayed(w.run(FILES[0], detector=other), w.run(FILES[0])["build"]["detector"])

    def replayed(self, one, other_build=None):
        for finding in one["findings"]:
            words = shlex.split(finding["replay"])
            self.assertEqual(["hldsim", "replay"], words[:2])
            again = json.loads(w.hldsim(*words[1:], "--json"))
            self.assertEqual(1, len(again))
            # The solved instant is given now, so what was said of the search is not said again.
            for key in ("findings", "ended", "end_fs", "build", "stats", "seed"):
                self.assertEqual(without_line(one[key]), without_line(again[0][key]), f"{finding['replay']}: {key}")
            self.assertNotEqual(other_build, again[0]["build"]["detector"])


if __name__ == "__main__":
    w.main(__doc__)
