# SPDX-License-Identifier: Apache-2.0
"""A latency of the profile changed by d moves each edge of a window by what the path says, to the cycle.

An edge is where two things change their order. If one of them comes k * d later, the event has to come k * d later too;
if the other one does, so much sooner; if neither, the edge stays.
"""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

FOLDER = "scenarios/claims/late-nmi-on-cpu-down/"
CHOSEN = FOLDER + "direct-route.yaml"  # CPU 1's NMI reads the mask before the bit is cleared, and writes the target late
LEAVING = FOLDER + "direct-route-leaving.yaml"  # the timer matches before the bit is cleared, and the NMI is taken after
OPTIONS = ["--range=-1us..1us", "--step=60 ns"]


def cycles(ns):
    whole, rest = divmod(ns * w.CORE_HZ, 1_000_000_000)
    assert rest == 0, f"{ns} ns is no whole number of cycles"
    return whole


class Latency(unittest.TestCase):
    def setUp(self):
        self.at = {file: w.run(file)["solved"]["events.1.at"] + "fs" for file in (CHOSEN, LEAVING)}

    def edges(self, scenario, values):
        found = w.windows(scenario, {"events.1.at": self.at[scenario], **values}, options=OPTIONS)
        self.assertTrue(found)
        return {(row["hazard"], row["phase"], edge): None if row["open_" + beyond] else int(row[edge + "_cycles"])
                for row in found for edge, beyond in (("opens", "below"), ("closes", "above"))}

    def moves(self, scenario, row, value, expected, values=None):
        """Of the hazards named in `expected`, by how many cycles (opens, closes) the edges move."""
        values = values or {}
        before = self.edges(scenario, values)
        after = self.edges(scenario, {**values, "machine.set." + row: value})
        self.assertEqual(before.keys(), after.keys())
        for (hazard, phase), moved in expected.items():
            for edge, cycle in zip(("opens", "closes"), moved):
                name = (hazard, phase, edge)
                self.assertIsNotNone(before[name], f"{name} lies outside of what is searched")
                self.assertEqual(cycle, after[name] - before[name], f"{scenario}: {row} = {value}: {name}")

    def test_flight_of_the_message(self):
        """The NMI comes later by all of it; a match before the bit is cleared comes when it came."""
        for row, value in (("msi.device_to_root", "250 ns"), ("msi.root_to_lapic", "170 ns")):  # 50 ns more each
            self.moves(CHOSEN, row, value, {("rotate-to-dying", "dead"): (cycles(50), cycles(50))})
            self.moves(LEAVING, row, value, {("nmi-before-bit-clear", "leaving"): (0, cycles(50))})

    def test_entry_code_of_the_nmi(self):
        """What comes before the handler's read counts, and it counts once; what is taken is taken before it."""
        self.moves(CHOSEN, "cpu.nmi_entry_sw", "437 cycles", {("rotate-to-dying", "dead"): (37, 37)})
        self.moves(LEAVING, "cpu.nmi_entry_sw", "437 cycles", {("nmi-before-bit-clear", "leaving"): (0, 0)})

    def test_exit_of_the_nmi(self):
        """Behind both sides of every edge: nothing moves."""
        self.moves(CHOSEN, "cpu.nmi_exit_sw", "350 cycles", {("rotate-to-dying", "dead"): (0, 0)})

    def test_posted_write(self):
        """The stop of the timer takes effect later: matches that it forestalled come 100 ns sooner to the event's instant."""
        offline = {"detector.options.retarget": "offline"}
        self.moves(LEAVING, "fabric.posted_write", "320 ns",
                   {("posted-disable-late", "leaving"): (-cycles(100), 0), ("nmi-after-bit-clear", "leaving"): (0, 0),
                    ("nmi-before-bit-clear", "leaving"): (0, 0)},
                   offline)
        # The route's write is posted too, but both sides of these edges are in the CPUs.
        self.moves(CHOSEN, "fabric.posted_write", "320 ns", {("rotate-to-dying", "dead"): (0, 0)})

    def test_entry_of_every_interrupt(self):
        """cpu.nmi_entry_hw is paid by interrupts too: by those of the boot, which start the timer, and by those between
        the request and the bit. What these do is seen in two runs at one instant; what is left is the NMI's own."""
        row, longer = "cpu.nmi_entry_hw", {"machine.set.cpu.nmi_entry_hw": "337 cycles"}
        race = ("rotate-to-dying", "dead")
        closes = self.edges(CHOSEN, {})[(*race, "closes")]
        opens = self.edges(CHOSEN, longer)[(*race, "opens")]
        self.assertLess(opens, closes, "no instant shows the race with both latencies")
        both = {"events.1.at": w.moved(self.at[CHOSEN], (opens + closes) // 2)}
        apart = [self.handled_after_cleared(w.run(CHOSEN, {**both, **values})) for values in ({}, longer)]
        expected = apart[1] - apart[0]
        self.assertGreaterEqual(expected, 37)
        self.moves(CHOSEN, row, "337 cycles", {race: (expected, expected)})

    def handled_after_cleared(self, one):
        """Cycles from the clearing of the bit to the end of CPU 1's handler."""
        rows = [entry for finding in one["findings"] for entry in finding["interleaving"]]
        cleared = next(int(row["at_fs"]) for row in rows if row["what"].startswith("clear bit 2 of the"))
        handled = next(int(row["at_fs"]) for row in rows if row["actor"] == "cpu1" and "NMI_HANDLED" in row["what"])
        return round((handled - cleared) * w.CORE_HZ / 10**15)


if __name__ == "__main__":
    w.main(__doc__)
