# SPDX-License-Identifier: Apache-2.0
"""What `window` says, and what `run` finds when the event is put there from outside: the same, cycle by cycle.

The edges of the review's race are stepped over here some hundred cycles; `--wide` in place of the cases steps over a
whole range, such as two microseconds, which takes minutes.
"""
import argparse
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

FOLDER = "scenarios/claims/late-nmi-on-cpu-down/"
NARROW = FOLDER + "direct-route.yaml"  # retarget: offline
WIDE = FOLDER + "direct-route-leaving.yaml"  # retarget: nmi


def hazards(one):
    return {(finding["hazard"], finding["phase"]) for finding in one["findings"]}


def without_aim(scenario):
    """The text of the scenario down to its events, which begin at one instant each."""
    head, events = w.read(scenario).split("events:\n")
    action = events.split("    aim:\n")[0]
    assert action.count("- at:") == 1, f"{scenario}: more than one event"
    return f"{head}events:\n{action}"


def all_hazards(scenario, instants):
    """(hazard, phase) of what each run finds whose event is at that instant. A program for some hundred of them."""
    for first in range(0, len(instants), 300):
        chosen = instants[first:first + 300]
        text = without_aim(scenario) + f"vary: {{events.1.at: [{', '.join(chosen)}]}}\n"
        file = w.write(os.path.join(w.Place.folder, "stepped.yaml"), text)
        found = w.runs(file)
        assert [one["vary"]["events.1.at"] for one in found] == chosen
        yield from map(hazards, found)


def differences(scenario, instant, cycles, windows):
    """Of these cycles from `instant`, those at which `run` and `window` do not say the same."""
    cycles = list(cycles)
    for cycle, found in zip(cycles, all_hazards(scenario, [w.moved(instant, cycle) for cycle in cycles])):
        told = {(row["hazard"], row["phase"]) for row in windows
                if int(row["opens_cycles"]) <= cycle < int(row["closes_cycles"])}
        if found != told:
            yield f"{scenario}: at {cycle:+} cycles run finds {sorted(found)}, window says {sorted(told)}"


class Window(unittest.TestCase):
    def agrees(self, scenario, hazard, around, options):
        instant = w.run(scenario)["solved"]["events.1.at"]
        windows = w.windows(scenario, {"events.1.at": instant + "fs"}, options=options)
        named = [row for row in windows if row["hazard"] == hazard]
        self.assertTrue(named, f"{scenario}: no window of {hazard}")
        edges = {int(row[edge + "_cycles"]) for row in named
                 for edge, beyond in (("opens", "below"), ("closes", "above")) if not row["open_" + beyond]}
        self.assertTrue(edges)
        near = sorted({cycle for edge in edges for cycle in range(edge - around, edge + around)})
        self.assertEqual([], list(differences(scenario, instant, near, windows)))
        for row in named:
            self.agrees_by_command_line(scenario, instant, row)
        for row in named:
            self.assertEqual(int(row["width_fs"]), int(row["closes_fs"]) - int(row["opens_fs"]))
            self.assertEqual(int(row["width_cycles"]), int(row["closes_cycles"]) - int(row["opens_cycles"]))
            for edge in ("opens", "closes"):
                self.assertEqual(row[edge + "_fs"] + "fs", w.moved(instant, int(row[edge + "_cycles"])))

    def agrees_by_command_line(self, scenario, instant, row):
        """The last cycle and the first one beyond, as a user types them."""
        opens, closes = int(row["opens_cycles"]), int(row["closes_cycles"])
        tried = [(opens, True), (closes - 1, True)]
        tried += [] if row["open_below"] else [(opens - 1, False)]
        tried += [] if row["open_above"] else [(closes, False)]
        for cycle, expected in tried:
            one = w.run(scenario, {"events.1.at": w.moved(instant, cycle)})
            self.assertEqual(expected, (row["hazard"], row["phase"]) in hazards(one), f"{scenario}: at {cycle:+} cycles")

    def test_both_edges_of_the_narrow_window(self):
        self.agrees(NARROW, "rotate-to-dying", 60, ["--range=-500ns..500ns"])

    def test_the_edges_of_the_wide_window(self):
        self.agrees(WIDE, "nmi-before-bit-clear", 60, ["--range=-1us..500ns"])

    def test_an_edge_is_told_by_what_changes_its_order_there(self):
        instant = {"events.1.at": w.run(NARROW)["solved"]["events.1.at"] + "fs"}
        narrow = [row for row in w.windows(NARROW, instant, options=["--range=-100ns..200ns"])
                  if row["hazard"] == "rotate-to-dying"][0]
        self.assertRegex(narrow["opened_by"], r"^CPU 1's NMI reads hld\.monitored_mask in \S+ \S+:\d+ before "
                                              r"CPU 2 updates it in \S+ \S+:\d+$")
        # CPU 2 sees that it is the target, stops the timer and moves the route, or it does not.
        self.assertRegex(narrow["closed_by"], r"^CPU 2 reads hld\.target in \S+ \S+:\d+ before CPU 1's NMI writes it in "
                                              r".*; one cycle outside: CPU 2 makes writel\(TIM0_CONF, INT_ENB=0\)")
        wide = [row for row in w.windows(WIDE, options=["--range=-1us..500ns"])
                if row["hazard"] == "nmi-before-bit-clear"][0]
        self.assertRegex(wide["opened_by"], "^timer 0 matches before CPU 2 leaves the monitored mask, in ")
        self.assertRegex(wide["closed_by"], r"^CPU 2 updates hld\.monitored_mask in .* before CPU 2's NMI reads it in ")

    def test_an_edge_between_two_phases_is_told_by_the_life_that_the_cpu_begins(self):
        rows = {row["phase"]: row for row in w.windows(WIDE, options=["--range=-30ms..1ms", "--hazard=nmi-after-bit-clear"])}
        dead = r"CPU 2 becomes dead, in native_play_dead \S+:\d+"
        offline = r"CPU 2 becomes offline, in cpu_disable_common \S+:\d+"
        taken = "the NMI is taken on CPU 2"
        for phase, edge, first, second in (("dead", "closed_by", dead, taken), ("offline", "opened_by", taken, dead),
                                           ("offline", "closed_by", offline, taken),
                                           ("leaving", "opened_by", taken, offline)):
            self.assertRegex(rows[phase][edge], f"^{first} before {second}$")

    def test_a_match_that_the_other_run_does_not_have_opens_a_window(self):
        """The timer is off before its match, or it is not: behind that, others change their order as well."""
        rows = [row for row in w.windows("scenarios/claims/stop-before-mask/drain-none.yaml")
                if (row["hazard"], row["phase"]) == ("posted-disable-late", "leaving")]
        self.assertEqual(["timer 0 matches before INT_ENB=0 takes effect"], [row["opened_by"] for row in rows])

    def test_an_edge_that_comes_of_the_end_of_the_run_says_so(self):
        """The end moves with the event, and what a hazard is told by needs its time."""
        file = w.write(os.path.join(w.Place.folder, "horizon.yaml"),
                       "title: A rotation that ends\ndetector: {design: direct-route}\nkernel: {watchdog_thresh: 1 s}\n"
                       "events: [{at: 1.6 s, tsc: {cpu: 1, stop: true}}]\nuntil: 1913167 us\n")
        ends = [one for one in w.windows(file) if one["hazard"] == "rotation-chain-break" and not one["open_below"]]
        self.assertEqual(1, len(ends))
        self.assertRegex(ends[0]["opened_by"], r"^nothing comes in another order: the run ends at \S+ s, one cycle outside at "
                         r"\S+ s; a longer 'until' moves this edge$")

    def test_a_grid_and_a_bisection_find_the_same_window(self):
        instant = {"events.1.at": w.run(NARROW)["solved"]["events.1.at"] + "fs"}
        grid = w.windows(NARROW, instant, options=["--range=-20ns..150ns", "--step=1 cycles"])
        bisect = w.windows(NARROW, instant, options=["--range=-20ns..150ns", "--step=50 ns"])
        self.assertTrue(grid)
        self.assertEqual({"grid"}, {row.pop("basis") for row in grid})
        self.assertEqual({"bisect"}, {row.pop("basis") for row in bisect})
        self.assertEqual(grid, bisect)

    def test_a_range_in_cycles_ends_where_it_says(self):
        for first, last in ((-100, 600), (0, 10), (7, 13)):
            one = w.runs(NARROW, command="window", options=[f"--range={first}cycles..{last}cycles", "--step=1000 cycles"])[0]
            self.assertEqual((str(first), str(last)), (one["searched"]["from_cycles"], one["searched"]["to_cycles"]))

    def test_a_deadlock_has_a_window_of_its_own_beside_what_could_become_one(self):
        """The lock is held for some cycles; by its class it is in danger at every instant."""
        own = [row for row in w.windows("scenarios/claims/no-lock-in-nmi/own-lock.yaml")
               if row["hazard"] == "nmi-own-lock"]
        held, *classes = own
        self.assertEqual([False, True, True], [row["by_lock_class"] for row in own])
        self.assertFalse(held["open_below"] or held["open_above"])
        self.assertEqual([held["opens_cycles"], held["closes_cycles"]],
                         [classes[0]["closes_cycles"], classes[1]["opens_cycles"]])
        instant = w.run("scenarios/claims/no-lock-in-nmi/own-lock.yaml")["solved"]["events.1.at"] + "fs"
        for cycle, ended in ((-1, "time"), (0, "deadlock")):
            at = w.moved(instant, int(held["opens_cycles"]) + cycle)
            self.assertEqual(ended, w.run("scenarios/claims/no-lock-in-nmi/own-lock.yaml", {"events.1.at": at})["ended"])
        for cycle, ended in ((-1, "deadlock"), (0, "time")):
            at = w.moved(instant, int(held["closes_cycles"]) + cycle)
            self.assertEqual(ended, w.run("scenarios/claims/no-lock-in-nmi/own-lock.yaml", {"events.1.at": at})["ended"])

    def test_runs_that_end_as_nobody_expects_have_a_window_of_their_own(self):
        """A panic is no finding: its instants are told all the same, from the first cycle to the last."""
        panics = w.colliding("window-panics", "BUG_ON(READ_ONCE(my_flag));")
        instant = "7500164us"  # the NMI for CPU 2 comes 13 ms later, when its bit is cleared
        file = w.write(os.path.join(w.Place.folder, "panics.yaml"),
                       "title: A title\ndetector: {design: direct-route, options: {retarget: offline}}\n"
                       f"events: [{{at: {instant}, offline: 2}}]\n")
        rows = w.windows(file, detector=panics, options=["--range=-5us..5us"])
        panic = [row for row in rows if row["hazard"] == "ends: panic"]
        self.assertEqual(1, len(panic), rows)
        self.assertGreater(int(panic[0]["width_fs"]), 10**9)  # udelay(1)
        for edge, inside in (("opens_cycles", 0), ("closes_cycles", -1)):
            for cycle in (-1, 0):
                at = w.moved(panic[0][edge.replace("cycles", "fs")] + "fs", cycle)
                ended = w.run(file, {"events.1.at": at}, detector=panics)["ended"]
                self.assertEqual("panic" if cycle == inside else "time", ended, f"{edge} {cycle:+}")

    def test_a_window_that_the_range_cuts_has_no_larger_chance_than_the_whole(self):
        file = "scenarios/hazards/mask/nmi-after-bit-clear.yaml"
        widths = {}
        for span in ("-5us..5us", "-5us..0", "-4us..-3us"):
            row = [one for one in w.windows(file, options=["--range=" + span]) if one["hazard"] == "nmi-after-bit-clear"][0]
            widths[span] = int(row["width_fs"]) / float(row["chance_per_event"])
        first = widths["-5us..5us"]
        for span, interval in widths.items():
            self.assertAlmostEqual(1, interval / first, delta=0.01, msg=span)
        ran = w.hldsim("window", file, "--range=-4us..-3us", "-q")
        self.assertRegex(ran, "chance  at least ")

    def test_a_window_that_fills_the_range_is_as_wide_as_it_and_open_at_both_ends(self):
        (one,) = w.runs("scenarios/claims/no-lock-in-nmi/own-lock.yaml", command="window", options=["--range=-5us..-4us"])
        (row,) = [row for row in one["windows"] if row["hazard"] == "nmi-own-lock"]
        self.assertEqual((True, True, "", ""), tuple(row[key] for key in ("open_below", "open_above", "opened_by", "closed_by")))
        first, last = (int(one["searched"][end + "_cycles"]) for end in ("from", "to"))
        self.assertEqual((first, last + 1, last + 1 - first),
                         tuple(int(row[key + "_cycles"]) for key in ("opens", "closes", "width")))
        self.assertEqual(1, float(row["chance_per_event"]), "by the class of its lock it is always in danger")

    def test_a_window_that_is_wider_than_a_rotation_has_no_chance_above_1(self):
        rows = self.unknown("5 s", "-2s..2s", "500 ms")
        self.assertEqual([1], [float(row["chance_per_event"]) for row in rows["windows"]])

    def test_no_instant_before_the_end_of_boot_is_tried(self):
        first = int(self.unknown("14 ms", "-13ms..0", "500us")["searched"]["from_fs"])
        self.assertGreater(first, 13 * 10 ** 12)
        ran = w.hldsim("window", os.path.join(w.Place.folder, "unknown.yaml"), "--set", f"events.1.at={first - 10 ** 6}fs",
                       accept=(2,))
        self.assertEqual("", ran, "boot has not ended")

    def unknown(self, instant, span, step):
        """An NMI of nobody's, which is a finding whenever it comes."""
        file = w.write(os.path.join(w.Place.folder, "unknown.yaml"),
                       "title: A title\ndetector: {design: direct-route}\nkernel: {watchdog_thresh: 1 s}\nuntil: 1 s\n"
                       f"events: [{{at: {instant}, nmi: {{cpu: 0, source: lint1}}}}]\n")
        return w.runs(file, command="window", options=["--range=" + span, "--step=" + step])[0]

    def test_the_chance_is_that_of_one_window_and_the_report_says_that_there_may_be_more(self):
        """CPU 0 stops the timer and reads it back: its own NMI it has taken then, those of the three others it may not."""
        file, hazard = "scenarios/hazards/drain/readback-left-not-taken.yaml", "readback-left-not-taken"
        instant, period = w.run(file)["solved"]["events.1.at"] + "fs", 2500 * 10 ** 12
        found = []
        for n in range(4):
            at = {"events.1.at": "%dfs" % (int(w.moved(instant, 0)[:-2]) + n * period)}
            rows = [one for one in w.windows(file, at) if one["hazard"] == hazard]
            found.append(len(rows))
            for row in rows:
                self.assertAlmostEqual(1, int(row["width_fs"]) / (4 * period) / float(row["chance_per_event"]), delta=0.01)
                self.assertTrue(row["of_several"])
        self.assertEqual([0, 1, 1, 1], sorted(found))
        self.assertIn("\n  chance: of this window alone, ", w.hldsim("window", file))

    def test_where_an_aim_is_not_met_the_windows_are_looked_for_at_the_instants_that_were_tried(self):
        (one,) = w.runs("scenarios/claims/stop-before-mask/drain-ipi.yaml", command="window")
        match = 7500 * 10 ** 12 + 10 ** 12 // 1000  # CPU 2's NMI; the aimed event may come up to 15 s
        self.assertLess(abs(int(one["searched"]["around_fs"]) - match), 10 ** 12)

    def test_an_invariant_asks_for_the_windows_whose_findings_violate_it(self):
        all_of_it = w.runs(NARROW, command="window")[0]["windows"]
        chain = [row for row in all_of_it if row["hazard"] == "rotation-chain-break"]
        self.assertTrue(chain)
        self.assertEqual(chain, w.runs(NARROW, command="window", options=["--hazard", "INV-cover"])[0]["windows"])

    def test_what_was_asked_for_and_has_no_window_is_named(self):
        for asked in ("nmi-own-lock", "INV-irte"):
            ran = w.hldsim("window", NARROW, "--range=1ns..2ns", "--hazard", asked)
            self.assertIn(f"  no window of {asked} within the range, in ", ran)

    def test_without_an_event_nothing_is_moved_and_that_is_said(self):
        ran = w.hldsim("window", "scenarios/claims/no-lock-in-nmi/no-collision.yaml")
        self.assertIn("no event to move; what is found does not hang on an instant", ran)

    def test_an_event_that_a_point_brings_is_not_moved_and_that_is_said(self):
        """The other files of a folder have their windows."""
        ran = w.hldsim("window", "scenarios/stuck/target.yaml")
        self.assertIn("no event to move; each comes when the run gets to its point", ran)
        one = w.runs("scenarios/stuck/target.yaml", command="window")[0]
        self.assertIsNone(one["searched"])
        self.assertEqual("no event to move; each comes when the run gets to its point", one["unsearched"])

    def test_of_an_event_with_a_point_and_one_with_an_instant_the_second_is_moved(self):
        file = w.write(os.path.join(w.Place.folder, "two.yaml"),
                       "title: t\ndetector: {design: direct-route}\nevents:\n"
                       "  - {when: {cpu: 1, nmi: taken}, smi: {cpus: [1], for: 10 us}}\n  - {at: 5 s, offline: 2}\n"
                       "expect: {allow: [rotate-to-dying, rotation-chain-break, nmi-before-bit-clear]}\n")
        one = w.runs(file, command="window", options=["--range=-100ns..100ns"])[0]
        self.assertEqual(2, one["searched"]["event"])
        self.assertIsNone(one["unsearched"])


def wide():
    """window_test.py --wide SCENARIO FROM TO: steps over every cycle from FROM to TO, counted from the solved instant."""
    parser = argparse.ArgumentParser(usage=wide.__doc__)
    parser.add_argument("scenario")
    parser.add_argument("first", type=int)
    parser.add_argument("last", type=int)
    parser.add_argument("--root", required=True)
    parser.add_argument("--hldsim", required=True, type=os.path.abspath)
    options = parser.parse_args(sys.argv[2:])
    w.Place.root, w.Place.hldsim, w.Place.folder = options.root, options.hldsim, tempfile.mkdtemp()
    instant = w.run(options.scenario)["solved"]["events.1.at"]
    ns = [f"{cycle * 1_000_000_000 / w.CORE_HZ:.3f} ns" for cycle in (options.first - 1, options.last + 1)]
    windows = w.windows(options.scenario, {"events.1.at": instant + "fs"}, options=[f"--range={ns[0]}..{ns[1]}"])
    for row in windows:
        print(row["hazard"], row["phase"], row["opens_cycles"], row["closes_cycles"], row["width_fs"], "fs")
    bad = list(differences(options.scenario, instant, range(options.first, options.last + 1), windows))
    print("\n".join(bad) or f"{options.last + 1 - options.first} cycles, run and window agree on each")
    return 1 if bad else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--wide"]:
        sys.exit(wide())
    w.main(__doc__)
