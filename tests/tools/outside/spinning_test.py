# SPDX-License-Identifier: Apache-2.0
"""Code of a detector that never ends, elsewhere than in an NMI, and CPUs that wait for one that is stuck."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

OWN = """
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/module.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <asm/apic.h>
static int flag;
static struct hrtimer timer;
static enum hrtimer_restart tick(struct hrtimer *t)
{
	TICK;
	return HRTIMER_NORESTART;
}
static void fn(struct work_struct *w)
{
	WORK;
}
static DECLARE_WORK(work, fn);
static void begin(void *unused)
{
	hrtimer_init(&timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED);
	timer.function = tick;
	hrtimer_start(&timer, ms_to_ktime(500), HRTIMER_MODE_REL_PINNED);
	schedule_work(&work);
}
static int __init init(void)
{
	int ret = smp_call_function_single(2, begin, NULL, 1);

	INIT;
	return ret;
}
late_initcall(init);
"""

class Spinning(unittest.TestCase):
    def found(self, name, tick="", work="", init="", until="12 s", events=""):
        text = OWN.replace("TICK;", tick).replace("WORK;", work).replace("\tINIT;", f"\t{init};")
        source = w.write(os.path.join(w.Place.folder, name + ".c"), text)
        made = os.path.join(w.Place.folder, name + ".so")
        w.compiled([source, f"--kernel={w.Place.kernel}", "-o", made])
        file = w.write(os.path.join(w.Place.folder, name + "-own.yaml"),
                       f"title: A title\ndetector: {{object: {made}}}\nuntil: {until}\n{events}")
        one = w.run(file)
        return [(f["hazard"], f["cpu"], f["sentence"].rsplit(" that began")[0].rsplit(" for ")[0], f["where"])
                for f in one["findings"]]

    def test_an_interrupt_that_spins_is_found(self):
        for name, body in (("irq-flag", "while (!READ_ONCE(flag)) cpu_relax();"), ("irq-udelay", "for (;;) udelay(50);")):
            (hazard, cpu, sentence, where), = self.found(name, tick=body)
            self.assertEqual(("INV-progress", 2, "an interrupt on CPU 2"), (hazard, cpu, sentence))
            self.assertIn("tick", where["function"])

    def test_a_work_that_spins_is_found(self):
        (hazard, cpu, sentence, where), = self.found("work-flag", work="while (!READ_ONCE(flag)) cpu_relax();")
        self.assertEqual(("INV-progress", 2, "a task on CPU 2 has not slept"), (hazard, cpu, sentence))
        self.assertIn("fn", where["function"])

    def test_a_work_that_sleeps_again_and_again_is_at_home(self):
        self.assertEqual([], self.found("work-sleeps", work="while (!READ_ONCE(flag)) msleep(100);"))

    def test_a_cpu_that_an_init_has_taken_from_it_spins_no_longer(self):
        for name, init, spins in (("goes-on", "msleep(1)", 1), ("init", "msleep(1); apic_icr_write(APIC_INT_ASSERT | APIC_DM_INIT, 2)", 0)):
            found = self.found(name, work="while (!READ_ONCE(flag)) cpu_relax();", init=init)
            self.assertEqual(spins, len([one for one in found if one[0] == "INV-progress"]), name)

    def test_an_operator_who_waits_behind_it_is_no_finding_of_its_own(self):
        found = self.found("behind", work="while (!READ_ONCE(flag)) cpu_relax();",
                           events="events: [{at: 2 s, offline: 2}]\n")
        self.assertEqual([("INV-progress", 2)], [one[:2] for one in found])


class Reports(unittest.TestCase):
    """CPU 1 is stuck in its heartbeat with a lock that the others' heartbeats wait for."""

    def ran(self, expect, length=""):
        detector = w.detector("spinning-lock", "core/hld_check.c", [
            ("#include <linux/percpu.h>\n", "#include <linux/percpu.h>\n#include <linux/spinlock.h>\n"),
            ("static enum hrtimer_restart hld_beat(",
             "static DEFINE_RAW_SPINLOCK(beats);\n\nstatic void taken(void)\n{\n\traw_spin_lock(&beats);\n"
             "\traw_spin_unlock(&beats);\n}\n\nstatic enum hrtimer_restart hld_beat("),
            ("\t__this_cpu_inc(hld_heartbeat);\n", "\t__this_cpu_inc(hld_heartbeat);\n\ttaken();\n")])
        file = w.write(os.path.join(w.Place.folder, "held.yaml"),
                       "title: A title\ndetector: {design: direct-route}\n"
                       f"events: [{{when: {{cpu: 1, in: taken, locks: beats}}, stuck: {{cpu: 1, kind: irq-off{length}}}}}]\n"
                       f"until: 40 s\nexpect: {expect}\n")
        return w.run(file, detector=detector)

    def test_the_run_goes_on_for_reports_that_are_expected(self):
        one = self.ran("{always: [INV-wait-graph], reports: [{cpu: 1, after: 4 s, within: 30 s}]}")
        self.assertEqual(("time", []), (one["ended"], one["unmet"]))
        self.assertEqual({1, 0, 2, 3}, {report["cpu"] for report in one["reports"]}, "who waits is held up, too")

    def test_without_any_it_ends_as_a_deadlock(self):
        self.assertEqual(["deadlock", []], [self.ran("{always: [INV-wait-graph], ends: deadlock}")[key]
                                              for key in ("ended", "unmet")])


if __name__ == "__main__":
    w.main(__doc__)
