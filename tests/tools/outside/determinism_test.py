# SPDX-License-Identifier: Apache-2.0
"""The same input gives the same bytes: twice, with any number of workers, and from the line that a finding ends with."""
import json
import os
import re
import shlex
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

CLAIMS = "scenarios/claims/"
FILES = [CLAIMS + "late-nmi-on-cpu-down/direct-route.yaml", CLAIMS + "late-nmi-on-cpu-down/direct-route-leaving.yaml",
         CLAIMS + "no-lock-in-nmi", CLAIMS + "stop-before-mask/cpumask-none.yaml", "scenarios/stuck/irq-off.yaml"]


def without_line(value):
    """The line for a replay of a replay may be put in other words, and its aims are solved already."""
    if isinstance(value, dict):
        return {key: item for key, item in value.items() if key != "episodes"}
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

    def test_a_run_that_drew_choices_tells_them_and_is_made_again_from_them(self):
        """Round figures: writes arrive at the HPET at the very instant of an edge, and either may go first."""
        file = CLAIMS + "no-lock-in-nmi/no-collision.yaml"
        values = {"machine.profile": "fast-uniform", "machine.remapping": "none", "machine.apic": "xapic"}
        # An edge comes each 10 ns and everything falls on whole ones: some latencies meet one, and of these a few at an
        # access by which it can be told.
        latencies = ", ".join(f"{ns} ns" for ns in range(50, 450))
        options = [*w.settings(values), "--set", f"vary.machine.set.fabric.posted_write=[{latencies}]"]
        ran = json.loads(w.hldsim("run", file, *options, "--seed", "5", "--json"))
        drawn = [one for one in ran if "choices=" in one["replay"]]
        self.assertTrue(0 < len(drawn) < len(ran), [one["replay"] for one in ran])
        moved = 0
        for one in drawn:
            words = shlex.split(one["replay"])
            made, other = re.search(",seed=5,choices=hpet.edge_or_access:([01])/2", words[2]).group(1), {"0": "1", "1": "0"}
            again = json.loads(w.hldsim(*words[1:], "--json"))[0]
            for key in ("findings", "ended", "end_fs", "stats", "seed", "replay"):
                self.assertEqual(one[key], again[key], key)
            # It is the choices that do it, and not the seed.
            shown = self.timeline(words[2])
            self.assertEqual(shown, self.timeline(words[2].replace("seed=5,", "")))
            moved += shown != self.timeline(words[2].replace("seed=5,", "").replace(f"{made}/2", f"{other[made]}/2", 1))
            if moved > 0:  # and they matter: the edge or the access goes first
                break
        self.assertGreater(moved, 0)
        with self.assertRaisesRegex(AssertionError, "exit code 2\n.*where one at 'hpet.edge_or_access' among 3 was rec"):
            w.hldsim("replay", words[2].replace(f":{made}/2", f":{made}/3", 1))

    def timeline(self, replay):
        """What is shown of the run, from its first event on."""
        return w.hldsim("replay", replay, "-v", "--color", "never").split("time [s]", 1)[1]

    def test_what_varies_can_be_set(self):
        file = "scenarios/stuck/irq-off.yaml"
        varied = w.runs(file, {"vary.events.1.at": "[6 s, 8 s]"})
        self.assertEqual(["6 s", "8 s"], [one["vary"]["events.1.at"] for one in varied])
        self.assertEqual(varied, [{**one, "set": varied[0]["set"], "replay": varied[n]["replay"]} for n, one in
                                  enumerate(w.runs(file, {"vary": "{events.1.at: [6 s, 8 s]}"}))])
        for one in varied:  # the line makes this one run again, whatever else the file would vary
            self.assertEqual([one["reports"]],
                             [again["reports"] for again in json.loads(w.hldsim(*shlex.split(one["replay"])[1:], "--json"))])
        self.assertEqual([{}], [one["vary"] for one in w.runs(file, {"vary": "null"})])

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
