# SPDX-License-Identifier: Apache-2.0
"""What hardware is free to do: by the seed, or by a knob that says it."""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

# Where a remapping unit or an edge leaves something to choice.
FOLDERS = ["scenarios/claims/irte-per-cpu", "scenarios/claims/direct-route", "scenarios/hazards/remapping",
           "scenarios/hazards/timer"]
STALE = "scenarios/claims/irte-per-cpu/entry-stale.yaml"
REREAD = "scenarios/claims/irte-per-cpu/entry-reread.yaml"
KNOB = "machine.set.vtd.iec_reread"


class Choices(unittest.TestCase):
    def test_what_a_scenario_expects_holds_whatever_the_seed(self):
        for seed in ("2", "3"):
            with self.subTest(seed=seed):
                ran = w.hldsim("run", *FOLDERS, "--seed", seed, "-q")
                self.assertRegex(ran, r"\n?\d+ passed, 0 failed\n$", ran)

    def test_a_knob_takes_the_choice_from_the_seed(self):
        for seed in ("1", "2", "3"):
            for word, stale in (("use-cached", True), ("read-and-keep", False), ("read-only", False)):
                with self.subTest(seed=seed, word=word):
                    ran = w.hldsim("run", REREAD, "--seed", seed, "--set", f"{KNOB}={word}", "--json")
                    self.assertEqual(stale, "iec-stale-entry" in w.hazards(json.loads(ran)[0]))

    def test_what_a_knob_answered_is_in_the_replay(self):
        ran = w.hldsim("run", REREAD, "--set", KNOB + "=read-only", "--json")
        argument = json.loads(ran)[0]["again"]["argument"]
        self.assertTrue(argument.endswith(",choices=vtd.iec_reread:2/3"), argument)
        again = json.loads(w.hldsim("replay", argument, "--json"))[0]
        self.assertEqual(["irte-p-cleared-in-flight"], w.hazards(again)[:1])

    def test_the_old_entry_is_not_seen_if_the_unit_reads_it_again(self):
        one = w.run(STALE, {KNOB: "read-and-keep"})
        self.assertEqual("unexpected", one["outcome"])
        self.assertIn("always: iec-stale-entry", one["unmet"][0])


if __name__ == "__main__":
    w.main(__doc__)
