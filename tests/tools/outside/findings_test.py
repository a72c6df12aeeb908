# SPDX-License-Identifier: Apache-2.0
"""What every finding carries, whatever it is about: evidence inside the run, and the way of the NMI that has part in it."""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

LOCKS = "scenarios/claims/no-lock-in-nmi/"
FOLDERS = [LOCKS, "scenarios/hazards", "scenarios/stuck", "scenarios/claims/late-nmi-on-cpu-down/direct-route.yaml"]


def hops(finding):
    return [hop["hop"] for hop in finding["token"]]


class Findings(unittest.TestCase):
    def test_a_run_ends_with_its_last_event_or_later(self):
        seen = 0
        for one in (run for folder in FOLDERS for run in w.runs(folder)):
            for finding in one["findings"]:
                for what in [finding, *finding["interleaving"], *finding["token"]]:
                    self.assertLessEqual(int(what["at_fs"]), int(one["end_fs"]), f"{one['scenario']}: {what}")
                    seen += 1
        self.assertGreater(seen, 100)

    def test_a_run_that_ends_by_time_ends_at_that_time(self):
        one = w.run("scenarios/stuck/warm.yaml", {"until": "13.000000000001 s"})
        self.assertEqual(("time", "18000000000001000"), (one["ended"], one["end_fs"]))

    def test_a_run_ends_so_long_after_its_last_act(self):
        """`until` behind the last pass of a repeat, and behind an event that waits for a point; else three thresholds."""
        smi = "smi: {cpus: [0], for: 1 ms}"
        for event, until, end in ((f"at: 1 s, repeat: {{times: 3, every: 4 s, do: [{{{smi}}}]}}", "2 s", 11),
                                  (f"at: 1 s, {smi}", None, 31), (f"when: {{cpu: 1, nmi: taken}}, {smi}", "6 s", None)):
            text = f"title: A title\ndetector: {{design: direct-route}}\nevents: [{{{event}}}]\n"
            one = w.run(w.write(os.path.join(w.Place.folder, "ends.yaml"), text + (f"until: {until}\n" if until else "")))
            self.assertEqual("as-expected", one["outcome"], event)
            if end:
                self.assertEqual(end * 10 ** 15, int(one["end_fs"]), event)
            else:  # CPU 1 takes its first NMI at 5 s and a little
                self.assertEqual(11, int(one["end_fs"]) // 10 ** 15, event)

    def test_a_deadlock_carries_the_way_of_the_nmi_that_waits(self):
        for file, hazard in (("own-lock", "nmi-own-lock"), ("descriptor-lock", "nmi-desc-lock"),
                             ("owner-stuck", "nmi-lock-owner-stuck")):
            one = w.run(f"{LOCKS}{file}.yaml")
            self.assertEqual("deadlock", one["ended"])
            finding = next(f for f in one["findings"] if "INV-wait-graph" in f["invariants"])
            self.assertEqual((hazard, "nmi"), (finding["hazard"], finding["context"]))
            self.assertEqual(["matched", "posted", "accepted", "taken"], hops(finding), "it never returns")
            self.assertLessEqual(int(finding["token"][-1]["at_fs"]), int(finding["at_fs"]))
            shown = {row["at_fs"] for row in finding["interleaving"]}
            self.assertLessEqual({hop["at_fs"] for hop in finding["token"]}, shown, "and its hops are evidence")

    def test_a_lock_class_carries_the_nmi_that_took_the_lock(self):
        for finding in w.run(LOCKS + "no-collision.yaml")["findings"]:
            if finding["invariants"] == ["INV-lock-class"]:
                self.assertEqual(["matched", "posted", "accepted", "taken", "returned"], hops(finding))

    def locking(self, name, in_nmi, in_task, above=""):
        """direct-route with these statements in its NMI handler and where it clears the bits of CPUs that go."""
        body = "static void my_nmi(struct hld *hld, unsigned int this_cpu)\n{\n\t" + in_nmi + \
               "\n\thld_rotate(hld, this_cpu);\n}\n"
        clears = "\t\tcpumask_clear_cpu(cpu, &hld->monitored_mask);\n"
        return w.detector("findings-" + name, "designs/direct_route.c", [
            ("#include <linux/cpumask.h>\n", "#include <linux/cpumask.h>\n#include <linux/delay.h>\n"
             "#include <linux/spinlock.h>\n#include <linux/workqueue.h>\n#include <linux/bit_spinlock.h>\n"),
            ("static enum hld_retarget hld_retarget;\n",
             f"static enum hld_retarget hld_retarget;\nstatic DEFINE_RWLOCK(l);\n{above}{body}"),
            ("\t.nmi = hld_rotate,", "\t.nmi = my_nmi,"), (clears, clears + "\n\t" + in_task + "\n")])

    def offline(self, name):
        return w.write(os.path.join(w.Place.folder, name + ".yaml"),
                       "title: A title\ndetector: {design: direct-route}\nevents: [{at: 5 s, offline: 2}]\nuntil: 25 s\n")

    def test_a_bit_that_is_a_lock_deadlocks_as_any_other(self):
        take = "bit_spin_lock(3, &bits); bit_spin_unlock(3, &bits);"
        made = self.locking("bit", take, take, above="static unsigned long bits;\n")
        found = [f for f in w.run(self.offline("bit"), detector=made)["findings"] if f["hazard"] == "nmi-own-lock"]
        self.assertEqual(1, len(found))
        self.assertIn("bits:3", json.dumps(found))

    def test_an_nmi_that_reads_waits_for_writers_alone(self):
        for in_nmi, in_task, expected in (("read", "read", 0), ("read", "write", 1), ("write", "read", 1)):
            name = f"{in_nmi}-{in_task}"
            made = self.locking(name, f"{in_nmi}_lock(&l); {in_nmi}_unlock(&l);",
                                f"{in_task}_lock(&l); {in_task}_unlock(&l);")
            found = [f["hazard"] for f in w.run(self.offline(name), detector=made)["findings"]]
            self.assertEqual(expected, found.count("nmi-own-lock"), name)

    def test_an_nmi_that_reads_passes_the_reader_that_it_interrupted(self):
        """CPU 1 waits in task and in NMI for CPU 2, which writes: both go on when that has done so."""
        above = ("static void reads(struct work_struct *w) { read_lock(&l); read_unlock(&l); }\n"
                 "static DECLARE_WORK(reader, reads);\n")
        made = self.locking("pass", "if (this_cpu == 1) { read_lock(&l); read_unlock(&l); }",
                            "write_lock(&l); schedule_work_on(1, &reader); mdelay(11000); write_unlock(&l);", above)
        one = w.run(self.offline("pass"), detector=made)
        self.assertEqual("time", one["ended"])
        told = w.hldsim("run", self.offline("pass"), "--detector", made, "-v", "--color", "never")
        spins = [line for line in told.splitlines() if line.startswith(" ") and "| spins on l" in line]
        self.assertEqual([False, True], ["|| spins" in line for line in spins], told)

    def test_the_release_of_a_lock_that_nobody_holds_is_told_where_it_is_made(self):
        made = self.locking("unlock", "write_unlock(&l);", "")
        found = [f for f in w.run(self.offline("unlock"), detector=made)["findings"] if f["hazard"] == "INV-context"]
        self.assertEqual(["nmi"], [f["context"] for f in found])
        self.assertIn(" released l, which nobody held, in an NMI at ", found[0]["sentence"])
        self.assertEqual("my_nmi", found[0]["where"]["function"])

    def test_a_callback_that_never_returns_is_told_with_its_place_and_the_lock_that_it_waits_for(self):
        made = self.locking("callback", "(void)this_cpu;", "cpus_read_lock(); cpus_read_unlock();",
                            "#include <linux/cpu.h>\n")
        one = w.run(self.offline("callback"), detector=made)
        finding = next(f for f in one["findings"] if f["hazard"] == "INV-progress")
        self.assertTrue(finding["sentence"].endswith("of CPU 2, which goes down, and waits for cpu_hotplug_lock, which CPU 0 "
                                                     "has taken"), finding["sentence"])
        shown = {row["what"]: row["where"] for row in finding["interleaving"]}
        self.assertEqual("down_read", shown["waits for cpu_hotplug_lock"]["function"])
        self.assertIn("direct_route.c", shown["has not returned"]["file"])
        self.assertEqual(shown["has not returned"], finding["where"])

    def test_the_end_of_the_rotation_carries_the_nmi_that_ends_it(self):
        last = {"scenarios/stuck/in-nmi.yaml": "accepted",
                "scenarios/claims/late-nmi-on-cpu-down/direct-route.yaml": "returned"}
        for scenario, hop in last.items():
            chain = [f for f in w.run(scenario)["findings"] if f["hazard"] == "rotation-chain-break"]
            self.assertEqual([hop], [hops(f)[-1] for f in chain], scenario)

    def test_what_comes_of_an_nmi_that_a_scenario_makes_is_shown_though_nothing_is_found(self):
        text = w.hldsim("run", "scenarios/claims/no-fast-reason/during.yaml", "-v", "--color", "never")
        behind = text.split("NMI (perf) for CPU 1", 1)[1]
        for words in ("handler PMI: NMI_HANDLED", "handler hld: NMI_HANDLED", "taken for back-to-back: swallowed"):
            self.assertIn(words, behind)
        self.assertLess(len(behind.splitlines()), 40, "and not the rest of the run")


if __name__ == "__main__":
    w.main(__doc__)
