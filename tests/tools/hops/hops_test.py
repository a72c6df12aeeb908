# SPDX-License-Identifier: Apache-2.0
"""Every NMI makes all its hops, one after the other, and what lies between two hops are rows of the profile."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

CLAIMS = "scenarios/claims/"
HOPS = ["matched", "posted", "accepted", "taken", "returned"]
RACE = CLAIMS + "late-nmi-on-cpu-down/direct-route.yaml"
# Runs that end in no NMI's way: 0.1 s after a whole number of periods.
SCENARIOS = [
    (RACE, {}),
    (CLAIMS + "late-nmi-on-cpu-down/direct-route-leaving.yaml", {}),
    (CLAIMS + "no-lock-in-nmi/no-collision.yaml", {}),
    (CLAIMS + "stop-before-mask/cpumask-none.yaml", {}),
    (CLAIMS + "stop-before-mask/cpumask-readback.yaml", {}),
    ("scenarios/hazards/mask/nmi-after-bit-clear.yaml", {}),
    ("scenarios/hazards/mask/rotate-to-dying.yaml", {}),
    ("scenarios/stuck/target.yaml", {"until": "30.1 s"}),
    ("scenarios/stuck/warm.yaml", {}),
    ("scenarios/stuck/warm.yaml", {"events.1.stuck": "{cpu: 2, kind: irq-off}", "machine.cpus": "8"}),
    ("scenarios/stuck/quiet-hour.yaml", {"until": "60 s", "expect": "{}", "machine.profile": "amd-2020",
                                           "machine.remapping": "none"}),
]


def tokens(one):
    """The hops of each NMI that a finding is about: [(hop, fs)]."""
    return [[(hop["hop"], int(hop["at_fs"])) for hop in finding["token"]]
            for finding in one["findings"] if finding.get("token")]


def between(token):
    at = dict(token)
    return {later: at[later] - at[earlier] for earlier, later in zip(HOPS, HOPS[1:])}


class Hops(unittest.TestCase):
    def test_nothing_that_matched_is_lost(self):
        for scenario, values in SCENARIOS:
            with self.subTest(scenario=scenario, **values):
                for one in w.runs(scenario, values):
                    count = {hop: int(one["stats"][f"nmi.{hop}"]) for hop in HOPS[:-1]}
                    self.assertGreater(count["matched"], 1)
                    self.assertEqual({count["matched"]}, set(count.values()), count)

    def test_the_hops_of_one_nmi_come_in_order(self):
        seen = 0
        for scenario, values in SCENARIOS[:7]:
            for one in w.runs(scenario, values):
                for token in tokens(one):
                    self.assertEqual(HOPS, [hop for hop, _ in token])
                    self.assertEqual(sorted(at for _, at in token), [at for _, at in token])
                    seen += 1
        self.assertGreater(seen, 4)

    def test_between_two_hops_are_rows_of_the_profile(self):
        hpet_tick, core = 41_666_667, 10**15 / w.CORE_HZ
        token = tokens(w.run(RACE))[0]
        base, at = between(token), dict(token)
        ns = 10**6
        self.assertEqual(1 * hpet_tick, base["posted"])                   # hpet.match_to_msi
        self.assertEqual((200 + 120 + 20) * ns, base["accepted"])         # msi.device_to_root + root_to_lapic, lapic.accept
        due = at["accepted"] + (1000 + 10) * ns                           # cpu.cstate_exit.c1 + event_boundary, HLT
        self.assertEqual(w.edge(w.edge_of(str(due))), f"{at['taken']}fs")  # the next edge of the core clock
        rows = (300 + 400 + 250 + 270) * core                             # cpu.nmi_entry_hw, _sw, exit_sw, exit_iret
        self.assertGreater(base["returned"], rows)
        self.assertLess(base["returned"] - rows, 100 * core)              # what exc_nmi() does on an offline CPU

    def test_a_row_lengthens_its_own_hop_and_no_other(self):
        base = between(tokens(w.run(RACE))[0])
        core = 10**15 / w.CORE_HZ
        for row, value, hop, more in (
                ("hpet.match_to_msi", "3 ticks", "posted", 2 * 41_666_667),
                ("msi.device_to_root", "250 ns", "accepted", 50e6), ("msi.root_to_lapic", "170 ns", "accepted", 50e6),
                ("lapic.accept", "25 ns", "accepted", 5e6),
                ("cpu.cstate_exit.c1", "1100 ns", "taken", 100e6), ("cpu.event_boundary", "20 ns", "taken", 10e6),
                ("cpu.nmi_entry_hw", "310 cycles", "returned", 10 * core),
                ("cpu.nmi_entry_sw", "440 cycles", "returned", 40 * core),
                ("cpu.nmi_exit_sw", "290 cycles", "returned", 40 * core),
                ("cpu.nmi_exit_iret", "300 cycles", "returned", 30 * core)):
            with self.subTest(row=row):
                longer = between(tokens(w.run(RACE, {"machine.set." + row: value}))[0])
                for name in HOPS[1:]:
                    # Taken is on an edge of the core clock, what comes before it on one of the HPET's.
                    slack = core if name == "taken" else 2
                    self.assertAlmostEqual(more if name == hop else 0, longer[name] - base[name], delta=slack, msg=name)


class Remapped(unittest.TestCase):
    HIT = CLAIMS + "irte-per-cpu/entry-stale.yaml"  # CPU 2's entry has been used before
    MISS = CLAIMS + "irte-per-cpu/dead-cpu-keep.yaml"  # for the first time

    def ways(self, scenario, values=None):
        token = tokens(w.run(scenario, values or {}))[0]
        self.assertEqual(["matched", "posted", "remapped", "accepted", "taken", "returned"], [hop for hop, _ in token])
        at = dict(token)
        return at["remapped"] - at["posted"], at["accepted"] - at["remapped"]

    def test_the_remapper_is_a_hop_and_its_latencies_are_rows_of_the_profile(self):
        ns = 10**6
        behind = (120 + 20) * ns                                          # msi.root_to_lapic + lapic.accept
        self.assertEqual(((200 + 5) * ns, behind), self.ways(self.HIT))     # msi.device_to_root + vtd.iec_hit
        self.assertEqual(((200 + 150) * ns, behind), self.ways(self.MISS))  # ... + vtd.iec_miss

    def test_a_row_of_the_remapper_lengthens_its_hop_and_no_other(self):
        ns = 10**6
        for scenario, row, value, more in ((self.MISS, "vtd.iec_miss", "250 ns", 100 * ns),
                                           (self.MISS, "vtd.iec_hit", "50 ns", 0)):
            with self.subTest(row=row):
                before, after = self.ways(scenario), self.ways(scenario, {"machine.set." + row: value})
                self.assertEqual((before[0] + more, before[1]), after)

    def test_what_the_remapper_blocks_has_no_further_hop_and_is_in_the_fault_log(self):
        one = w.run(CLAIMS + "direct-route/remapped.yaml")
        self.assertEqual([["matched", "posted"]], [[hop for hop, _ in token] for token in tokens(one)])
        self.assertEqual(int(one["stats"]["nmi.posted"]), len(one["faults"]))
        for fault in one["faults"]:
            self.assertEqual(("25h", None, True), (fault["reason"], fault["index"], fault["recorded"]))

    def test_the_fault_log_names_the_entry(self):
        faults = w.run(CLAIMS + "irte-per-cpu/dead-cpu-clear.yaml")["faults"]
        self.assertGreater(len(faults), 5)
        self.assertEqual({("22h", 2)}, {(fault["reason"], fault["index"]) for fault in faults})


if __name__ == "__main__":
    w.main(__doc__)
