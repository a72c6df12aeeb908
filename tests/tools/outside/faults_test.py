# SPDX-License-Identifier: Apache-2.0
"""What C does wrong that no hook announces ends its run with a place in the source, and not hldsim."""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

FILE = "core/hld_rotate.c"
BEFORE = "\tcpu = hld->policy->next(hld, this_cpu);\n"
SCENARIO = "title: The first NMI\ndetector: {design: direct-route}\nevents: [{at: 5 s, offline: 2}]\nuntil: 1 s\n"
VARIABLE = "\nstatic unsigned long wrong;\n"
RECURSION = """
static noinline unsigned int wrong_depth(unsigned int n)
{
	volatile char room[200];

	room[n % 200] = 1;
	return wrong_depth(n + 1) + room[0];
}
"""

# name: statement in the NMI handler, how the run ends, what is told of it, what stands before the functions
WRONG = {
    "div0": ("this_cpu /= *(volatile unsigned int *)&wrong;", "bad-access", "divides by 0", VARIABLE),
    "undefined": ('__asm__ volatile("ud2");', "bad-access", "executes an instruction that is undefined", ""),
    "read": ("(void)*(volatile int *)0xffffffff81000000;", "bad-access", "touches memory that there is not", ""),
    "null-read": ("(void)*(volatile int *)8;", "bad-access", "memory that", ""),
    "null-write": ("*(volatile int *)8 = 1;", "bad-access", "writes memory that is not the kernel's", ""),
    "call": ("((void (*)(void))wrong)();", "bad-access", "calls what is no function", VARIABLE),
    "recursion": ("cpu = wrong_depth(this_cpu);", "bad-access", "overflows its stack", RECURSION),
    "empty-loop": ("for (;;)\n\t\t;", "access-limit", "loops for ever", ""),
    "counting-loop": ("for (cpu = 1; cpu; cpu += 2)\n\t\tbarrier();", "access-limit", "300000000 blocks of code", ""),
    "poll": ("for (;;)\n\t\t{ u64 base; rdmsrl(MSR_IA32_APICBASE, base); }", "access-limit", "a million times in a row", ""),
    "clock-loop": ("for (;;)\n\t\trdtsc();", "access-limit", "50000000 accesses", ""),
}
LAST_INCLUDE = '#include "hld.h"\n'
TSC = "#include <asm/tsc.h>\n#include <asm/msr.h>\n"


def made(name):
    statement, _, _, above = WRONG[name]
    return w.detector("faults-" + name, FILE, [(LAST_INCLUDE, TSC + LAST_INCLUDE + above),
                                               (BEFORE, f"\t{statement}\n{BEFORE}")])

WORKER = """
#include <linux/hrtimer.h>
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
static DEFINE_MUTEX(m);
static DEFINE_SPINLOCK(s);
static struct hrtimer t;
static void fn(struct work_struct *w) { spin_lock(&s); spin_unlock(&s); WORK; }
static DECLARE_WORK(wk, fn);
static enum hrtimer_restart cb(struct hrtimer *h) { schedule_work(&wk); return HRTIMER_NORESTART; }
static int __init init(void)
{
\thrtimer_init(&t, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
\tt.function = cb;
\thrtimer_start(&t, ns_to_ktime(1000000), HRTIMER_MODE_REL);
\tsynchronize_rcu();
\tmsleep(5);
\treturn 0;
}
late_initcall(init);
"""


class Faults(unittest.TestCase):
    def file(self, name, more=""):
        return w.write(os.path.join(w.Place.folder, f"{name}.yaml"), SCENARIO + more)

    def test_each_ends_its_run_and_names_cpu_context_and_line(self):
        for name, (_, ending, told, _) in WRONG.items():
            with self.subTest(name):
                outcome = w.run(self.file(name), detector=made(name))
                self.assertEqual((ending, "unexpected"), (outcome["ended"], outcome["outcome"]))
                self.assertIn(told, outcome["end_reason"])
                if "0000000" not in told:
                    self.assertRegex(outcome["end_reason"], r"^CPU 0 .* in an NMI, in \w+ .*hld_rotate\.c:\d+$")

    def test_device_memory_ends_with_the_page_that_is_mapped(self):
        """The HPET has 1 KiB of its page; the rest of it decodes to nothing, the page behind it is not mapped."""
        mapped = "hld->timer.regs"
        for name, statement, told in (
                ("behind", f"readl({mapped} + 0x1000);", "reads from a page that ioremap() has not mapped"),
                ("far", f"writel(1, {mapped} + 0x5000);", "writes to a page that ioremap() has not mapped"),
                ("before", f"readb({mapped} - 1);", "reads from a page that ioremap() has not mapped"),
                ("across", f"readl({mapped} + 0xffe);", "reads from a page that ioremap() has not mapped"),
                ("unmapped", f"iounmap(ioremap(0xfed40000, 8)); readl({mapped} + 0x40000);",
                 "reads from a page that ioremap() has not mapped"),
                ("last", f"readl({mapped} + 0xffc);", None),
                ("other", f"readl(ioremap(0xfed40ff0, 8) + 8); readl({mapped} + 0x40000);", None)):
            with self.subTest(name):
                wrong = w.detector("faults-mmio-" + name, FILE, [
                    (LAST_INCLUDE, "#include <linux/io.h>\n" + LAST_INCLUDE), (BEFORE, f"\t{statement}\n{BEFORE}")])
                outcome = w.run(self.file("mmio-" + name), detector=wrong)
                self.assertEqual("bad-access" if told else "time", outcome["ended"])
                if told:
                    self.assertRegex(outcome["end_reason"],
                                     rf"^CPU 0 {re.escape(told)} in an NMI, in \w+ .*hld_rotate\.c:\d+$")

    def test_a_boot_that_never_ends_is_a_verdict(self):
        """The event's instant cannot be behind the end of a boot that has none."""
        broken = w.detector("faults-boot", "core/hld_core.c",
                            [("static int __init hld_init(void)\n{\n",
                              "static int __init hld_init(void)\n{\n\t*(volatile int *)8 = 1;\n")])
        outcome = w.run(self.file("boot"), detector=broken)
        self.assertEqual(("bad-access", "unexpected"), (outcome["ended"], outcome["outcome"]))
        self.assertIn("in task context, in hld_init", outcome["end_reason"])
        window = w.runs(self.file("boot"), detector=broken, command="window")[0]
        self.assertEqual("boot does not end, so no event comes", window["unsearched"])

    def test_what_may_sleep_is_refused_in_an_nmi_and_in_a_task_that_must_not(self):
        """A mutex that is free, so nothing waits; with interrupts off, a spinlock held, preemption off; else nothing."""
        taken = "mutex_lock(&hld_mutex); mutex_unlock(&hld_mutex);"
        above = LAST_INCLUDE + "#include <linux/mutex.h>\nstatic DEFINE_MUTEX(hld_mutex_of_test);\n"
        taken = taken.replace("hld_mutex", "hld_mutex_of_test")
        in_nmi = w.detector("faults-sleep", FILE, [(LAST_INCLUDE, above), (BEFORE, f"\t{taken}\n{BEFORE}")])
        outcome = w.run(self.file("sleep"), detector=in_nmi)
        told = [finding["sentence"] for finding in outcome["findings"] if finding["invariants"] == ["INV-nmi-rules"]]
        self.assertRegex(told[0], r"^CPU 0 called mutex_lock\(\), which may sleep, in an NMI at ")
        offline = "static int hld_cpu_offline(unsigned int cpu)\n{\n"
        above = "".join(f"#include <linux/{header}.h>\n" for header in ("delay", "rcupdate", "spinlock")) + \
                '#include "hld.h"\nstatic DEFINE_SPINLOCK(hld_lock_of_test);\n'
        for before, behind, why in (("local_irq_disable();", "local_irq_enable();", (0, 1)),
                                    ("spin_lock(&hld_lock_of_test);", "spin_unlock(&hld_lock_of_test);", (1, 0)),
                                    ("spin_lock_irq(&hld_lock_of_test);", "spin_unlock_irq(&hld_lock_of_test);", (1, 1)),
                                    ("preempt_disable();", "preempt_enable();", (1, 0)),
                                    ("rcu_read_lock_sched();", "rcu_read_unlock_sched();", (1, 0)),
                                    ("rcu_read_lock(); rcu_read_lock(); rcu_read_unlock();", "rcu_read_unlock();", (0, 0)),
                                    ("rcu_read_lock(); rcu_read_unlock();", "", None),
                                    ("spin_lock(&hld_lock_of_test); spin_unlock(&hld_lock_of_test);", "", None)):
            task = w.detector("faults-sleep-task", "core/hld_core.c",
                              [(offline, f"{offline}\t{before}\n\tmsleep(1); {behind}\n"), ('#include "hld.h"\n', above)])
            ran = w.hldsim("run", self.file("sleep-task"), "--set", "until=100 ms", "--detector", task, "-v")
            said = "BUG: sleeping function called from invalid context at "
            self.assertEqual(0 if why is None else 1, ran.count(said), ran)
            self.assertEqual(0 if why is None else 1, ran.count("  unexpected  INV-context "), ran)
            place = re.search(r'"msleep\(\) may sleep" at .*?hld_core\.c:\d+ in hld_cpu_offline', ran, re.DOTALL)
            self.assertEqual(why is not None, place is not None, ran)
            if why is not None:
                self.assertIn(f"in_atomic(): {why[0]}, irqs_disabled(): {why[1]}", ran)
            held = re.search(r"lock hld_lock_of_test at \S*?hld_core\.c:\d+", ran)
            self.assertEqual("lock" in before and why is not None and "rcu" not in before, held is not None, ran)
            self.assertEqual(held is not None, "; it holds hld_lock_of_test" in " ".join(ran.split()), ran)

    def test_an_nmi_that_enables_interrupts_is_told_with_its_line(self):
        """By spin_unlock_irq(), say; what saves and restores the flag enables nothing."""
        above = LAST_INCLUDE + "#include <linux/spinlock.h>\nstatic DEFINE_SPINLOCK(hld_lock_of_test);\n"
        for taken, told in (("spin_lock_irq(&hld_lock_of_test); spin_unlock_irq(&hld_lock_of_test);", True),
                            ("{ unsigned long flags; spin_lock_irqsave(&hld_lock_of_test, flags); "
                             "spin_unlock_irqrestore(&hld_lock_of_test, flags); }", False)):
            in_nmi = w.detector("faults-enables", FILE, [(LAST_INCLUDE, above), (BEFORE, f"\t{taken}\n{BEFORE}")])
            ran = w.hldsim("run", self.file("enables"), "--detector", in_nmi, "-v")
            self.assertEqual(told, re.search(r"  INV-nmi-rules .* CPU 0 enabled interrupts in an NMI at", ran) is not None,
                             ran)
            place = re.search(r'"local_irq_enable\(\)" at .*?hld_rotate\.c:\d+ in hld_rotate', ran, re.DOTALL)
            self.assertEqual(told, place is not None, ran)

    def test_each_function_that_may_sleep_is_named_with_who_called_it(self):
        """The detector's line is told, not the kernel's that the call gets to."""
        offline = "static int hld_cpu_offline(unsigned int cpu)\n{\n"
        above = "".join(f"#include <linux/{header}.h>\n" for header in ("cpu", "sched", "slab", "spinlock")) + \
                '#include "hld.h"\nstatic DEFINE_SPINLOCK(hld_lock_of_test);\n'
        for call, name in (("kfree(kmalloc(8, GFP_KERNEL));", "kmalloc"), ("kfree(kzalloc(8, GFP_ATOMIC));", None),
                           ("cond_resched();", "cond_resched"),
                           ("cpus_read_lock(); cpus_read_unlock();", "cpus_read_lock")):
            broken = w.detector("faults-may-sleep", "core/hld_core.c",
                                [(offline, f"{offline}\tspin_lock(&hld_lock_of_test); {call} "
                                           "spin_unlock(&hld_lock_of_test);\n"), ('#include "hld.h"\n', above)])
            ran = w.hldsim("run", self.file("may-sleep"), "--set", "until=100 ms", "--detector", broken, "-v")
            place = re.search(r'"(\w+)\(\) may sleep" at .*?hld_core\.c:\d+ in hld_cpu_offline', ran, re.DOTALL)
            self.assertEqual(name, place and place.group(1), ran)

    def test_an_initcall_and_a_work_leave_nothing_locked(self):
        """Whoever sleeps next is not to blame, and goes on as if nothing were left."""
        init = "static int __init init(void)\n{\n"
        for work, at_init, told in (("spin_lock(&s);", "", "a work with preemption disabled"),
                                    ("local_irq_disable();", "", "a work with interrupts off"),
                                    ("rcu_read_lock();", "", "a work inside rcu_read_lock()"),
                                    ("", "local_irq_disable();", "an initcall with interrupts off"),
                                    ("", "", None)):
            text = WORKER.replace("WORK;", work).replace("\tmsleep(5);\n", f"\tmsleep(5);\n\t{at_init}\n")
            self.assertIn(init, text)
            source = w.write(os.path.join(w.Place.folder, "leaves.c"), "#include <linux/rcupdate.h>\n" + text)
            made = os.path.join(w.Place.folder, "leaves.so")
            w.compiled([source, f"--kernel={w.Place.kernel}", "-o", made])
            text = f"title: A title\ndetector: {{object: {made}}}\nuntil: 1 s\n"
            outcome = w.run(w.write(os.path.join(w.Place.folder, "own-leaves.yaml"), text))
            self.assertEqual([] if told is None else ["INV-context"], w.hazards(outcome))
            for finding in outcome["findings"]:
                self.assertRegex(finding["sentence"], rf"^CPU 0 came back from {re.escape(told)} at ")

    def test_a_hotplug_callback_leaves_nothing_locked(self):
        """On the CPU that comes or goes; the DYING ones run with interrupts off, and are to."""
        above = LAST_INCLUDE + "#include <linux/spinlock.h>\nstatic DEFINE_SPINLOCK(hld_lock_of_test);\n"
        offline = "\thld_heartbeat_stop(cpu);\n\n\treturn 0;\n"
        for left, told in (("spin_lock(&hld_lock_of_test);", "with preemption disabled"),
                           ("local_irq_disable();", "with interrupts off"), ("", None)):
            broken = w.detector("faults-callback", "core/hld_core.c",
                                [(offline, offline.replace("\treturn", f"\t{left}\n\treturn")), (LAST_INCLUDE, above)])
            scenario = w.write(os.path.join(w.Place.folder, "callback.yaml"), SCENARIO.replace("1 s", "10 s"))
            outcome = w.run(scenario, detector=broken)
            sentences = [f["sentence"] for f in outcome["findings"] if f["invariants"] == ["INV-context"]]
            self.assertEqual(0 if told is None else 1, len(sentences), outcome["findings"])
            for sentence in sentences:
                self.assertRegex(sentence, f"^CPU 2 came back from a hotplug callback {told} at ")

    def test_an_nmi_handler_is_registered_once(self):
        """A second time, its list would be a ring, as it was before Linux 5.19."""
        call = '\tret = register_nmi_handler(NMI_LOCAL, hld_nmi_handler, 0, "hld");\n'
        twice = ("\tstatic struct nmiaction twice = {.list = LIST_HEAD_INIT(twice.list), .handler = hld_nmi_handler, "
                 '.name = "hld"};\n\tret = __register_nmi_handler(NMI_LOCAL, &twice);\n'
                 "\tif (!ret && __register_nmi_handler(NMI_LOCAL, &twice) == -EINVAL)\n\t\tpr_err(\"not twice\\n\");\n")
        made = w.detector("faults-twice", "core/hld_core.c", [(call, twice)])
        ran = w.hldsim("run", self.file("twice"), "--set", "until=4 s", "--set", "events=[]", "--detector", made, "-v")
        self.assertRegex(ran, r"printk: hld: not twice|printk: not twice")
        self.assertRegex(ran, r"the kernel warned at \S+ s \(task\): WARNING: CPU: 0 at \S*nmi\.c:")
        self.assertIn("ok ", ran)
    def test_a_function_of_the_stopper_may_not_sleep(self):
        """Neither one that all CPUs stop for, nor one that runs with interrupts on; who asked for it may."""
        stopped = "static int stopped(void *arg) { STOPPED; return 0; }\nstatic void fn("
        sleeps = "mutex_lock(&m); mutex_unlock(&m)"
        for how, what, told in (("stop_machine(stopped, NULL, NULL);", sleeps, True),
                                ("stop_one_cpu(1, stopped, NULL);", sleeps, True),
                                (f"stop_one_cpu(1, stopped, NULL); {sleeps};", "spin_lock(&s); spin_unlock(&s)", False)):
            text = WORKER.replace("WORK;", how).replace("static void fn(", stopped.replace("STOPPED", what))
            source = w.write(os.path.join(w.Place.folder, "stopper.c"), "#include <linux/stop_machine.h>\n" + text)
            made = os.path.join(w.Place.folder, "stopper.so")
            w.compiled([source, f"--kernel={w.Place.kernel}", "-o", made])
            text = f"title: A title\ndetector: {{object: {made}}}\nuntil: 1 s\n"
            ran = w.hldsim("run", w.write(os.path.join(w.Place.folder, "own-stopper.yaml"), text), "-v")
            self.assertEqual(told, "mutex_lock(), which may sleep, in a function of the stopper" in " ".join(ran.split()),
                             ran)
            self.assertEqual(told, "in_atomic(): 1, irqs_disabled(): " in ran, ran)

    def test_a_worker_on_top_of_a_sleeping_task_may_sleep(self):
        """It runs when the interrupt that has queued it returns, and is in none: it takes mutexes as any task does."""
        for work, names in (("mutex_lock(&m); mutex_unlock(&m);", []),
                            ("spin_lock(&s); mutex_lock(&m); mutex_unlock(&m); spin_unlock(&s);", ["INV-context"])):
            source = w.write(os.path.join(w.Place.folder, "worker.c"), WORKER.replace("WORK;", work))
            made = os.path.join(w.Place.folder, "worker.so")
            w.compiled([source, f"--kernel={w.Place.kernel}", "-o", made])
            text = f"title: A title\ndetector: {{object: {made}}}\nuntil: 1 s\n"
            outcome = w.run(w.write(os.path.join(w.Place.folder, "own-worker.yaml"), text))
            self.assertEqual(names, w.hazards(outcome))
            for finding in outcome["findings"]:
                self.assertIn("mutex_lock(), which may sleep, with preemption disabled at", finding["sentence"])

    def test_a_task_that_waits_for_its_own_mutex_is_a_deadlock(self):
        broken = w.detector("faults-mutex", "core/hld_core.c",
                            [("static int hld_cpu_offline(unsigned int cpu)\n{\n",
                              "static int hld_cpu_offline(unsigned int cpu)\n{\n\tmutex_lock(&hld_mutex);\n")])
        outcome = w.run(self.file("mutex"), detector=broken)
        self.assertEqual("deadlock", outcome["ended"])
        self.assertEqual(["CPU 2 waits in task context for hld_mutex, which it holds itself"],
                         [one["sentence"] for one in outcome["findings"] if "INV-wait-graph" in one["invariants"]])
        self.assertNotIn("INV-progress", w.hazards(outcome))

    def test_a_run_behind_one_that_ended_so_is_not_touched_by_it(self):
        """Both runs in one process: the stack is begun anew."""
        outcomes = w.runs(self.file("twice", "vary: {detector.options.period_ms: [100, 200]}\n"),
                          detector=made("recursion"))
        self.assertEqual(["bad-access", "bad-access"], [one["ended"] for one in outcomes])


if __name__ == "__main__":
    w.main(__doc__)
