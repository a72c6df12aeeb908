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
/* the tick's */
	return HRTIMER_NORESTART;
}
static void fn(struct work_struct *w)
{
/* the work's */
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

/* the initcall's */
	return ret;
}
late_initcall(init);
"""
SPINS = "while (!READ_ONCE(flag)) cpu_relax();"
CASES = w.Cases()


class Spinning(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        CASES.in_object("spinning", OWN)

    def found(self, name, **values):
        file = w.write(os.path.join(w.Place.folder, "own.yaml"),
                       f"title: A title\ndetector: {{object: {CASES.object}}}\nuntil: 12 s\n")
        one = w.run(file, {**CASES.options(name), **values})
        return [(f["hazard"], f["cpu"], f["sentence"].rsplit(" that began")[0].rsplit(" for ")[0], f["where"])
                for f in one["findings"]]

    @CASES.case("irq-flag", tick=SPINS)
    @CASES.case("irq-udelay", tick="for (;;) udelay(50);")
    def test_an_interrupt_that_spins_is_found(self):
        for name in ("irq-flag", "irq-udelay"):
            (hazard, cpu, sentence, where), = self.found(name)
            self.assertEqual(("INV-progress", 2, "an interrupt on CPU 2"), (hazard, cpu, sentence))
            self.assertIn("tick", where["function"])

    @CASES.case("work-flag", work=SPINS)
    def test_a_work_that_spins_is_found(self):
        (hazard, cpu, sentence, where), = self.found("work-flag")
        self.assertEqual(("INV-progress", 2, "a task on CPU 2 has not slept"), (hazard, cpu, sentence))
        self.assertIn("fn", where["function"])

    @CASES.case("work-sleeps", work="while (!READ_ONCE(flag)) msleep(100);")
    def test_a_work_that_sleeps_again_and_again_is_at_home(self):
        self.assertEqual([], self.found("work-sleeps"))

    @CASES.case("goes-on", work=SPINS, initcall="msleep(1);")
    @CASES.case("init", work=SPINS, initcall="msleep(1); apic_icr_write(APIC_INT_ASSERT | APIC_DM_INIT, 2);")
    def test_a_cpu_that_an_init_has_taken_from_it_spins_no_longer(self):
        for name, spins in (("goes-on", 1), ("init", 0)):
            found = self.found(name)
            self.assertEqual(spins, len([one for one in found if one[0] == "INV-progress"]), name)

    @CASES.case("behind", work=SPINS)
    def test_an_operator_who_waits_behind_it_is_no_finding_of_its_own(self):
        found = self.found("behind", events="[{at: 2 s, offline: 2}]")
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
