# SPDX-License-Identifier: Apache-2.0
"""What an aim that cannot land says of both sides of the change is what runs at these instants show."""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

FOLDER = os.path.join(w.Place.root, "scenarios/claims")
EXPLAINED = re.compile(r"^with the event at ([\d.]+) s (.*?); one cycle earlier (.*?)(?:; in (\d+) of the tries the second "
                       r"point comes so late that only one in 64 goes on until then)?$")
APART = re.compile(r"^the first point comes ([\d.]+) (ns|us|ms|s) (before|after) the second$")
UNITS = {"ns": 10**6, "us": 10**9, "ms": 10**12, "s": 10**15}
CYCLE = 270_271  # fs, at 3.7 GHz


def fs(seconds):
    whole, _, decimals = seconds.partition(".")
    return int(whole) * 10**15 + int(decimals.ljust(15, "0"))


class Impossible(unittest.TestCase):
    def sides(self, scenario, values=None):
        """Its two sides as they are told, with the event's instant at each, and the tries whose second point is late."""
        landing = w.run(os.path.join(FOLDER, scenario), values)["landings"][0]
        self.assertFalse(landing["found"])
        told = EXPLAINED.match(landing["explanation"])
        self.assertIsNotNone(told, landing["explanation"])
        at = fs(told.group(1))
        return (told.group(2), at), (told.group(3), at - CYCLE), int(told.group(4) or 0)

    def shown(self, scenario, at, cpu, values=None):
        """When that CPU enters an NMI behind the event, None if it does not, and when the bit is cleared."""
        rows = w.hldsim("run", os.path.join(FOLDER, scenario), "--set", f"events.1.at={at}fs", "--set",
                        "expect.landing=null", *w.settings(values or {}), "-v").splitlines()
        lane = next(row.index(f"CPU{cpu}") for row in rows if row.lstrip().startswith("time [s]"))
        entered = [fs(row.split()[0]) for row in rows if re.match(r"\|* ?<NMI>", row[lane:])]
        cleared = [fs(row.split()[0]) for row in rows if row.endswith("clear bit 2 of the monitored mask")]
        self.assertEqual(1, len(cleared), rows)
        return next((t for t in entered if t >= at), None), cleared[0]

    def check(self, scenario, cpu, values=None):
        *sides, late = self.sides(scenario, values)
        for told, at in sides:
            entered, cleared = self.shown(scenario, at, cpu, values)
            apart = APART.match(told)
            if apart is None:
                self.assertEqual("the first point is not reached", told)
                self.assertIsNone(entered, scenario)
                continue
            span = round(float(apart.group(1)) * UNITS[apart.group(2)])
            want = cleared - span if apart.group(3) == "before" else cleared + span
            self.assertLess(abs(entered - want), 10**9, f"{scenario}: {told}")
        return late

    def test_the_second_point_is_reached_on_both_sides_however_late(self):
        """One cycle earlier no NMI is left that could answer, and the drain gives up after 20 ms."""
        scenario = "stop-before-mask/drain-generation.yaml"
        self.assertGreater(self.check(scenario, 2), 1000)
        (_, at), (_, earlier), _ = self.sides(scenario)
        between = self.shown(scenario, earlier, 2)[1] - self.shown(scenario, at, 2)[1]
        self.assertGreater(between, 19 * 10**12)

    def test_the_first_point_is_followed_to_the_next_nmi_of_its_cpu(self):
        self.assertEqual(0, self.check("late-nmi-on-cpu-down/stop-drain.yaml", 1))

    def test_a_drain_that_ends_in_time_is_late_in_no_try(self):
        self.assertEqual(0, self.check("stop-before-mask/drain-ipi.yaml", 2))

    def test_where_the_machine_stops_before_the_second_point_nothing_is_impossible(self):
        """An NMI that hits just before the bit is cleared panics, writes to nowhere, or spins for ever."""
        text = """title: No NMI hits just before the clear
detector: {design: direct-route, options: {retarget: offline}}
events:
  - at: 5 s
    offline: 2
    aim:
      that: {cpu: 2, nmi: taken}
      before: {cpu: 2, in: hld_cpu_offline, updates: hld.monitored_mask}
expect: {landing: impossible}
"""
        file = w.write(os.path.join(w.Place.folder, "collides.yaml"), text)
        for name, in_nmi, told in (("panics", "BUG_ON(READ_ONCE(my_flag));", r"never comes: panic, kernel BUG at \S+!$"),
                                   ("writes", "if (READ_ONCE(my_flag)) *(volatile int *)8 = 1;",
                                    r"never comes: bad-access, CPU 2 writes .* in an NMI, in my_nmi"),
                                   ("spins", "while (READ_ONCE(my_flag)) cpu_relax();", r"never comes(, though|: )")):
            outcome = w.run(file, detector=w.colliding("impossible-" + name, in_nmi))
            self.assertEqual("unexpected", outcome["outcome"])
            told_of = outcome["landings"][0]["explanation"]
            self.assertRegex(told_of, r"^with the event at [\d.]+ s the second point " + told)
            at = told_of.split()[4] + "s"
            if name == "spins":
                ran = w.hldsim("run", file, "--set", f"events.1.at={at}", "--set", "expect.landing=null", "--detector",
                               w.Place.folder + f"/impossible-{name}/impossible-{name}.so")
                self.assertEqual(2, ran.count('  times from "<NMI>" at 7.5131'), ran)  # of the chain that broke there, too
                self.assertRegex(ran, r"\n  still in the NMI at\s+\S*direct_route\.c:\d+\n")
            ended = w.run(file, {"events.1.at": at, "expect.landing": "null"}, detector=w.Place.folder +
                          f"/impossible-{name}/impossible-{name}.so")
            self.assertNotEqual(("time", []), (ended["ended"], ended["findings"]), "the run that it names")

    def test_a_wait_moves_the_change_as_far_from_where_the_points_would_meet(self):
        """The NMI is stopped where the event begins, and the bit is cleared as much later as the drain waits."""
        scenario = "stop-before-mask/drain-delay.yaml"
        for wait in 100, 5000:
            values = {"detector.options.drain_us": wait}
            self.assertEqual(0, self.check(scenario, 2, values))
            (told, _), (earlier, _), _ = self.sides(scenario, values)
            apart = APART.match(told)
            span = round(float(apart.group(1)) * UNITS[apart.group(2)])
            self.assertEqual("before", apart.group(3))
            self.assertLess(abs(span - wait * 10**9), 10**9)
            self.assertEqual("the first point is not reached", earlier)


if __name__ == "__main__":
    w.main(__doc__)
