# SPDX-License-Identifier: Apache-2.0
"""What is said of an aim rests on runs: found, impossible, or neither."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

RACE = "scenarios/claims/late-nmi-on-cpu-down/direct-route.yaml"
CALL = "{cpu: %s, in: hld_cpu_offline, updates: hld.monitored_mask}"


def scenario(text):
    return w.write(os.path.join(w.Place.folder, "scenario.yaml"), f"title: A title\n{text}\n")


def run_of(text):
    return w.run(scenario(text))


class Aims(unittest.TestCase):
    def unmet(self, that, other, landing):
        one = run_of("detector: {design: direct-route}\nevents:\n  - at: 5 s\n    offline: 2\n"
                      f"    aim: {{that: {that}, after: {other}}}\nexpect: {{landing: {landing}}}")
        self.assertEqual("unexpected", one["outcome"])
        return one["unmet"]

    def test_a_point_that_is_never_reached_is_neither_found_nor_impossible(self):
        taken = "{cpu: 2, nmi: taken}"
        for landing in ("found", "impossible"):
            self.assertEqual([f"landing: {landing}    hld_cpu_offline never runs on CPU 3"],
                             self.unmet(taken, CALL % 3, landing))

    def test_a_point_without_a_function_has_a_reason_too(self):
        unmet = self.unmet("{cpu: 2, nmi: taken, source: lint1}", CALL % 2, "impossible")
        self.assertEqual(["landing: impossible    the run never gets to the point: CPU 2, NMI of lint1 taken"], unmet)

    def test_points_whose_order_the_event_does_not_change_are_not_impossible(self):
        unmet = self.unmet("{cpu: 2, nmi: taken}", "{cpu: 2, enters: start_kernel}", "impossible")
        self.assertEqual(1, len(unmet))
        self.assertIn("never", unmet[0])


    AIM = "{that: {cpu: 1, nmi: taken}, before: {cpu: 2, enters: hld_cpu_offline}}"
    LANDS = 5_000_164_094_054_055  # fs

    def at(self, instant, landing):
        """The outcome with that instant given, its line, and the one with the instant solved."""
        file = scenario("detector: {design: direct-route, options: {retarget: offline}}\nevents:\n"
                        f"  - {{at: 5 s, offline: 2, aim: {self.AIM}}}\nexpect: {{landing: {landing}}}")
        values = {"events.1.at": f"{instant}fs"}
        return w.run(file, values), w.hldsim("run", file, *w.settings(values)).splitlines()[0]

    def test_no_aim_is_called_impossible_where_the_instant_is_given(self):
        one, line = self.at(6 * 10**15, "impossible")
        self.assertEqual(("as-expected", [], []), (one["outcome"], one["landings"], one["unmet"]))
        self.assertEqual(["landing: impossible    the instant of event 1 is given, not searched for"], one["unjudged"])
        self.assertTrue(line.endswith("nothing found, as expected; not searched: whether event 1 can land"), line)

    def test_a_given_instant_that_lands_is_no_impossible_aim(self):
        one, _ = self.at(self.LANDS, "impossible")
        self.assertEqual(["landing: impossible    found, with the request at 5.000164094054055 s"], one["unmet"])

    def test_a_given_instant_is_not_asked_to_land(self):
        for instant in (self.LANDS, 6 * 10**15):
            one, line = self.at(instant, "found")
            self.assertEqual(("as-expected", []), (one["outcome"], one["unmet"]))
            self.assertEqual(["landing: found    the instant of event 1 is given, not searched for"], one["unjudged"])

    BOTH = """detector: {design: direct-route, options: {retarget: offline}}
events:
  - at: 5 s
    offline: 2
    aim:
      that: {cpu: 1, in: hld_next_round_robin, reads: hld.monitored_mask}
      before: {cpu: 2, in: hld_cpu_offline, updates: hld.monitored_mask}
  - at: AT
    offline: 3
    aim:
      that: {cpu: 1, nmi: taken}
      before: {cpu: 3, enters: hld_cpu_offline}
expect: {allow: [rotate-to-dying, rotation-chain-break]}
"""

    def test_an_aim_that_a_later_one_undoes_is_not_found(self):
        """The second request is 0.4 us before the first one, which then waits for the lock of hotplug."""
        one = run_of(self.BOTH.replace("AT", "5 s"))
        self.assertEqual("unexpected", one["outcome"])
        self.assertEqual([(1, False), (2, True)], [(landing["event"], landing["found"]) for landing in one["landings"]])
        self.assertEqual(1, len(one["unmet"]))
        self.assertTrue(one["unmet"][0].endswith("once the aims of the events behind it are solved"), one["unmet"])

    def test_aims_that_leave_each_other_alone_are_all_found(self):
        text = self.BOTH.replace("AT", "12 s").replace("in: hld_next_round_robin, reads: hld.monitored_mask", "nmi: taken")
        one = run_of(text.replace("in: hld_cpu_offline, updates: hld.monitored_mask", "enters: hld_cpu_offline"))
        self.assertEqual([(1, True), (2, True)], [(landing["event"], landing["found"]) for landing in one["landings"]])
        self.assertEqual([], one["unmet"])

    def test_what_is_left_of_an_interval_behind_at_is_searched(self):
        """It has 47 cycles on both sides of what is found; with `at` in its second half the rest of it is found."""
        with open(os.path.join(w.Place.root, RACE), encoding="utf-8") as file:
            text = file.read()
        begin = int(w.run(RACE)["landings"][0]["at_fs"])
        for cycles in (0, 25, 46, 47):
            at = begin + cycles * 270_271
            file = w.write(os.path.join(w.Place.folder, "later.yaml"), text.replace("at: 5 s", f"at: {at} fs"))
            landing = w.run(file)["landings"][0]
            self.assertTrue(landing["found"])
            self.assertLessEqual(at, int(landing["at_fs"]))
            self.assertLessEqual(int(landing["at_fs"]), begin + 48 * 270_271, cycles)


if __name__ == "__main__":
    w.main(__doc__)
