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
	WORK;
	pr_warn("ends on %u\\n", raw_smp_processor_id());
}
static int online(unsigned int cpu) { return 0; }
static int offline(unsigned int cpu)
{
	OFFLINE;
	return 0;
}
static int __init init(void)
{
	INIT;
	return cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "own:online", online, offline) < 0;
}
late_initcall(init);
"""


class Works(unittest.TestCase):
    def printed(self, name, work="", offline="", init="", change=("", "")):
        """(CPU, text) of each line, of a run in which CPU 2 goes down at 1 s and comes up at 3 s."""
        text = OWN.replace("WORK;", work).replace("OFFLINE;", offline).replace("INIT;", init).replace(*change, 1)
        source = w.write(os.path.join(w.Place.folder, name + ".c"), text)
        made = os.path.join(w.Place.folder, name + ".so")
        w.compiled([source, f"--kernel={w.Place.kernel}", "-o", made])
        file = w.write(os.path.join(w.Place.folder, name + "-own.yaml"),
                       f"title: A title\ndetector: {{object: {made}}}\n"
                       "events: [{at: 1 s, offline: 2}, {at: 3 s, online: 2}]\nuntil: 1 s\n")
        ran = w.hldsim("run", file, "-v")
        self.assertTrue(ran.startswith("ok "), ran)
        return re.findall(r"CPU(\d) printk: (.*)", ran)

    def test_one_that_is_cancelled_before_it_begins_never_runs(self):
        self.assertEqual([("0", "1")], self.printed("never", init='schedule_work_on(0, &work); '
                                                                 'pr_warn("%d\\n", cancel_work_sync(&work));'))

    def test_cancelling_waits_for_one_that_has_begun(self):
        lines = self.printed("waits", "msleep(20);", init='schedule_work_on(1, &work); msleep(5); '
                                                         'pr_warn("%d\\n", cancel_work_sync(&work));')
        self.assertEqual([("1", "begins on 1"), ("1", "ends on 1"), ("0", "0")], lines)

    def test_one_that_queues_itself_again_is_refused_while_it_is_cancelled(self):
        again = 'usleep_range(100, 200); pr_warn("again %d\\n", schedule_work(&work));'
        lines = self.printed("again", again, init='schedule_work_on(1, &work); usleep_range(150, 300); '
                                                 'pr_warn("%d\\n", cancel_work_sync(&work));')
        self.assertEqual([("1", "again 1"), ("1", "again 0")], [line for line in lines if "again" in line[1]])
        self.assertEqual(("0", "0"), lines[-1])

    def test_a_callback_may_flush_a_work_of_its_own_cpu(self):
        lines = self.printed("flush", offline="if (cpu == 2) { schedule_work_on(2, &work); flush_work(&work); }")
        self.assertEqual([("2", "begins on 2"), ("2", "ends on 2")], lines)

    def test_one_that_has_not_begun_when_its_cpu_goes_runs_elsewhere(self):
        """So does one that is queued there later."""
        lines = self.printed("elsewhere", "msleep(300); if (cpu_online(2)) schedule_work_on(2, &work);",
                             init="schedule_work_on(2, &work);")
        before, behind = [line for line in lines if line[0] == "2"], [line for line in lines if line[0] != "2"]
        self.assertGreaterEqual(len(before), 4)
        self.assertEqual(("begins", "ends"), tuple(line[1].split()[0] for line in behind[:2]))
        self.assertEqual(lines, before + behind)

    def test_one_that_is_queued_while_its_cpu_parks_its_threads_is_not_stranded_there(self):
        """CPU 1 queues it again and again, up to when CPU 2 is offline."""
        feeder = ("static struct work_struct feeder; "
                  "static void feed(struct work_struct *w) { msleep(900); "
                  "while (cpu_online(2)) { schedule_work_on(2, &work); usleep_range(20, 30); } "
                  "msleep(100); pr_warn(\"pending %d\\n\", work_pending(&work)); }\n"
                  "static int online")
        lines = self.printed("strand", "return;", init="INIT_WORK(&feeder, feed); schedule_work_on(1, &feeder);",
                             change=("static int online", feeder))
        self.assertIn(("1", "pending 0"), lines)


if __name__ == "__main__":
    w.main(__doc__)
