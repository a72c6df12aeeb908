# SPDX-License-Identifier: Apache-2.0
"""Works of a detector: cancelled, flushed, queued again by themselves, on a CPU that goes down."""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

OWN = """
#include <linux/cpuhotplug.h>
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/smp.h>
#include <linux/workqueue.h>
static void fn(struct work_struct *w);
static DECLARE_WORK(work, fn);
static void fn(struct work_struct *w)
{
	pr_warn("begins on %u\\n", raw_smp_processor_id());
/* the work's */
	pr_warn("ends on %u\\n", raw_smp_processor_id());
}
/* the cases' own */
static int online(unsigned int cpu) { return 0; }
static int offline(unsigned int cpu)
{
/* the callback's */
	return 0;
}
static int __init init(void)
{
/* the initcall's */
	return cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "own:online", online, offline) < 0;
}
late_initcall(init);
"""
CASES = w.Cases()


class Works(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        CASES.in_object("works", OWN)

    def printed(self, name):
        """(CPU, text) of each line, of a run in which CPU 2 goes down at 1 s and comes up at 3 s."""
        file = w.write(os.path.join(w.Place.folder, "own.yaml"),
                       f"title: A title\ndetector: {{object: {CASES.object}}}\n"
                       "events: [{at: 1 s, offline: 2}, {at: 3 s, online: 2}]\nuntil: 1 s\n")
        ran = w.hldsim("run", file, "-v", *w.settings(CASES.options(name)))
        self.assertTrue(ran.startswith("ok "), ran)
        return re.findall(r"CPU(\d) printk: (.*)", ran)

    @CASES.case("never", initcall='schedule_work_on(0, &work); pr_warn("%d\\n", cancel_work_sync(&work));')
    def test_one_that_is_cancelled_before_it_begins_never_runs(self):
        self.assertEqual([("0", "1")], self.printed("never"))

    @CASES.case("waits", work="msleep(20);",
                initcall='schedule_work_on(1, &work); msleep(5); pr_warn("%d\\n", cancel_work_sync(&work));')
    def test_cancelling_waits_for_one_that_has_begun(self):
        self.assertEqual([("1", "begins on 1"), ("1", "ends on 1"), ("0", "0")], self.printed("waits"))

    @CASES.case("again", work='usleep_range(100, 200); pr_warn("again %d\\n", schedule_work(&work));',
                initcall='schedule_work_on(1, &work); usleep_range(150, 300); pr_warn("%d\\n", cancel_work_sync(&work));')
    def test_one_that_queues_itself_again_is_refused_while_it_is_cancelled(self):
        lines = self.printed("again")
        self.assertEqual([("1", "again 1"), ("1", "again 0")], [line for line in lines if "again" in line[1]])
        self.assertEqual(("0", "0"), lines[-1])

    @CASES.case("flush", callback="if (cpu == 2) { schedule_work_on(2, &work); flush_work(&work); }")
    def test_a_callback_may_flush_a_work_of_its_own_cpu(self):
        self.assertEqual([("2", "begins on 2"), ("2", "ends on 2")], self.printed("flush"))

    @CASES.case("elsewhere", work="msleep(300); if (cpu_online(2)) schedule_work_on(2, &work);",
                initcall="schedule_work_on(2, &work);")
    def test_one_that_has_not_begun_when_its_cpu_goes_runs_elsewhere(self):
        """So does one that is queued there later."""
        lines = self.printed("elsewhere")
        before, behind = [line for line in lines if line[0] == "2"], [line for line in lines if line[0] != "2"]
        self.assertGreaterEqual(len(before), 4)
        self.assertEqual(("begins", "ends"), tuple(line[1].split()[0] for line in behind[:2]))
        self.assertEqual(lines, before + behind)

    @CASES.case("strand", work="return;", initcall="INIT_WORK(&feeder, feed); schedule_work_on(1, &feeder);",
                above="static struct work_struct feeder;\nstatic void feed(struct work_struct *w)\n{\n\tmsleep(900);\n"
                      "\twhile (cpu_online(2)) { schedule_work_on(2, &work); usleep_range(20, 30); }\n"
                      '\tmsleep(100);\n\tpr_warn("pending %d\\n", work_pending(&work));\n}\n')
    def test_one_that_is_queued_while_its_cpu_parks_its_threads_is_not_stranded_there(self):
        """CPU 1 queues it again and again, up to when CPU 2 is offline."""
        self.assertIn(("1", "pending 0"), self.printed("strand"))


if __name__ == "__main__":
    w.main(__doc__)
