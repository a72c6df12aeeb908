# SPDX-License-Identifier: Apache-2.0
"""What must not pass: a detector that refuses to start, an event that does nothing, a report of nobody."""
import json
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

RACE = "scenarios/claims/late-nmi-on-cpu-down/direct-route.yaml"


def hldsim(*arguments):
    return subprocess.run([w.Place.hldsim, *arguments], cwd=w.Place.root, check=False, capture_output=True, text=True,
                          timeout=w.SECONDS_MAX)


def scenario(text):
    return w.write(os.path.join(w.Place.folder, "scenario.yaml"), f"title: A title\n{text}\n")


def outcome(text):
    ran = hldsim("run", scenario(text), "--json")
    if ran.returncode not in (0, 1):
        raise AssertionError(ran.stderr)
    return json.loads(ran.stdout)[0]


class Starts(unittest.TestCase):
    REFUSED = "detector: {design: direct-route, options: {timer: 40}}\nuntil: 1 s\n"

    def test_a_detector_that_refuses_to_start_is_no_success(self):
        one = outcome(self.REFUSED)
        self.assertEqual(["loads: true    the detector refuses to start: -22 (-v shows its words)"], one["unmet"])

    def test_unless_the_scenario_says_so(self):
        self.assertEqual([], outcome(self.REFUSED + "expect: {loads: false}")["unmet"])
        self.assertEqual(["loads: false    the detector starts"],
                         outcome("detector: {design: direct-route}\nuntil: 1 s\nexpect: {loads: false}")["unmet"])

    def test_a_line_of_the_kernel_is_there_or_not(self):
        there = self.REFUSED + 'expect: {loads: false, prints: ["no HPET timer 40"]}'
        self.assertEqual([], outcome(there)["unmet"])
        unmet = outcome(there.replace("40\"", "41\""))["unmet"]
        self.assertEqual(["prints: no HPET timer 41    no line of the kernel has it (-v shows them)"], unmet)

    def test_a_run_that_ends_before_boot_is_no_success(self):
        for loads in ("true", "false"):
            one = outcome(f"detector: {{design: direct-route}}\nuntil: 5 ms\nexpect: {{loads: {loads}}}")
            self.assertEqual(("unexpected", [f"loads: {loads}    boot has not ended at 5 ms, the end of the run"]),
                             (one["outcome"], one["unmet"]))

    def test_boot_has_ended_when_the_last_initcall_has_returned(self):
        ran = hldsim("run", scenario("detector: {design: direct-route}\nevents: [{at: 1 ms, offline: 2}]"))
        self.assertEqual(2, ran.returncode)
        self.assertIn("boot has not ended at 1 ms", ran.stderr)
        self.assertRegex(ran.stderr, r"expected an instant from 13\.\d+ ms on")


class Events(unittest.TestCase):
    FAILS = 'detector: {design: direct-route}\nevents: [{at: 5 s, offline: {cpu: 2, fails_at: "%s"}}]\n'

    def test_a_hotplug_callback_that_fails_is_rolled_back(self):
        stats = outcome(self.FAILS % "smpboot/threads:online")["stats"]
        self.assertEqual("1", stats["hotplug.failed"])
        self.assertNotEqual("1", stats.get("hotplug.completed", "0"))

    def test_a_callback_that_there_is_not_is_an_error(self):
        ran = hldsim("run", scenario(self.FAILS % "hld:onlin"))
        self.assertEqual(2, ran.returncode)
        self.assertIn("no hotplug callback 'hld:onlin' on the way down; did you mean 'hld:online'?", ran.stderr)

    def test_a_write_is_no_hotplug(self):
        """The file refuses it: no CPU that is left is online."""
        stats = outcome("detector: {design: direct-route}\nevents:\n  - {at: 4 s, offline: 2}\n"
                        "  - {at: 6 s, write: {file: /proc/irq/hpet/smp_affinity, value: 4}}")["stats"]
        self.assertEqual(("1", "0"), (stats["hotplug.completed"], stats["hotplug.failed"]))

    def lost(self, what):
        """How many of the HPET's messages were taken by no CPU as an NMI."""
        stats = outcome("detector: {design: direct-route}\nevents:\n  - {at: 4 s, message: %s}\nexpect:\n"
                        "  allow: [rotation-chain-break, INV-cover, INV-conserve, INV-silent]" % what)["stats"]
        self.assertGreater(int(stats["nmi.posted"]), 4)
        return int(stats["nmi.posted"]) - int(stats["nmi.taken"])

    def test_a_fault_meets_the_messages_of_its_own_source(self):
        self.assertEqual(0, self.lost("{source: ioapic, do: drop}"))
        self.assertEqual(1, self.lost("{source: hpet, do: drop}"))

    def test_a_corrupt_message_is_no_nmi_any_more(self):
        self.assertEqual(1, self.lost("{source: hpet, do: corrupt}"))


class Endings(unittest.TestCase):
    """The machine begins anew: by an INIT to CPU 0, as the HPET's NMI is where the host takes its code for another's."""
    INIT = "machine: {set: {fabric.delivery_encoding: hypertransport}}\ndetector: {design: direct-route}\nuntil: 12 s\n"
    REASON = "CPU 0 took an INIT: it begins at the reset vector, and firmware is not simulated"

    def test_a_window_of_an_event_that_the_run_does_not_come_to_is_not_searched(self):
        file = w.write(os.path.join(w.Place.folder, "ended.yaml"),
                       f"title: A title\n{self.INIT}events: [{{at: 5 s, offline: 2}}]\n")
        window = w.runs(file, command="window")[0]
        self.assertRegex(window["unsearched"], r"^the run ends at 2\.51\d+ s, before event 1$")

    def test_an_init_to_the_boot_cpu_ends_the_run_and_says_why(self):
        one = outcome(self.INIT)
        self.assertEqual(("boot-cpu-init", self.REASON, "unexpected"),
                         (one["ended"], one["end_reason"], one["outcome"]))
        self.assertLess(int(one["end_fs"]), 3 * 10 ** 15)  # by the first message, not at the end of the time
        self.assertEqual(["ends: time    reset"], [unmet for unmet in one["unmet"] if unmet.startswith("ends")])
        told = re.sub(r"\s+", " ", hldsim("run", scenario(self.INIT)).stdout)
        self.assertIn(f"boot-cpu-init, {self.REASON}", told)

    def test_an_init_is_told_where_it_came_and_what_it_did(self):
        for cpu, does in ((0, "INIT: begins at the reset vector"), (2, "INIT: waits for SIPI")):
            text = self.INIT + f"events: [{{at: 1 s, message: {{source: hpet, do: misroute, to: {cpu}}}}}]\n"
            told = hldsim("run", scenario(text), "-v").stdout
            self.assertRegex(told, r"(?m)^  2\.51\d+ .*o-+>\| LAPIC #\d+ INIT\b")
            self.assertRegex(told, rf"(?m)^  2\.51\d+ .* {does}\b")
            flat = re.sub(r"\s+", " ", told)
            self.assertIn(f"CPU {cpu} accepted the message as an INIT, not as an NMI, at 2.51", flat)
            stats = outcome(text)["stats"]
            self.assertEqual(("0", str(1 + (cpu == 2))), (stats["nmi.accepted"], stats["nmi.posted"]))

    def test_for_a_scenario_it_is_a_reset(self):
        self.assertEqual([], outcome(self.INIT + "expect: {ends: reset}")["unmet"])

    def test_the_schema_knows_both_ways_to_a_reset(self):
        ended = [outcome(self.INIT)["ended"],
                 json.loads(hldsim("run", "scenarios/hazards/mask/wfs-latches.yaml", "--json").stdout)[0]["ended"]]
        with open(os.path.join(w.Place.root, "tools/harness/report/run.schema.json"), encoding="utf-8") as file:
            known = json.load(file)["definitions"]["run"]["properties"]["ended"]["enum"]
        self.assertEqual(["boot-cpu-init", "triple-fault"], ended)
        self.assertEqual(set(), set(ended) - set(known))


class Thresholds(unittest.TestCase):
    def test_a_quiet_machine_is_covered_with_any_threshold(self):
        for threshold in (1, 30, 60):
            one = outcome(f"detector: {{design: direct-route}}\nkernel: {{watchdog_thresh: {threshold} s}}\n"
                          f"until: {6 * threshold} s")
            self.assertEqual(("as-expected", []), (one["outcome"], one["findings"]), threshold)


class Stopped(unittest.TestCase):
    """Of a run that is stopped early nothing is met or unmet that what comes later may decide."""

    def replayed(self, replay, until):
        ran = hldsim("replay", replay, "--until", until, "--json")
        return ran.returncode, json.loads(ran.stdout)[0]

    def test_replay_stops_so_long_after_power_on(self):
        code, one = self.replayed(RACE + "#events.1.at=5s", "4 s")
        self.assertEqual((75, "4000000000000000", True), (code, one["end_fs"], one["stopped"]))

    def test_what_is_not_found_by_then_is_not_judged(self):
        code, one = self.replayed(RACE + "#events.1.at=5000165571081082fs", "5.0133s")
        self.assertEqual((75, "stopped", []), (code, one["outcome"], one["unmet"]))
        self.assertEqual(["always: rotate-to-dying    not found", "always: rotation-chain-break    not found"],
                         one["unjudged"])

    def test_the_line_that_makes_it_again_stops_there_too(self):
        ran = hldsim("replay", RACE + "#events.1.at=5000165571081082fs", "--until", "5.0133 s")
        again = ran.stdout.strip().split("\n")[-1]
        self.assertEqual(f"hldsim replay {RACE}#events.1.at=5000165571081082fs --until 5013300us", again)
        self.assertEqual((75, ran.stdout), (lambda one: (one.returncode, one.stdout))(hldsim(*again.split()[1:])))

    def test_a_stop_behind_the_end_stops_nothing(self):
        code, one = self.replayed(w.run(RACE)["replay"].split()[-1], "10 min")
        self.assertEqual((0, "as-expected", False), (code, one["outcome"], one["stopped"]))

    def test_a_run_that_ends_by_itself_before_is_judged(self):
        code, one = self.replayed("scenarios/claims/no-lock-in-nmi/own-lock.yaml", "10 min")
        self.assertEqual((0, "deadlock", False), (code, one["ended"], one["stopped"]))

    def test_an_event_that_waits_for_a_point_does_not_put_off_the_stop(self):
        file = scenario("detector: {design: direct-route}\nevents:\n"
                        "  - {when: {cpu: 1, nmi: taken}, stuck: {cpu: 1, kind: irq-off, for: 1 s}}")
        code, one = self.replayed(file, "4 s")
        self.assertEqual((75, "4000000000000000", []), (code, one["end_fs"], one["unmet"]))

    def test_each_expectation_that_may_still_be_met_is_named(self):
        file = scenario("detector: {design: direct-route}\nevents: [{at: 5 s, stuck: {cpu: 1, kind: irq-off}}]\n"
                        "expect:\n  always: [nmi-own-lock]\n  sometimes: [nmi-desc-lock]\n  ends: panic\n"
                        "  reports: [{cpu: 1, after: 6 s, within: 20 s}]\n  prints: [no such line]\n"
                        "  count: {nmi.taken: {min: 1000000}, nmi.unknown: 0}")
        code, one = self.replayed(file, "6 s")
        self.assertEqual((75, "stopped", []), (code, one["outcome"], one["unmet"]))
        self.assertEqual(["always", "ends", "report", "count", "count", "prints", "sometimes"],
                         [text.split(":")[0] for text in one["unjudged"]])
        code, one = self.replayed(file, "30 s")
        self.assertEqual((75, []), (code, one["unmet"]))
        self.assertNotIn("report", " ".join(one["unjudged"]))

    def test_what_no_later_event_can_mend_is_unmet(self):
        file = scenario("detector: {design: direct-route}\nevents: [{at: 5 s, stuck: {cpu: 1, kind: irq-off}}]\n"
                        "expect: {count: {nmi.taken: 0}, reports: [{cpu: 1, after: 0 s, within: 1 s}]}")
        code, one = self.replayed(file, "8 s")
        self.assertEqual((1, "unexpected"), (code, one["outcome"]))
        self.assertEqual(["report", "count"], [text.split(":")[0] for text in one["unmet"]])


class Reports(unittest.TestCase):
    def unmet(self, events, report):
        return outcome(f"detector: {{design: direct-route}}\nevents: [{events}]\nuntil: 40 s\n"
                       f"expect: {{allow: [INV-complete, stuck-irqoff], reports: [{report}]}}")["unmet"]

    def test_a_report_that_came_at_another_time_is_told_with_its_time(self):
        stuck = "{at: 5 s, stuck: {cpu: 1, kind: irq-off, for: 12 s}}"
        unmet = self.unmet(stuck, "{cpu: 1, after: 1 s, within: 5 s}")
        self.assertEqual(1, len(unmet))
        self.assertRegex(unmet[0], r"^report: CPU 1 between 1 s and 5 s after it got stuck    it came after 10\.01\d* s$")

    def test_both_ends_of_the_time_for_a_report_belong_to_it(self):
        stuck = "{at: 5 s, stuck: {cpu: 1, kind: irq-off, for: 12 s}}"
        (told,) = self.unmet(stuck, "{cpu: 1, after: 1 s, within: 5 s}")
        after = int(told.split("it came after ")[1].split(" s")[0].replace(".", "").ljust(17, "0"))  # 10.0 s, in fs
        second = 10 ** 15
        for earliest, latest, unmet in ((0, second, 0), (1, second, 1), (-second, 0, 0), (-second, -1, 1)):
            report = f"{{cpu: 1, after: {after + earliest}fs, within: {after + latest}fs}}"
            self.assertEqual(unmet, len(self.unmet(stuck, report)), report)

    def test_that_no_report_came_is_said(self):
        unmet = self.unmet("{at: 5 s, stuck: {cpu: 1, kind: irq-off, for: 1 s}}", "{cpu: 1, after: 1 s, within: 5 s}")
        self.assertEqual(["report: CPU 1 between 1 s and 5 s after it got stuck    none came"], unmet)


    def test_a_report_that_is_not_expected_does_not_read_as_a_wrong_one(self):
        """The lockup is a true one: it is the scenario that does not say that it is to be reported."""
        (unmet,) = self.unmet("{at: 5 s, stuck: {cpu: 1, kind: irq-off, for: 12 s}}", "")
        self.assertRegex(unmet, r"^report: none of CPU 1 is expected    it was named at 15\.\d+ s$")


class CommandLine(unittest.TestCase):
    def test_a_word_that_the_kernel_does_not_know_is_told_once(self):
        file = scenario("detector: {design: direct-route}\nuntil: 1 s\n"
                        "kernel: {cmdline: 'quiet unknown_nmi_panc quiet hld.perf'}")
        ran = hldsim("run", file)
        self.assertEqual(0, ran.returncode, ran.stderr)
        self.assertIn("  kernel command line: unknown word 'quiet'\n  kernel command line: unknown word "
                      "'unknown_nmi_panc'; did you mean 'unknown_nmi_panic'?\n", ran.stdout)
        self.assertEqual(2, ran.stdout.count("unknown word"))
        (one,) = json.loads(hldsim("run", file, "--json").stdout)
        self.assertEqual([{"word": "quiet", "nearest": None}, {"word": "unknown_nmi_panc", "nearest": "unknown_nmi_panic"}],
                         one["unknown_words"])


class One(unittest.TestCase):
    def test_what_a_file_shows_sometimes_is_not_judged_by_one_of_its_runs(self):
        file = "scenarios/claims/irte-per-cpu/entry-reread.yaml"
        unjudged = 0
        for one in w.runs(file):
            ran = hldsim("replay", one["replay"].split("replay ", 1)[1].strip("'"), "--json")
            again = json.loads(ran.stdout)[0]
            self.assertEqual((0, "as-expected", []), (ran.returncode, again["outcome"], again["unmet"]))
            found = {finding["hazard"] for finding in again["findings"]}
            left = [f"sometimes: {name}    not in this run; 'hldsim run' looks at all runs of the file"
                    for name in ("iec-stale-entry", "irte-p-cleared-in-flight") if name not in found]
            self.assertEqual(left, again["unjudged"])
            unjudged += len(left)
        self.assertGreater(unjudged, 0)


    def test_what_no_run_of_a_file_shows_fails_the_last_of_them(self):
        file = scenario("detector: {design: direct-route}\nevents: [{at: 1 s, smi: {cpus: [0], for: 1 ms}}]\nuntil: 1 s\n"
                        "vary: {events.1.at: [1 s, 2 s]}\nexpect: {sometimes: [nmi-own-lock]}")
        ran = hldsim("run", file, "--json")
        self.assertEqual((1, ["as-expected", "unexpected"]),
                         (ran.returncode, [one["outcome"] for one in json.loads(ran.stdout)]))


class Tools(unittest.TestCase):
    def test_window_tries_the_instant_of_the_event_itself(self):
        ran = hldsim("window", RACE, "--step", "60 s", "--range=-5min..10min", "--json")
        windows = {one["hazard"]: one["width_cycles"] for one in json.loads(ran.stdout)[0]["windows"]}
        self.assertEqual("519", str(windows.get("rotate-to-dying")))

    def test_window_says_what_a_search_without_a_window_is_worth(self):
        ran = hldsim("window", RACE, "--range=1ms..2ms", "--step", "10us")
        self.assertRegex(ran.stdout, r"no window within the range, in \d+ runs 37,000 cycles apart: a narrower window may")

    def landed(self, action, that, side, other):
        file = w.write(os.path.join(w.Place.folder, f"{side}-anyway.yaml"),
                       "title: A title\ndetector: {design: direct-route}\nkernel: {cmdline: hld.backtrace}\nevents:\n"
                       f"  - {{at: 5 s, {action}, aim: {{that: {that}, {side}: {other}}}}}\n"
                       "expect: {allow: [rotate-to-dying, rotation-chain-break, tsc-window-false-claim, INV-conserve]}\n")
        landing = w.run(file)["landings"][0]
        self.assertTrue(landing["found"], landing["explanation"])
        return int(landing["at_fs"])

    def test_what_the_event_brings_about_meets_what_comes_anyway_on_either_side(self):
        """The later the event, the later what it brings about: here that is the point that the aim begins with."""
        for action, that, other in (("offline: 2", "{cpu: 2, becomes: dead}", "{cpu: 3, nmi: taken}"),
                                    ("nmi: {cpu: 1, source: ipi}", "{cpu: 1, nmi: taken, source: ipi}",
                                     "{cpu: 1, nmi: taken}")):
            before = self.landed(action, that, "before", other)
            after = self.landed(action, that, "after", other)
            self.assertLess(before, after)
            self.assertLess(after - before, 11 * 10**14, "an idle CPU's access before its NMI is a heartbeat, 1 s ago")

    def test_an_aim_lands_in_the_first_interval_whatever_the_end_of_its_range_meets(self):
        """At the end of the range an NMI comes just behind the event, and looks like what the event brings about."""
        mask = "{cpu: 2, in: hld_cpu_offline, updates: hld.monitored_mask}"
        taken = "{cpu: 1, nmi: taken}"
        one = self.landed("offline: 2", mask, "after", taken)
        other = self.landed("offline: 2", taken, "before", mask)
        for landed in (one, other):
            self.assertTrue(5 * w.FS < landed < 5 * w.FS + w.FS // 1000, landed)
        self.assertLess(abs(one - other), 10**9, "the same meeting from both sides, less than 1 us apart")

    def test_a_lock_is_met_where_its_word_is_accessed(self):
        def landed(side, access):
            file = w.write(os.path.join(w.Place.folder, "lock.yaml"), "title: A title\ndetector: {design: lock-affinity}\n"
                           "events:\n  - at: 5 s\n    offline: 2\n    aim:\n      that: {cpu: 1, nmi: taken}\n"
                           f"      {side}: {{cpu: 2, in: hld_cpu_offline, {access}: hld_lock}}\n")
            landing = w.run(file)["landings"][0]
            self.assertTrue(landing["found"], landing["explanation"])
            return landing["at_fs"]

        for side in ("before", "after"):
            self.assertEqual(landed(side, "writes"), landed(side, "unlocks"))
            self.assertEqual(landed(side, "updates"), landed(side, "locks"))

    def test_what_waits_for_a_point_begins_there_for_every_cpu(self):
        """CPU 2 comes to the point 13 ms after anything else has happened: it runs ahead of the machine."""
        mask = "{cpu: 2, in: hld_cpu_offline, updates: hld.monitored_mask}"
        file = w.write(os.path.join(w.Place.folder, "all.yaml"), "title: A title\ndetector: {design: direct-route}\n"
                       "events:\n  - {at: 4999 ms, offline: 2}\n"
                       f"  - {{when: {mask}, stuck: {{cpu: 1, kind: irq-off, for: 1 ms}}}}\n")
        ran = hldsim("run", file, "-v")
        self.assertEqual(0, ran.returncode, ran.stderr)
        began = float(re.search(r"\n +([0-9.]+) .*gets stuck", ran.stdout)[1])
        self.assertTrue(5.012 < began < 5.0121, began)

    def test_a_leaving_cpu_is_met_where_its_bit_is_cleared(self):
        """The state's name in place of the code that makes it: to the cycle, on either side."""
        for side in ("before", "after"):
            self.assertEqual(
                *(self.landed("offline: 2", "{cpu: 2, nmi: taken}", side, other)
                  for other in ("{cpu: 2, becomes: leaving}",
                                "{cpu: 2, in: hld_cpu_offline, updates: hld.monitored_mask}")))

    def test_a_cpu_that_was_not_monitored_is_leaving_from_its_first_callback_on(self):
        def began(state, cpu=1):
            file = w.write(os.path.join(w.Place.folder, "state.yaml"), "title: A title\ndetector: {design: direct-route}\n"
                           "events:\n  - {at: 2 s, write: {file: watchdog_cpumask, value: 0-1}}\n  - {at: 3 s, offline: 2}\n"
                           f"  - {{when: {{cpu: 2, becomes: {state}}}, smi: {{cpus: [{cpu}], for: 5 us}}}}\n")
            ran = hldsim("run", file, "-v")
            self.assertEqual(0, ran.returncode, ran.stderr)
            return float(re.search(r"\n +([0-9.]+)  operator: SMI", ran.stdout)[1])

        self.assertLess(3, began("leaving"))
        self.assertLess(began("leaving"), began("offline"))
        self.assertLess(abs(began("leaving") - began("leaving", 2)), 1e-6, "in another CPU, or in itself")

    def test_the_words_that_a_scenario_may_write_are_those_that_the_kernel_knows(self):
        """Each word with each of its values, as the C of the tree spells them; the run says which it does not know."""
        words = set()
        for folder, _, files in os.walk(os.path.join(w.Place.root, "detector/kernel")):
            for name in files:
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    words |= set(re.findall(r'"(hld\.[a-z_]+(?:=[a-z0-9]+)?)"', file.read()))
        self.assertTrue({"hld.cstate=c6", "hld.irte_update=words", "hld.hpet=legacy"} <= words, words)
        for word in sorted(words) + ["intremap=off", "intremap=nosid", "unknown_nmi_panic", "hld.perf=1000000000"]:
            file = w.write(os.path.join(w.Place.folder, "word.yaml"), "title: A title\ndetector: {design: direct-route}\n"
                           f"kernel: {{cmdline: {word}}}\nuntil: 1 s\n")
            ran = hldsim("run", file, "-v")
            self.assertEqual(0, ran.returncode, ran.stderr)
            self.assertNotIn("unknown word", ran.stdout)

    def test_window_says_in_which_range_it_searched(self):
        """Whether it found a window there or not; a range that begins before boot has ended begins at its end."""
        for around, first, last in ((5 * w.FS, -1_000_000, 2_000_000), (w.FS, -10 * w.FS, 2_000_000)):
            ran = hldsim("window", RACE, "--set", f"events.1.at={around}fs", f"--range={first}fs..{last}fs", "--json")
            one = json.loads(ran.stdout)[0]["searched"]
            self.assertEqual((1, str(around)), (one["event"], one["around_fs"]))
            self.assertLess(int(one["to_fs"]) - (around + last), w.FS // w.CORE_HZ + 1)
            self.assertEqual("8", one["to_cycles"])
            self.assertEqual(first == -1_000_000, one["from_cycles"] == "-3")
            self.assertGreater(int(one["from_fs"]), 0)
        ran = hldsim("window", RACE, "--set", "events.1.at=5s", "--range=-1ns..2ns")
        self.assertIn("  searched: event 1 around 5.000000000000000 s, from -3 to +8 cycles\n"
                      "            4.999999999189190 s to 5.000000002162163 s\n", ran.stdout)
        ran = hldsim("window", RACE, "--range=-1ns..1ns")
        self.assertIn("  cycles count from events.1.at=", ran.stdout)
        self.assertRegex(ran.stdout, r"\n  searched: event 1 around 5\.\d{15} s, from -3 to \+4 cycles\n")


if __name__ == "__main__":
    w.main(__doc__)
