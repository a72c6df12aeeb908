# SPDX-License-Identifier: Apache-2.0
"""An event that comes to nothing is told, with the reason; one that does something is not."""
import json
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

HEAD = "title: Effects\ndetector: {design: direct-route}\n"
BEFORE = ["{at: 5 s, offline: 3}"]  # what the events of the table may rest on
RUNS = "and the kernel answers 0"


def scenario(name, events):
    lines = "".join(f"  - {event}\n" for event in events)
    return w.write(os.path.join(w.Place.folder, name + ".yaml"), HEAD + "events:\n" + lines)


class Effects(unittest.TestCase):
    def told(self, *events):
        """Event number: why it had no effect."""
        run = w.runs(scenario("events", BEFORE + list(events)))[0]
        return {one["event"] - len(BEFORE): one["why"] for one in run["no_effect"]}

    def test_hotplug(self):
        self.assertEqual({1: f"CPU 3 is down already, {RUNS}", 2: f"CPU 1 is up already, {RUNS}",
                          3: "its task is CPU 3's, which is down", 5: "the kernel answers -1 (EPERM)"},
                         self.told("{at: 6 s, offline: 3}", "{at: 7 s, online: 1}", "{at: 8 s, offline: {cpu: 2, by: 3}}",
                                   "{at: 9 s, offline: 2}", "{at: 10 s, offline: 0}"))

    def test_a_callback_that_fails_as_asked_has_an_effect(self):
        self.assertEqual({}, self.told('{at: 6 s, offline: {cpu: 2, fails_at: "hld:online"}}'))
        self.assertEqual({}, self.told('{at: 6 s, offline: {cpu: 2, fails_at: "sched:active"}}'))

    def test_a_callback_that_is_to_fail_need_not_be_reached(self):
        """Which callbacks there are does not hang on what else happens: a run that ends before, a CPU that is stuck."""
        fails = '{at: 5 s, offline: {cpu: 2, fails_at: "smpboot/threads:online"}}'
        for name, events, until in (("end", [fails], "10 ms"),
                                    ("stuck", ["{at: 4 s, stuck: {cpu: 0, kind: irq-off}}", fails], "1 s")):
            file = scenario("unreached-" + name, events)
            w.hldsim("run", file, "--set", f"until={until}")  # is no bad input

    def test_a_callback_that_refuses_leaves_the_cpu_where_it_was(self):
        """Its steps have run, and run back: who only reads that nothing was found would take the CPU to be down."""
        end = "\thld_heartbeat_stop(cpu);\n\n\treturn 0;\n"
        made = w.detector("effects-refuses", "core/hld_core.c", [(end, end.replace("0", "-EBUSY"))])
        run = w.runs(scenario("refuses", ["{at: 5 s, offline: 2}"]), detector=made)[0]
        self.assertEqual(["the kernel answers -16 (EBUSY), and takes its steps back"],
                         [one["why"] for one in run["no_effect"]])

    def test_stuck(self):
        self.assertEqual({1: "CPU 3 is down and runs nothing that could get stuck"},
                         self.told("{at: 6 s, stuck: {cpu: 3, kind: irq-off, for: 1 ms}}",
                                   "{at: 7 s, stuck: {cpu: 1, kind: irq-off, for: 1 ms}}"))
        self.assertEqual({2: "CPU 1 is stuck already, for ever"},
                         self.told("{at: 6 s, stuck: {cpu: 1, kind: paused}}", "{at: 7 s, stuck: {cpu: 1, kind: paused}}"))
        self.assertEqual({2: "its task is CPU 1's, which is stuck"},
                         self.told("{at: 6 s, stuck: {cpu: 1, kind: paused}}", "{at: 7 s, offline: {cpu: 2, by: 1}}"))

    def test_a_cpu_that_is_down_does_not_get_stuck(self):
        """Neither in its time line nor when it comes up again."""
        events = BEFORE + ["{at: 6 s, stuck: {cpu: 3, kind: in-smm}}", "{at: 7 s, online: 3}"]
        ran = w.hldsim("run", scenario("down", events), "-v", "--set", "until=20 s")
        self.assertNotIn("| stuck (in-smm)", ran)
        self.assertIn("CPU 3 is up", ran)

    def test_messages(self):
        self.assertEqual({2: "no message of ioapic comes for it before the run ends"},
                         self.told("{at: 6 s, message: {source: hpet, do: delay, by: 1 us}}",
                                   "{at: 7 s, message: {source: ioapic, do: drop}}",
                                   "{at: 8 s, message: {source: hpet, do: duplicate}}"))

    def test_two_faults_do_not_meet_one_message(self):
        more = "{at: 6 s, repeat: {times: 99, every: 1 ms, do: [{message: {source: hpet, do: delay, by: 1 us}}]}}"
        self.assertEqual({1: "no message of hpet comes for it before the run ends"}, self.told(more))

    def test_writes(self):
        told = self.told('{at: 6 s, write: {file: /proc/irq/hpet/smp_affinity, value: "4"}}',
                         '{at: 7 s, write: {file: watchdog_thresh, value: "20"}}',
                         '{at: 8 s, write: {file: watchdog_cpumask, value: "0-1"}}')
        self.assertEqual("the kernel answers -2 (ENOENT)", told[1])
        self.assertRegex(told[2], "no parameter by which it would be told")
        self.assertEqual({1, 2}, set(told))

    def test_time_stamp_counters(self):
        self.assertEqual({1: "it runs already", 3: "it stands still already"},
                         self.told("{at: 6 s, tsc: {cpu: 1, stop: false}}", "{at: 7 s, tsc: {cpu: 1, stop: true}}",
                                   "{at: 8 s, tsc: {cpu: 1, stop: true}}", "{at: 9 s, tsc: {cpu: 1, stop: false}}",
                                   "{at: 9 s, tsc: {cpu: 2, step: 1 us}}"))

    def test_what_hits_a_cpu_has_an_effect_if_the_cpu_runs(self):
        self.assertEqual({4: "CPU 3 is down and executes nothing"},
                         self.told("{at: 6 s, smi: {cpus: [1], for: 1 us}}", "{at: 7 s, nmi: {cpu: 0, source: serr}}",
                                   "{at: 8 s, exception: {cpu: 1, for: 1 us}}",
                                   "{at: 9 s, exception: {cpu: 3, for: 1 us}}"))

    def test_the_acts_of_a_repeat_are_counted(self):
        run = w.runs(scenario("repeat", ["{at: 5 s, repeat: {times: 3, every: 1 s, do: [{offline: 2}]}}"]))[0]
        self.assertEqual([{"event": 1, "acts": "2", "of": "3", "why": f"CPU 2 is down already, {RUNS}"}],
                         run["no_effect"])
        self.assertEqual("as-expected", run["outcome"])

    def test_one_file_tells_the_reason_below_its_line_and_many_the_fact_alone(self):
        quiet, other = scenario("quiet", ["{at: 5 s, online: 1}"]), scenario("other", ["{at: 5 s, offline: 2}"])
        line = r"\n  event 1 \(echo 1 > cpu1/online\) had no effect: CPU 1 is up already"
        self.assertRegex(w.hldsim("run", quiet), line)
        self.assertRegex(w.hldsim("run", "-v", quiet), line)
        lines = w.hldsim("run", quiet, other).splitlines()
        self.assertRegex(lines[0], r"quiet\.yaml +nothing found, as expected; event 1 had no effect$")
        self.assertRegex(lines[1], r"other\.yaml +nothing found, as expected$")
        self.assertEqual(3, len(lines))

    def test_where_only_surprises_are_told_it_is_one(self):
        quiet, other = scenario("quiet", ["{at: 5 s, online: 1}"]), scenario("other", ["{at: 5 s, offline: 2}"])
        for files in ((quiet,), (quiet, other)):
            lines = w.hldsim("run", "-q", *files).splitlines()
            self.assertRegex(lines[0], r"^ok .*quiet\.yaml +nothing found, as expected; event 1 had no effect$")
            self.assertEqual([f"{len(files)} passed, 0 failed"], lines[1:])
        report = os.path.join(w.Place.folder, "report.xml")
        w.hldsim("run", "-q", quiet, "--junit", report)
        self.assertIn("had no effect: CPU 1 is up already", w.read(report))
        two = scenario("two", ["{at: 5 s, online: 1}", "{at: 6 s, online: 2}"])
        self.assertIn("; 2 events had no effect\n", w.hldsim("run", "-q", two))

    def noted(self, *events):
        """What lint notes below its line, in one line each."""
        file = scenario("noted", events)
        told = w.hldsim("lint", file)
        self.assertEqual(told if "\n  " in told else "", w.hldsim("lint", "-q", file))
        text = re.sub(r"\n    ", " ", told)
        noted = [line.strip() for line in text.splitlines()[1:]]
        self.assertEqual(noted, json.loads(w.hldsim("lint", "--json", file))[0]["notes"])
        return noted

    def test_lint_knows_hotplug_that_finds_nothing_to_do(self):
        echo = "(echo {1} > cpu{0}/online) finds nothing to do: "
        self.assertEqual(["event 2 " + echo.format(3, 0) + "event 1 takes CPU 3 down before"],
                         self.noted("{at: 5 s, offline: 3}", "{at: 6 s, offline: 3}", "{at: 7 s, online: 3}"))
        self.assertEqual(["event 1 " + echo.format(1, 1) + "no event takes CPU 1 down before"],
                         self.noted("{at: 5 s, online: 1}", "{at: 6 s, offline: 1}", "{at: 7 s, online: 1}"))
        self.assertEqual(["event 1 " + echo.format(3, 0) + "event 2 takes CPU 3 down before"],
                         self.noted("{at: 7 s, offline: 3}", "{at: 6 s, offline: 3}"))
        do = "{at: 5 s, repeat: {times: 3, every: 1 s, do: [%s]}}"
        self.assertEqual(["2 of the 3 acts of event 1 (echo 0 > cpu2/online) find nothing to do: "
                          "event 1 takes CPU 2 down before"], self.noted(do % "{offline: 2}"))
        self.assertEqual([], self.noted(do % "{offline: 2}, {online: 2}", "{at: 12 s, offline: 2}"))

    def test_lint_says_nothing_of_what_a_run_must_show(self):
        """When an aimed event begins, and what becomes of a CPU whose callback fails."""
        aim = "aim: {that: {cpu: 1, nmi: taken}, after: {cpu: 1, in: hld_cpu_offline, updates: hld.monitored_mask}}"
        self.assertEqual([], self.noted("{at: 5 s, offline: 1, %s}" % aim, "{at: 6 s, offline: 1}"))
        self.assertEqual([], self.noted('{at: 5 s, offline: {cpu: 1, fails_at: "hld:online"}}', "{at: 6 s, online: 1}"))


if __name__ == "__main__":
    w.main(__doc__)
