# SPDX-License-Identifier: Apache-2.0
"""What C does wrong that no hook announces ends its run with a place in the source, and not hldsim."""
import functools
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

SCENARIO = "title: The first NMI\ndetector: {design: direct-route}\nevents: [{at: 5 s, offline: 2}]\nuntil: 1 s\n"
VARIABLE = "static unsigned long wrong;\n"
RECURSION = """
static noinline unsigned int wrong_depth(unsigned int n)
{
	volatile char room[200];

	room[n % 200] = 1;
	return wrong_depth(n + 1) + room[0]; /* wrong_depth */
}
"""

# name: statement in the NMI handler, how the run ends, what is told of it
WRONG = {
    "div0": ("this_cpu /= *(volatile unsigned int *)&wrong;", "bad-access", "divides by 0"),
    "undefined": ('__asm__ volatile("ud2");', "bad-access", "executes an instruction that is undefined"),
    "read": ("(void)*(volatile int *)0xffffffff81000000;", "bad-access", "touches memory that there is not"),
    "null-read": ("(void)*(volatile int *)8;", "bad-access", "memory that"),
    "null-write": ("*(volatile int *)8 = 1;", "bad-access", "writes memory that is not the kernel's"),
    "call": ("((void (*)(void))wrong)();", "bad-access", "calls what is no function"),
    "recursion": ("cpu = wrong_depth(this_cpu);", "bad-access", "overflows its stack"),
    "empty-loop": ("for (;;) ;", "access-limit", "loops for ever"),
    "counting-loop": ("for (cpu = 1; cpu; cpu += 2) barrier();", "access-limit", "300000000 blocks of code"),
    "poll": ("for (;;) { u64 base; rdmsrl(MSR_IA32_APICBASE, base); }", "access-limit", "a million times in a row"),
    "clock-loop": ("for (;;) rdtsc();", "access-limit", "50000000 accesses"),
}
# The HPET has 1 KiB of its page; the rest of it decodes to nothing, the page behind it is not mapped.
READS = "reads from a page that ioremap() has not mapped"
REGS = "hld->timer.regs"
MAPPED = {
    "behind": (f"readl({REGS} + 0x1000);", READS),
    "far": (f"writel(1, {REGS} + 0x5000);", "writes to a page that ioremap() has not mapped"),
    "before": (f"readb({REGS} - 1);", READS),
    "across": (f"readl({REGS} + 0xffe);", READS),
    "unmapped": (f"iounmap(ioremap(0xfed40000, 8)); readl({REGS} + 0x40000);", READS),
    "last": (f'pr_warn("last\\n"); readl({REGS} + 0xffc);', None),
    "other": (f'pr_warn("other\\n"); readl(ioremap(0xfed40ff0, 8) + 8); readl({REGS} + 0x40000);', None),
}
IN_NMI = {**{name: wrong[0] for name, wrong in WRONG.items()}, **{name: mapped[0] for name, mapped in MAPPED.items()},
          "mutex": "mutex_lock(&own_mutex); mutex_unlock(&own_mutex);",
          "irq": "spin_lock_irq(&own_lock); spin_unlock_irq(&own_lock);",
          "irqsave": 'unsigned long flags; pr_warn("irqsave\\n"); spin_lock_irqsave(&own_lock, flags); '
                     "spin_unlock_irqrestore(&own_lock, flags);"}
# name: statement in the callback of a CPU that goes; what msleep(), a line below, tells: in_atomic(), irqs_disabled()
SLEEPS = {
    "irqs": ("local_irq_disable();\n\t\tmsleep(1); local_irq_enable();", (0, 1)),
    "lock": ("spin_lock(&own_lock);\n\t\tmsleep(1); spin_unlock(&own_lock);", (1, 0)),
    "lock-irq": ("spin_lock_irq(&own_lock);\n\t\tmsleep(1); spin_unlock_irq(&own_lock);", (1, 1)),
    "preempt": ("preempt_disable();\n\t\tmsleep(1); preempt_enable();", (1, 0)),
    "rcu-sched": ("rcu_read_lock_sched();\n\t\tmsleep(1); rcu_read_unlock_sched();", (1, 0)),
    "rcu": ("rcu_read_lock(); rcu_read_lock(); rcu_read_unlock();\n\t\tmsleep(1); rcu_read_unlock();", (0, 0)),
    "rcu-left": ('pr_warn("rcu-left\\n"); rcu_read_lock(); rcu_read_unlock();\n\t\tmsleep(1);', None),
    "lock-left": ('pr_warn("lock-left\\n"); spin_lock(&own_lock); spin_unlock(&own_lock);\n\t\tmsleep(1);', None),
}
MAY_SLEEP = {"kmalloc": ("kfree(kmalloc(8, GFP_KERNEL));", "kmalloc"), "atomic": ("kfree(kzalloc(8, GFP_ATOMIC));", None),
             "resched": ("cond_resched();", "cond_resched"),
             "read-lock": ("cpus_read_lock(); cpus_read_unlock();", "cpus_read_lock")}
LEAVES = {"left-locked": ("spin_lock(&own_lock);", "with preemption disabled"),
          "left-irqs-off": ("local_irq_disable();", "with interrupts off"),
          "leaves-nothing": ('pr_warn("leaves-nothing\\n");', None)}
TWICE = ("static struct nmiaction twice = {.list = LIST_HEAD_INIT(twice.list), .handler = hld_nmi_handler, .name = \"hld\"}; "
         "ret = __register_nmi_handler(NMI_LOCAL, &twice); if (!ret && __register_nmi_handler(NMI_LOCAL, &twice) == -EINVAL) "
         'pr_err("not twice\\n"); goto own_registered;')


def headers(*names):
    return "".join(f"#include <{name}.h>\n" for name in names)


@functools.cache
def in_nmi():
    return w.Cases().in_detector(
        "faults-nmi", "core/hld_rotate.c", [("", IN_NMI, "\tcpu = hld->policy->next(hld, this_cpu);\n")],
        headers("asm/tsc", "asm/msr", "linux/io", "linux/mutex", "linux/printk", "linux/spinlock") + VARIABLE +
        "static DEFINE_MUTEX(own_mutex);\nstatic DEFINE_SPINLOCK(own_lock);\n" + RECURSION)


@functools.cache
def in_task():
    offline = {**{name: sleeps[0] for name, sleeps in SLEEPS.items()}, "own-mutex": "mutex_lock(&hld_mutex);"}
    for name, (call, told) in MAY_SLEEP.items():
        print_name = "" if told else f'pr_warn("{name}\\n"); '
        offline[name] = f"{print_name}spin_lock(&own_lock); {call} spin_unlock(&own_lock);"
    register = '\tret = register_nmi_handler(NMI_LOCAL, hld_nmi_handler, 0, "hld");\n'
    return w.Cases().in_detector("faults-task", "core/hld_core.c", [
        ("static int __init hld_init(void)\n{\n\tint ret;\n\n", {"boot": "*(volatile int *)8 = 1;"}, ""),
        ("static int hld_cpu_offline(unsigned int cpu)\n{\n", offline, ""),
        ("\thld_heartbeat_stop(cpu);\n\n", {name: left[0] for name, left in LEAVES.items()}, "\treturn 0;\n"),
        ("", {"twice": TWICE}, register)],
        headers(*(f"linux/{name}" for name in ("rcupdate", "sched", "slab", "spinlock"))) +
        "static DEFINE_SPINLOCK(own_lock);\n", [(register, register + "own_registered:\n")])


SPINS, SLEEPS_THERE = "spin_lock(&s); spin_unlock(&s);", "mutex_lock(&m); mutex_unlock(&m);"
# name: what a work does, what a function of the stopper does, what the initcall does at its end
WORKS = {
    "work-preempt": ("spin_lock(&s);", "", ""),
    "work-irqs": ("local_irq_disable();", "", ""),
    "work-rcu": ("rcu_read_lock();", "", ""),
    "initcall-irqs": ("", "", "local_irq_disable();"),
    "nothing-left": ('pr_warn("nothing-left\\n");', "", ""),
    "all-stop": ("stop_machine(stopped, NULL, NULL);", SLEEPS_THERE, ""),
    "one-stops": ("stop_one_cpu(1, stopped, NULL);", SLEEPS_THERE, ""),
    "who-asks": (f'pr_warn("who-asks\\n"); stop_one_cpu(1, stopped, NULL); {SLEEPS_THERE}', SPINS, ""),
    "free": (f'pr_warn("free\\n"); {SLEEPS_THERE}', "", ""),
    "locked": (f"spin_lock(&s); {SLEEPS_THERE} spin_unlock(&s);", "", ""),
}
WORKER = """
static DEFINE_MUTEX(m);
static DEFINE_SPINLOCK(s);
static struct hrtimer t;
static int stopped(void *arg)
{
/* the stopper's */
	return 0;
}
static void fn(struct work_struct *w)
{
	spin_lock(&s);
	spin_unlock(&s);
/* the work's */
}
static DECLARE_WORK(wk, fn);
static enum hrtimer_restart cb(struct hrtimer *h) { schedule_work(&wk); return HRTIMER_NORESTART; }
static int __init init(void)
{
	hrtimer_init(&t, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	t.function = cb;
	hrtimer_start(&t, ns_to_ktime(1000000), HRTIMER_MODE_REL);
	synchronize_rcu();
	msleep(5);
/* the initcall's */
	return 0;
}
late_initcall(init);
"""


@functools.cache
def worker():
    cases = w.Cases()
    for name, works in WORKS.items():
        cases.case(name, **{place: work for place, work in zip(("work", "stopper", "initcall"), works) if work})
    names = ("hrtimer", "delay", "module", "mutex", "printk", "rcupdate", "spinlock", "stop_machine", "workqueue")
    return cases.in_object("worker", headers(*(f"linux/{name}" for name in names)) + WORKER)


class Faults(unittest.TestCase):
    def file(self, more=""):
        return w.write(os.path.join(w.Place.folder, f"faults{'-vary' if more else ''}.yaml"), SCENARIO + more)

    def outcome(self, cases, case, until="1 s"):
        return w.run(self.file(), {**cases.options(case), "until": until}, detector=cases.object)

    def told(self, cases, case, until, **values):
        """What `run -v` tells."""
        chosen = w.settings({**cases.options(case), "until": until, **values})
        return w.hldsim("run", self.file(), *chosen, "--detector", cases.object, "-v")

    def work(self, case):
        file = w.write(os.path.join(w.Place.folder, "own-worker.yaml"),
                       f"title: A title\ndetector: {{object: {worker().object}}}\nuntil: 1 s\n")
        outcome = w.run(file, worker().options(case))
        self.assert_printed_where_nothing_is_told(outcome, case, not w.hazards(outcome))
        return outcome

    def assert_printed_where_nothing_is_told(self, outcome, case, nothing):
        """A case that is to be silent may not be taken for one that has not run."""
        self.assertEqual(nothing, case in [one["text"].removeprefix("hld: ") for one in outcome["printed"]], outcome["printed"])

    def test_each_ends_its_run_and_names_cpu_context_and_line(self):
        for name, (_, ending, told) in WRONG.items():
            with self.subTest(name):
                outcome = self.outcome(in_nmi(), name)
                line = w.line_of(in_nmi().source, "/* wrong_depth */") if name == "recursion" else in_nmi().line(name)
                self.assertEqual((ending, "unexpected"), (outcome["ended"], outcome["outcome"]))
                self.assertIn(told, outcome["end_reason"])
                if "0000000" not in told:
                    self.assertRegex(outcome["end_reason"], rf"^CPU 0 .* in an NMI, in \w+ .*hld_rotate\.c:{line}$")

    def test_device_memory_ends_with_the_page_that_is_mapped(self):
        """The HPET has 1 KiB of its page; the rest of it decodes to nothing, the page behind it is not mapped."""
        for name, (_, told) in MAPPED.items():
            with self.subTest(name):
                outcome = self.outcome(in_nmi(), name)
                self.assertEqual("bad-access" if told else "time", outcome["ended"])
                self.assert_printed_where_nothing_is_told(outcome, name, not told)
                if told:
                    self.assertRegex(outcome["end_reason"], rf"^CPU 0 {re.escape(told)} in an NMI, in \w+ .*"
                                                            rf"hld_rotate\.c:{in_nmi().line(name)}$")

    def test_a_boot_that_never_ends_is_a_verdict(self):
        """The event's instant cannot be behind the end of a boot that has none."""
        outcome = self.outcome(in_task(), "boot")
        self.assertEqual(("bad-access", "unexpected"), (outcome["ended"], outcome["outcome"]))
        self.assertRegex(outcome["end_reason"], rf"in task context, in hld_init .*:{in_task().line('boot')}$")
        window = w.runs(self.file(), in_task().options("boot"), detector=in_task().object, command="window")[0]
        self.assertEqual("boot does not end, so no event comes", window["unsearched"])

    def test_what_may_sleep_is_refused_in_an_nmi(self):
        """A mutex that is free, so nothing waits."""
        outcome = self.outcome(in_nmi(), "mutex")
        told = [finding["sentence"] for finding in outcome["findings"] if finding["invariants"] == ["INV-nmi-rules"]]
        self.assertRegex(told[0], r"^CPU 0 called mutex_lock\(\), which may sleep, in an NMI at ")

    def test_what_may_sleep_is_refused_in_a_task_that_must_not(self):
        """With interrupts off, a spinlock held, preemption off; else nothing."""
        for name, (statement, why) in SLEEPS.items():
            with self.subTest(name):
                ran, line = self.told(in_task(), name, "100 ms"), in_task().line(name)
                said = "BUG: sleeping function called from invalid context at "
                self.assertEqual(0 if why is None else 1, ran.count(said), ran)
                self.assertEqual(0 if why is None else 1, ran.count("  unexpected  INV-context "), ran)
                self.assertEqual(why is None, f"printk: hld: {name}\n" in ran, ran)
                place = re.search(rf'"msleep\(\) may sleep" at .*?hld_core\.c:{line + 1} in hld_cpu_offline', ran, re.DOTALL)
                self.assertEqual(why is not None, place is not None, ran)
                if why is not None:
                    self.assertIn(f"in_atomic(): {why[0]}, irqs_disabled(): {why[1]}", ran)
                held = re.search(rf"lock own_lock at \S*?hld_core\.c:{line}\b", ran)
                self.assertEqual("spin_lock" in statement and why is not None, held is not None, ran)
                self.assertEqual(held is not None, "; it holds own_lock" in " ".join(ran.split()), ran)

    def test_an_nmi_that_enables_interrupts_is_told_with_its_line(self):
        """By spin_unlock_irq(), say; what saves and restores the flag enables nothing."""
        for name, told in (("irq", True), ("irqsave", False)):
            ran = self.told(in_nmi(), name, "1 s")
            self.assertEqual(told, re.search(r"  INV-nmi-rules .* CPU 0 enabled interrupts in an NMI at", ran) is not None, ran)
            line = in_nmi().line(name)
            place = re.search(rf'"local_irq_enable\(\)" at .*?hld_rotate\.c:{line} in hld_rotate', ran, re.DOTALL)
            self.assertEqual(told, place is not None, ran)
            self.assertEqual(not told, f"printk: {name}\n" in ran, ran)

    def test_each_function_that_may_sleep_is_named_with_who_called_it(self):
        """The detector's line is told, not the kernel's that the call gets to."""
        for case, (_, name) in MAY_SLEEP.items():
            ran, line = self.told(in_task(), case, "100 ms"), in_task().line(case)
            place = re.search(rf'"(\w+)\(\) may sleep" at .*?hld_core\.c:{line} in hld_cpu_offline', ran, re.DOTALL)
            self.assertEqual(name, place and place.group(1), ran)
            self.assertEqual(name is None, "may sleep" not in ran, ran)
            self.assertEqual(name is None, f"printk: hld: {case}\n" in ran, ran)

    def test_an_initcall_and_a_work_leave_nothing_locked(self):
        """Whoever sleeps next is not to blame, and goes on as if nothing were left."""
        for case, told in (("work-preempt", "a work with preemption disabled"), ("work-irqs", "a work with interrupts off"),
                           ("work-rcu", "a work inside rcu_read_lock()"), ("initcall-irqs", "an initcall with interrupts off"),
                           ("nothing-left", None)):
            outcome = self.work(case)
            self.assertEqual([] if told is None else ["INV-context"], w.hazards(outcome))
            for finding in outcome["findings"]:
                self.assertRegex(finding["sentence"], rf"^CPU 0 came back from {re.escape(told)} at ")

    def test_a_hotplug_callback_leaves_nothing_locked(self):
        """On the CPU that comes or goes; the DYING ones run with interrupts off, and are to."""
        for case, (_, told) in LEAVES.items():
            outcome = self.outcome(in_task(), case, "10 s")
            sentences = [f["sentence"] for f in outcome["findings"] if f["invariants"] == ["INV-context"]]
            self.assertEqual(0 if told is None else 1, len(sentences), outcome["findings"])
            self.assert_printed_where_nothing_is_told(outcome, case, told is None)
            for sentence in sentences:
                self.assertRegex(sentence, f"^CPU 2 came back from a hotplug callback {told} at ")

    def test_an_nmi_handler_is_registered_once(self):
        """A second time, its list would be a ring, as it was before Linux 5.19."""
        ran = self.told(in_task(), "twice", "4 s", events="[]")
        self.assertRegex(ran, r"printk: hld: not twice|printk: not twice")
        self.assertRegex(ran, r"the kernel warned at \S+ s \(task\): WARNING: CPU: 0 at \S*nmi\.c:")
        self.assertIn("ok ", ran)

    def test_a_function_of_the_stopper_may_not_sleep(self):
        """Neither one that all CPUs stop for, nor one that runs with interrupts on; who asked for it may."""
        for case, cpu in (("all-stop", 0), ("one-stops", 1), ("who-asks", None)):
            outcome = self.work(case)
            sentence = f"CPU {cpu} called mutex_lock(), which may sleep, in a function of the stopper"
            self.assertEqual([] if cpu is None else [sentence],
                             [finding["sentence"].split(" at ")[0] for finding in outcome["findings"]])
            self.assertEqual(cpu is not None, any(one["text"].startswith("in_atomic(): 1, irqs_disabled(): ")
                                                  for one in outcome["printed"]), outcome["printed"])

    def test_a_worker_on_top_of_a_sleeping_task_may_sleep(self):
        """It runs when the interrupt that has queued it returns, and is in none: it takes mutexes as any task does."""
        for case, names in (("free", []), ("locked", ["INV-context"])):
            outcome = self.work(case)
            self.assertEqual(names, w.hazards(outcome))
            for finding in outcome["findings"]:
                self.assertIn("mutex_lock(), which may sleep, with preemption disabled at", finding["sentence"])

    def test_a_task_that_waits_for_its_own_mutex_is_a_deadlock(self):
        outcome = self.outcome(in_task(), "own-mutex")
        self.assertEqual("deadlock", outcome["ended"])
        self.assertEqual(["CPU 2 waits in task context for hld_mutex, which it holds itself"],
                         [one["sentence"] for one in outcome["findings"] if "INV-wait-graph" in one["invariants"]])
        self.assertNotIn("INV-progress", w.hazards(outcome))

    def test_a_run_behind_one_that_ended_so_is_not_touched_by_it(self):
        """Both runs in one process: the stack is begun anew."""
        outcomes = w.runs(self.file("vary: {detector.options.period_ms: [100, 200]}\n"), in_nmi().options("recursion"),
                          detector=in_nmi().object)
        self.assertEqual(["bad-access", "bad-access"], [one["ended"] for one in outcomes])


if __name__ == "__main__":
    w.main(__doc__)
