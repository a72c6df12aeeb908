# SPDX-License-Identifier: Apache-2.0
"""What a result counts."""
import json
import os
import shlex
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

SOLVED = "scenarios/claims/late-nmi-on-cpu-down/direct-route.yaml"
IMPOSSIBLE = "scenarios/claims/stop-before-mask/drain-ipi.yaml"


class Statistics(unittest.TestCase):
    def stats(self, events):
        file = w.write(os.path.join(w.Place.folder, "stats.yaml"), "title: A title\ndetector: {design: direct-route}\nuntil: 2 s\n"
                       "kernel: {cmdline: hld.perf}\nevents:\n"
                       f"{events}\nexpect: {{allow: [INV-claim, INV-conserve, INV-target]}}\n")
        return w.run(file)["stats"]

    def test_each_statistic_of_the_list_is_in_the_result(self):
        listed = {of: {row["statistic"] for row in json.loads(w.hldsim("list", "stats", "--json")) if row["of"] == of}
                  for of in ("run", "search")}
        self.assertEqual({"episodes", "window.step_cycles"}, listed["search"])
        self.assertEqual(listed["run"] | {"episodes"}, set(self.stats("  - {at: 1 s, smi: {cpus: all, for: 1 us}}")))
        one = json.loads(w.hldsim("window", SOLVED, "--range=0s..1ns", "--json"))[0]
        self.assertEqual(listed["run"] | listed["search"], set(one["stats"]))

    def test_the_runs_behind_a_verdict_are_counted(self):
        self.assertEqual("1", self.stats("  - {at: 1 s, smi: {cpus: all, for: 1 us}}")["episodes"])
        for file in (SOLVED, IMPOSSIBLE):
            one = w.run(file)
            searched = sum(int(landing["runs"]) for landing in one["landings"])
            self.assertGreater(searched, 1, file)
            self.assertEqual(str(1 + searched), one["stats"]["episodes"])
            again = json.loads(w.hldsim(*shlex.split(one["replay"])[1:], "--json"))[0]
            self.assertEqual("1", again["stats"]["episodes"])  # what was solved is given

    def test_each_nmi_writes_the_route_of_its_timer(self):
        stats = self.stats("  - {at: 9 s, smi: {cpus: all, for: 1 us}}")
        self.assertEqual(("4", "4"), (stats["nmi.claimed"], stats["hpet.nmi_writes"]))
        self.assertGreater(int(stats["hpet.writes"]), 4)

    def test_nmis_that_merge_into_a_latched_one_are_counted(self):
        """One is latched in SMM, and the two behind it are that one."""
        stats = self.stats("  - {at: 1 s, smi: {cpus: [0], for: 1 ms}}\n"
                           "  - {at: 1000100 us, repeat: {times: 3, every: 10 us, do: [{nmi: {cpu: 0, source: lint1}}]}}")
        self.assertEqual("2", stats["nmi.coalesced"])

    def test_what_is_taken_as_an_nmi_or_merges_into_one_was_accepted(self):
        """A counter's entry masks itself on delivery: behind the first there is nothing that could merge."""
        for source, merged in (("lint1", 2), ("perf", 0)):
            stats = self.stats("  - {at: 1 s, smi: {cpus: [0], for: 1 ms}}\n  - {at: 1000100 us, repeat: {times: 3, "
                               "every: 10 us, do: [{nmi: {cpu: 0, source: %s}}]}}" % source)
            accepted, coalesced, taken = (int(stats["nmi." + name]) for name in ("accepted", "coalesced", "taken"))
            self.assertEqual((merged, accepted), (coalesced, coalesced + taken))

    def test_a_message_that_comes_twice_is_accepted_twice_and_merges(self):
        stats = self.stats("  - {at: 4 s, message: {source: hpet, do: duplicate}}")
        accepted, coalesced, taken = (int(stats["nmi." + name]) for name in ("accepted", "coalesced", "taken"))
        self.assertEqual((1, taken + 1), (coalesced, accepted))

    def test_what_the_kernel_warns_of_is_counted_and_told(self):
        warns = w.detector("statistics-warns", "core/hld_core.c",
                           [("static int hld_cpu_offline(unsigned int cpu)\n{\n",
                             "static int hld_cpu_offline(unsigned int cpu)\n{\n\tWARN_ON(cpu != 7);\n"),
                            ('#include "hld.h"\n', '#include <linux/bug.h>\n#include "hld.h"\n')])
        file = w.write(os.path.join(w.Place.folder, "warns.yaml"),
                       "title: A title\ndetector: {design: direct-route}\nevents: [{at: 1 s, offline: 2}, {at: 2 s, offline: 3}]\nuntil: 3 s\n")
        outcome = w.run(file, detector=warns)
        self.assertEqual(("as-expected", "2"), (outcome["outcome"], outcome["stats"]["kernel.warnings"]))
        self.assertEqual("0", w.run(file)["stats"]["kernel.warnings"])
        self.assertRegex(w.hldsim("run", file, "--detector", warns).replace("\n    ", " "),
                         r"the kernel warned at 1\.\d+ s \(task\): WARNING: CPU: 2 at \S*hld_core\.c:\d+, and once more")

    def test_writes_beside_hotplug_in_one_event_are_no_hotplug(self):
        stats = self.stats("  - at: 1 s\n    repeat:\n      times: 2\n      every: 400 ms\n      do:\n"
                           "        - {offline: 2}\n        - {write: {file: watchdog_cpumask, value: '0-3'}}\n"
                           "        - {online: 2}\n")
        self.assertEqual(("4", "0"), (stats["hotplug.completed"], stats["hotplug.failed"]))

    def test_a_hotplug_that_finds_its_cpu_where_it_should_go_is_not_one_that_completed(self):
        stats = self.stats("  - {at: 1 s, offline: 2}\n  - {at: 2 s, offline: 2}\n  - {at: 3 s, online: 2}\n"
                           "  - {at: 4 s, online: 2}")
        self.assertEqual(("2", "0"), (stats["hotplug.completed"], stats["hotplug.failed"]))

    def test_of_two_tasks_for_one_cpu_the_one_that_moves_it_completed(self):
        stats = self.stats("  - {at: 1 s, offline: {cpu: 2, by: 0}}\n  - {at: 1001 ms, offline: {cpu: 2, by: 1}}")
        self.assertEqual(("1", "0"), (stats["hotplug.completed"], stats["hotplug.failed"]))


if __name__ == "__main__":
    w.main(__doc__)
