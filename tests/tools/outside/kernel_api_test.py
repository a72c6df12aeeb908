# SPDX-License-Identifier: Apache-2.0
"""What the miniature kernel offers to a detector behaves as in Linux, also where it is used wrongly."""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

HEADERS = ("bug", "cpu", "cpuhotplug", "cpumask", "delay", "hrtimer", "init", "kernel", "module", "moduleparam", "mutex", "nmi",
           "percpu", "preempt", "rwsem", "smp", "spinlock")


class Api(unittest.TestCase):
    def ran(self, name, above, init="", events="", until="1 s", accept="ok"):
        """What the run tells of an object of this text, whose initcall has these statements."""
        text = "".join(f"#include <linux/{header}.h>\n" for header in HEADERS) + above + \
            "\nstatic int __init own_init(void)\n{\n" + init + "\nreturn 0;\n}\nlate_initcall(own_init);\n"
        source = w.write(os.path.join(w.Place.folder, name + ".c"), text)
        made = os.path.join(w.Place.folder, name + ".so")
        w.compiled([source, f"--kernel={w.Place.kernel}", "-o", made])
        file = w.write(os.path.join(w.Place.folder, name + "-own.yaml"),
                       f"title: A title\ndetector: {{object: {made}}}\nevents: [{events}]\nuntil: {until}\n")
        told = w.hldsim("run", file, "-v", "--color", "never")
        self.assertTrue(told.startswith(accept), told)
        return told

    def printed(self, *arguments, **named):
        """(CPU, text) of each line of the log."""
        return re.findall(r"CPU(\d) printk: (.*)", self.ran(*arguments, **named))

    TIMER = """
static struct hrtimer timer;
static enum hrtimer_restart fires(struct hrtimer *t)
{
	FIRES;
	return HRTIMER_NORESTART;
}
static void start(unsigned int us)
{
	hrtimer_init(&timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	timer.function = fires;
	hrtimer_start(&timer, ns_to_ktime(us * 1000ull), HRTIMER_MODE_REL_HARD);
}
"""

    def timer(self, name, fires, init, **named):
        return self.printed(name, self.TIMER.replace("FIRES;", fires), init, **named)

    def test_a_timer_that_cancels_itself_never_comes_back(self):
        fires = 'pr_warn("tries %d\\n", hrtimer_try_to_cancel(t)); CANCELS; pr_warn("is back\\n");'
        self.assertEqual([("0", "tries -1"), ("0", "is back")],
                         self.timer("try", fires.replace("CANCELS; ", ""), "start(100); msleep(1);"))
        self.assertEqual([("0", "tries -1")], self.timer("itself", fires.replace("CANCELS", "hrtimer_cancel(t)"),
                                                         "start(100); msleep(1);", accept=("ok", "FAIL")))

    def test_a_timer_may_start_itself_anew(self):
        fires = "static int n; if (n++ < 2) hrtimer_start(t, ns_to_ktime(100000), HRTIMER_MODE_REL_HARD); " \
                'pr_warn("%d %d\\n", n, hrtimer_is_queued(t));'
        self.assertEqual([("0", "1 1"), ("0", "2 1"), ("0", "3 0")], self.timer("anew", fires, "start(100); msleep(1);"))

    def test_a_timer_that_is_started_elsewhere_while_its_function_runs_stays_where_it_is(self):
        fires = 'static int n; pr_warn("runs\\n"); if (!n++) { mdelay(1); pr_warn("ends\\n"); }'
        above = "#include <linux/workqueue.h>\nstatic void again(struct work_struct *w)\n{\n\tmdelay(1);\n" \
                '\thrtimer_start(&timer, ns_to_ktime(1000), HRTIMER_MODE_REL_HARD);\n\tpr_warn("started\\n");\n}\n' \
                "static DECLARE_WORK(work, again);\n"
        self.assertEqual([("0", "runs"), ("1", "started"), ("0", "ends"), ("0", "runs")],
                         self.printed("stays", self.TIMER.replace("FIRES;", fires) + above,
                                      "schedule_work_on(1, &work); start(500); msleep(5);"))

    def test_who_waits_for_a_timer_that_waits_for_him_ends_the_run_at_once(self):
        """CPU 0 cancels it with the lock that its function wants: a loop that only reads, and is seen as one."""
        above = "#include <linux/workqueue.h>\nstatic DEFINE_SPINLOCK(own_lock);\n"
        work = "static void starts(struct work_struct *w) { start(500); }\nstatic DECLARE_WORK(work, starts);\n"
        told = self.ran("waits", above + self.TIMER.replace("FIRES;", "spin_lock(&own_lock); spin_unlock(&own_lock);") + work,
                        "schedule_work_on(1, &work); mdelay(1); spin_lock_irq(&own_lock); mdelay(1); hrtimer_cancel(&timer); "
                        'pr_warn("is back\\n");'.replace("mdelay(1); spin_lock_irq", "udelay(100); spin_lock_irq"), accept="FAIL")
        self.assertNotIn("is back", told)
        self.assertNotIn("access-limit", told)

    def test_per_cpu_arrays_are_had_by_pointer(self):
        above = "static DEFINE_PER_CPU(u64, own[8]);\n"
        init = "this_cpu_ptr(own)[0]++; raw_cpu_ptr(own)[1] = 2; per_cpu_ptr(own, 0)[2] = 3; per_cpu(own, 1)[3] = 4; " \
               "this_cpu_inc(own[4]); pr_warn(\"%llu %llu %llu %llu %llu\\n\", per_cpu(own, 0)[0], per_cpu(own, 0)[1], " \
               "per_cpu_ptr(own, 0)[2], per_cpu_ptr(own, 1)[3], per_cpu(own[4], 0));"
        self.assertEqual([("0", "1 2 3 4 1")], self.printed("array", above, init))

    def test_a_call_to_the_own_cpu_with_interrupts_off_is_warned_of(self):
        above = 'static void own(void *p) { pr_warn("called\\n"); }\n'
        init = "unsigned long f; local_irq_save(f); smp_call_function_single(0, own, NULL, 1); local_irq_restore(f);"
        lines = self.printed("self", above, init)
        self.assertEqual(("0", "called"), lines[-1])
        self.assertIn("WARNING: CPU: 0 at detector/kernel/smp.c", lines[0][1])
        self.assertEqual([("0", "called")], self.printed("self-on", above, "smp_call_function_single(0, own, NULL, 1);"))

    def parsed(self, name, *texts):
        """(result, mask) of each list of CPUs."""
        above = "static struct cpumask mask;\nstatic void parse(const char *text)\n{\n\tint ret = cpulist_parse(text, &mask);\n" \
                '\tpr_warn("%d %*pbl\\n", ret, cpumask_pr_args(&mask));\n}\n'
        return [line[1].split(" ") for line in self.printed(name, above, "".join(f'parse("{text}");' for text in texts))]

    def test_lists_of_cpus_have_groups_and_names(self):
        good = {"0-3": "0-3", "0-3:1/2": "0,2", "0-3:2/3": "0-1,3", "all": "0-3", "all:1/3": "0,3", "N": "3", "1-N": "1-3",
                "0,2-3": "0,2-3"}
        self.assertEqual([["0", mask] for mask in good.values()], self.parsed("lists", *good))
        bad = ("0-3:2/1", "0-3:1/0", "0-3:1", "1:1/2", "0-", "3-1")
        self.assertEqual(["-22"] * len(bad), [words[0] for words in self.parsed("no-lists", *bad)])

    def test_masks_have_complements_and_differences(self):
        above = "static struct cpumask a, b;\n"
        init = 'unsigned int cpu; cpumask_set_cpu(1, &a); cpumask_complement(&b, &a); pr_warn("%*pbl\\n", cpumask_pr_args(&b)); ' \
               'cpumask_set_cpu(3, &a); for_each_cpu_andnot(cpu, &b, &a) pr_warn("%u\\n", cpu);'
        self.assertEqual([("0", "0,2-3"), ("0", "0"), ("0", "2")], self.printed("masks", above, init))

    def test_functions_are_called_where_a_condition_holds(self):
        above = 'static bool odd(int cpu, void *p) { return cpu & 1; }\nstatic void own(void *p) { pr_warn("called\\n"); }\n'
        init = "on_each_cpu_cond(odd, own, NULL, true); on_each_cpu_cond_mask(odd, own, NULL, true, cpumask_of(3));"
        self.assertEqual([("1", "called"), ("3", "called"), ("3", "called")], self.printed("cond", above, init))

    def test_trylocks_of_reader_writer_spin_locks(self):
        above = "static DEFINE_RWLOCK(l);\n"
        init = 'int a, b, c, d; a = read_trylock(&l); b = read_trylock(&l); c = write_trylock(&l); read_unlock(&l); read_unlock(&l); ' \
               'd = write_trylock(&l); pr_warn("%d %d %d %d\\n", a, b, c, d); a = read_trylock(&l); b = write_trylock(&l); ' \
               'write_unlock(&l); write_lock_irq(&l); c = irqs_disabled(); write_unlock_irq(&l); read_lock_irq(&l); ' \
               'd = irqs_disabled() << irqs_disabled(); read_unlock_irq(&l); pr_warn("%d %d %d %d\\n", a, b, c, d); ' \
               'pr_warn("%d %d\\n", irqs_disabled(), preempt_count());'
        self.assertEqual([("0", "1 1 0 1"), ("0", "0 0 1 2"), ("0", "0 0")], self.printed("rwlock", above, init))

    def test_an_irq_work_is_queued_on_another_cpu(self):
        above = "#include <linux/irq_work.h>\nstatic void own(struct irq_work *w) " \
                '{ pr_warn("runs %d\\n", !!in_hardirq()); }\nstatic struct irq_work work = IRQ_WORK_INIT_HARD(own);\n'
        init = 'int a, b; a = irq_work_queue_on(&work, 2); b = irq_work_queue_on(&work, 2); irq_work_sync(&work); ' \
               'pr_warn("%d %d %d\\n", a, b, irq_work_queue_on(&work, 0)); irq_work_sync(&work);'
        lines = self.printed("irq-work", above, init)
        self.assertEqual(("2", "runs 1"), lines[0])
        self.assertEqual({("0", "runs 1"), ("0", "1 0 1")}, set(lines[1:]))

    BEAT = """
static struct hrtimer beat;
static enum hrtimer_restart beats(struct hrtimer *t)
{
	BEATS;
	return HRTIMER_NORESTART;
}
"""
    BEGIN = "hrtimer_init(&beat, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD); beat.function = beats; " \
            "hrtimer_start(&beat, ns_to_ktime(100000), HRTIMER_MODE_REL_HARD); "

    def in_interrupt(self, name, above, statements, init="", **named):
        """The object's timer runs the statements, on CPU 0 and while the initcall runs on."""
        return self.ran(name, above + self.BEAT.replace("BEATS;", statements), self.BEGIN + init, **named)

    def test_semaphores_are_tried_in_interrupts_without_a_lock(self):
        above = "static DECLARE_RWSEM(sem);\n"
        tries = 'int a = down_read_trylock(&sem), b; if (a) up_read(&sem); b = down_write_trylock(&sem); if (b) up_write(&sem); ' \
                'pr_warn("tries %d %d %d\\n", a, b, cpus_read_trylock());'
        for name, take, drop, seen in (("free", "", "", "1 1"), ("read", "down_read(&sem);", "up_read(&sem);", "1 0"),
                                       ("written", "down_write(&sem);", "up_write(&sem);", "0 0")):
            told = self.in_interrupt("sem-" + name, above, tries, f"{take} mdelay(1); {drop}")
            self.assertIn(f"CPU0 printk: tries {seen} 1", told)

    def test_semaphores_wake_who_waits(self):
        above = "#include <linux/workqueue.h>\nstatic DECLARE_RWSEM(sem);\n" \
                'static void reads(struct work_struct *w) { down_read(&sem); pr_warn("reads\\n"); msleep(2); pr_warn("read\\n"); ' \
                'up_read(&sem); }\nstatic DECLARE_WORK(a, reads);\nstatic DECLARE_WORK(b, reads);\n' \
                'static void writes(struct work_struct *w) { down_write(&sem); pr_warn("writes\\n"); msleep(2); ' \
                'pr_warn("written\\n"); up_write(&sem); }\nstatic DECLARE_WORK(c, writes);\n'
        init = "down_write(&sem); schedule_work_on(1, &a); schedule_work_on(2, &b); msleep(1); up_write(&sem); msleep(1); " \
               "schedule_work_on(3, &c); msleep(6); down_read(&sem); " \
               'pr_warn("%d\\n", down_write_trylock(&sem)); up_read(&sem); pr_warn("%d\\n", down_write_trylock(&sem));'
        lines = [line[1] for line in self.printed("wakes", above, init)]
        self.assertEqual(["reads", "reads", "read", "read", "writes", "written", "0", "1"], lines)

    def test_a_mutex_is_for_tasks_alone(self):
        above = "static DEFINE_MUTEX(own_mutex);\n"
        for call in ("mutex_trylock", "mutex_unlock", "mutex_lock"):
            take = "" if call != "mutex_unlock" else "mutex_lock(&own_mutex); "
            told = self.in_interrupt(call, above, f"(void){call}(&own_mutex);" if call == "mutex_trylock" else f"{call}(&own_mutex);",
                                     take + "mdelay(1);", accept="FAIL")
            what = r"may\s+sleep" if call == "mutex_lock" else r"is\s+for\s+tasks\s+alone"
            self.assertRegex(told, fr"INV-context \(up\) +CPU 0\s+called\s+{call}\(\),\s+which\s+{what},\s+in\s+an\s+interrupt")

    def test_what_a_report_prints(self):
        above = "#include <linux/sched/debug.h>\n#include <asm/irq_regs.h>\n#include <asm/ptrace.h>\n"
        told = self.in_interrupt("report", above, "print_modules(); print_irqtrace_events(current); show_regs(get_irq_regs());",
                                 "mdelay(1);")
        lines = re.findall(r"CPU0 printk: (.*)", told)
        self.assertEqual(["Modules linked in:", "CPU: 0 Comm: operator"], lines[:2])
        self.assertRegex(lines[2], "^RIP: 0010:.+")

    def test_cpus_are_asked_for_backtraces_in_interrupts(self):
        told = self.in_interrupt("backtrace", "", 'pr_warn("%d\\n", trigger_allbutself_cpu_backtrace());')
        lines = re.findall(r"CPU(\d) printk: (.*)", told)
        self.assertEqual(("0", "Sending NMI from CPU 0 to CPUs 1-3:"), lines[0])
        self.assertEqual([(str(cpu), f"NMI backtrace for cpu {cpu}") for cpu in (1, 2, 3)], sorted(lines[1:4]))
        self.assertEqual([("0", "1")], lines[4:])
        told = self.in_interrupt("asks-itself", "", 'pr_warn("%d\\n", trigger_single_cpu_backtrace(0));')
        self.assertEqual(["NMI backtrace for cpu 0", "1"], re.findall(r"CPU0 printk: (.*)", told))

    def test_clocks(self):
        above = "#include <linux/jiffies.h>\n#include <linux/sched/clock.h>\n"
        init = "unsigned long j = jiffies, end = j + msecs_to_jiffies(20); u64 a = sched_clock(), b; mdelay(100); b = local_clock(); " \
               'pr_warn("%d %d %d\\n", (int)(jiffies - j), (int)((b - a) / NSEC_PER_MSEC), time_after(jiffies, end)); ' \
               'pr_warn("%d\\n", time_before(jiffies, INITIAL_JIFFIES + HZ));'
        self.assertEqual([("0", "25 100 1"), ("0", "1")], self.printed("clocks", above, init))

    JIFFIES = """
#include <linux/timer.h>
#include <linux/workqueue.h>
static struct timer_list timer;
static unsigned long began;
static void fires(struct timer_list *t)
{
	pr_warn("fires %lu %d%d%d\\n", jiffies - began, !!in_serving_softirq(), !!in_hardirq(), irqs_disabled());
	FIRES;
}
"""
    START = "timer_setup(&timer, fires, 0); began = jiffies; "

    def jiffies(self, name, init, fires="", **named):
        return self.printed(name, self.JIFFIES.replace("FIRES;", fires), self.START + init, **named)

    def test_a_timer_fires_with_its_jiffy_as_a_softirq(self):
        self.assertEqual([("0", "0 1"), ("0", "fires 5 100"), ("0", "0 0")], self.jiffies(
            "fires", 'int old = mod_timer(&timer, jiffies + 5); pr_warn("%d %d\\n", old, timer_pending(&timer)); msleep(30); '
                     'pr_warn("%d %d\\n", del_timer(&timer), timer_pending(&timer));'))

    def test_a_timer_is_put_off_deleted_and_started_on_another_cpu(self):
        init = "int a, b; mod_timer(&timer, jiffies + 2); a = mod_timer(&timer, jiffies + 4); msleep(30); " \
               "mod_timer(&timer, jiffies + 2); b = del_timer_sync(&timer); msleep(20); timer.expires = jiffies + 2; " \
               'began = jiffies; add_timer_on(&timer, 2); msleep(20); pr_warn("%d %d\\n", a, b);'
        self.assertEqual([("0", "fires 4 100"), ("2", "fires 2 100"), ("0", "1 1")], self.jiffies("put-off", init))

    def test_deleting_waits_for_the_function_of_a_timer(self):
        init = 'mod_timer(&timer, jiffies + 1); schedule_work_on(1, &work); msleep(30);'
        above = 'static void deletes(struct work_struct *w) { mdelay(5); pr_warn("%d\\n", del_timer_sync(&timer)); }\n' \
                "static DECLARE_WORK(work, deletes);\n"
        text = self.JIFFIES.replace("FIRES;", 'mdelay(5); pr_warn("ends\\n");') + above
        self.assertEqual([("0", "fires 1 100"), ("0", "ends"), ("1", "0")], self.printed("deletes", text, self.START + init))

    def test_the_timers_of_a_cpu_that_goes_fire_elsewhere(self):
        init = "timer.expires = jiffies + HZ / 2; add_timer_on(&timer, 2);"
        lines = self.jiffies("goes", init, events="{at: 200 ms, offline: 2}")
        self.assertEqual([("0", "fires 125 100")], lines)

    BH = """
static DEFINE_SPINLOCK(own_lock);
static __maybe_unused DEFINE_RWLOCK(own_rwlock);
"""

    def shared_with_a_softirq(self, name, takes, ends):
        """The initcall has it for 20 ms, the timer is due after 4: what is printed."""
        above = "#include <linux/rcupdate.h>\n" + self.BH + self.JIFFIES.replace("FIRES;", "")
        init = f'mod_timer(&timer, jiffies + 1); {takes}; mdelay(20); pr_warn("had it %d%d\\n", !!in_softirq(), ' \
               f'!!in_serving_softirq()); {ends}; pr_warn("is out\\n"); msleep(5);'
        return self.printed(name, above, self.START + init)

    def test_no_softirq_comes_within_what_keeps_them_out(self):
        kept_out = [("0", "had it 10"), ("0", "fires 5 100"), ("0", "is out")]
        for name, takes, ends in (("bh", "local_bh_disable()", "local_bh_enable()"),
                                  ("bh-spin", "spin_lock_bh(&own_lock)", "spin_unlock_bh(&own_lock)"),
                                  ("bh-try", "BUG_ON(!spin_trylock_bh(&own_lock))", "spin_unlock_bh(&own_lock)"),
                                  ("bh-read", "read_lock_bh(&own_rwlock)", "read_unlock_bh(&own_rwlock)"),
                                  ("bh-write", "write_lock_bh(&own_rwlock)", "write_unlock_bh(&own_rwlock)"),
                                  ("bh-rcu", "rcu_read_lock_bh()", "rcu_read_unlock_bh()")):
            with self.subTest(name):
                self.assertEqual(kept_out, self.shared_with_a_softirq(name, takes, ends))

    def test_softirqs_come_in_where_the_outermost_ends(self):
        self.assertEqual([("0", "had it 10"), ("0", "still"), ("0", "fires 5 100"), ("0", "is out")],
                         self.shared_with_a_softirq("bh-nested", "local_bh_disable(); spin_lock_bh(&own_lock)",
                                                    'spin_unlock_bh(&own_lock); pr_warn("still\\n"); local_bh_enable()'))

    def test_a_lock_that_is_held_elsewhere_leaves_softirqs_as_they_were(self):
        above = self.BH + "#include <linux/workqueue.h>\nstatic void holds(struct work_struct *w)\n{\n\tspin_lock(&own_lock);\n" \
            "\tmdelay(10);\n\tspin_unlock(&own_lock);\n}\nstatic DECLARE_WORK(work, holds);\n"
        self.assertEqual([("0", "0 0")], self.printed(
            "bh-failed", above, 'schedule_work_on(1, &work); mdelay(2); pr_warn("%d %d\\n", spin_trylock_bh(&own_lock), '
                                "!!in_softirq());"))

    def test_a_task_that_keeps_softirqs_out_must_not_sleep_and_is_in_no_interrupt(self):
        told = self.ran("bh-sleeps", "", "local_bh_disable(); msleep(1); local_bh_enable();", accept="FAIL")
        self.assertIn("INV-context", told)
        self.assertNotIn("in an interrupt", told)

    DELAYED = "static void works(struct work_struct *w)\n{\n\tpr_warn(\"works %lu %d\\n\", jiffies - began, !!in_task());\n}\n" \
              "static DECLARE_DELAYED_WORK(dwork, works);\n"

    def delayed(self, name, init, **named):
        return self.printed(name, self.JIFFIES.replace("FIRES;", "") + self.DELAYED, self.START + init, **named)

    def test_a_delayed_work_is_a_task_of_later(self):
        self.assertEqual([("0", "works 5 1")], self.delayed("later", "schedule_delayed_work(&dwork, 5); msleep(40);"))
        self.assertEqual([("3", "works 5 1")], self.delayed("later-there", "schedule_delayed_work_on(3, &dwork, 5); msleep(40);"))
        self.assertEqual([("0", "works 0 1")], self.delayed("at-once", "schedule_delayed_work(&dwork, 0); msleep(40);"))

    def test_a_delayed_work_is_put_off_brought_forward_and_cancelled(self):
        init = "int a, b, c, d; a = mod_delayed_work(system_wq, &dwork, 50); b = mod_delayed_work(system_wq, &dwork, 5); " \
               "c = schedule_delayed_work(&dwork, 1); msleep(40); schedule_delayed_work(&dwork, 5); " \
               'd = cancel_delayed_work_sync(&dwork); msleep(40); pr_warn("%d %d %d %d\\n", a, b, c, d); ' \
               'schedule_delayed_work(&dwork, 1000); pr_warn("%d\\n", flush_delayed_work(&dwork)); '
        lines = self.delayed("cancelled", init)
        self.assertEqual([("0", "works 5 1"), ("0", "0 1 0 1")], lines[:2])
        self.assertEqual("1", lines[3][1])
        self.assertIn(lines[2][1].split()[1], ("20", "21", "22"))

    def test_what_waits_for_a_grace_period_is_called_after_it(self):
        above = "#include <linux/rcupdate.h>\n#include <linux/slab.h>\n#include <linux/ktime.h>\n" \
                "struct own { int a; struct rcu_head rcu; };\nstatic u64 began;\n" \
                'static void called(struct rcu_head *head) { pr_warn("called %d %d\\n", !!in_serving_softirq(), ' \
                "ktime_get_ns() - began > 1000000); kfree(container_of(head, struct own, rcu)); }\n"
        init = "struct own *p = kzalloc(sizeof(*p), GFP_KERNEL), *q = kzalloc(sizeof(*q), GFP_KERNEL); int before = q->a; " \
               "began = ktime_get_ns(); call_rcu(&p->rcu, called); kfree_rcu(q, rcu); q->a = 1; rcu_barrier(); " \
               'pr_warn("%d %d\\n", before, q->a);'
        self.assertEqual([("0", "called 1 1"), ("0", "0 1802201963")], self.printed("rcu", above, init, until="2 s"))

    def test_callbacks_of_a_cpu_that_goes_are_called_elsewhere(self):
        above = "#include <linux/rcupdate.h>\nstatic struct rcu_head head;\n" \
                'static void called(struct rcu_head *h) { pr_warn("called\\n"); }\n' \
                "static int offline(unsigned int cpu) { call_rcu(&head, called); return 0; }\n"
        init = 'cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "own", NULL, offline);'
        lines = self.printed("rcu-goes", above, init, events="{at: 200 ms, offline: 2}")
        self.assertEqual(["called"], [line[1] for line in lines])


if __name__ == "__main__":
    w.main(__doc__)
