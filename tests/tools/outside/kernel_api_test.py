# SPDX-License-Identifier: Apache-2.0
"""What the miniature kernel offers to a detector behaves as in Linux, also where it is used wrongly."""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

HEADERS = ("linux/bug", "linux/cpu", "linux/cpuhotplug", "linux/cpumask", "linux/delay", "linux/hrtimer", "linux/init",
           "linux/irq_work", "linux/jiffies", "linux/kernel", "linux/ktime", "linux/module", "linux/moduleparam", "linux/mutex",
           "linux/nmi", "linux/percpu", "linux/preempt", "linux/rcupdate", "linux/rwsem", "linux/sched/clock",
           "linux/sched/debug", "linux/slab", "linux/smp", "linux/spinlock", "linux/timer", "linux/workqueue", "asm/irq_regs",
           "asm/ptrace")
TEXT = """
static DEFINE_SPINLOCK(own_lock);
static DEFINE_RWLOCK(own_rwlock);
static DEFINE_MUTEX(own_mutex);
static DECLARE_RWSEM(sem);

static struct hrtimer hrtimer;
static enum hrtimer_restart hrtimer_fires(struct hrtimer *t)
{
/* the hrtimer's */
	return HRTIMER_NORESTART;
}
static void start(unsigned int us)
{
	hrtimer_init(&hrtimer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	hrtimer.function = hrtimer_fires;
	hrtimer_start(&hrtimer, ns_to_ktime(us * 1000ull), HRTIMER_MODE_REL_HARD);
}

static struct timer_list timer;
static unsigned long began;
static void fires(struct timer_list *t)
{
	pr_warn("fires %lu %d%d%d\\n", jiffies - began, !!in_serving_softirq(), !!in_hardirq(), irqs_disabled());
/* the timer's */
}

static void works(struct work_struct *w)
{
/* the work's */
}
static DECLARE_WORK(work, works);

static void called(void *unused)
{
	pr_warn("called\\n");
}
/* the cases' own */
static int __init own_init(void)
{
/* the initcall's */
	return 0;
}
late_initcall(own_init);
"""
CASES = w.Cases()


def case(name, initcall, above="", **others):
    return CASES.case(name, above, initcall=initcall, **others)


def with_timer(name, initcall, above="", **others):
    return case(name, "timer_setup(&timer, fires, 0); began = jiffies; " + initcall, above, **others)


def shared_with_a_softirq(name, takes, ends):
    """The initcall has it for 20 ms, the timer is due after 4."""
    return with_timer(name, f'mod_timer(&timer, jiffies + 1); {takes}; mdelay(20); pr_warn("had it %d%d\\n", !!in_softirq(), '
                            f'!!in_serving_softirq()); {ends}; pr_warn("is out\\n"); msleep(5);')


def in_interrupt(name, statements, initcall=""):
    """On CPU 0 and while the initcall runs on."""
    return case(name, "start(100); " + initcall, hrtimer=statements)


class Api(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        CASES.in_object("kernel-api", "".join(f"#include <{header}.h>\n" for header in HEADERS) + TEXT)

    def ran(self, name, accept="ok", **values):
        """What the run of a case tells."""
        file = w.write(os.path.join(w.Place.folder, "own.yaml"),
                       f"title: A title\ndetector: {{object: {CASES.object}}}\nuntil: 1 s\n")
        told = w.hldsim("run", file, "-v", "--color", "never", *w.settings({**CASES.options(name), **values}))
        self.assertTrue(told.startswith(accept), told)
        return told

    def printed(self, name, **named):
        """(CPU, text) of each line of the log."""
        return re.findall(r"CPU(\d) printk: (.*)", self.ran(name, **named))

    @case("try", "start(100); msleep(1);", hrtimer='pr_warn("tries %d\\n", hrtimer_try_to_cancel(t)); pr_warn("is back\\n");')
    @case("itself", "start(100); msleep(1);",
          hrtimer='pr_warn("tries %d\\n", hrtimer_try_to_cancel(t)); hrtimer_cancel(t); pr_warn("is back\\n");')
    def test_a_timer_that_cancels_itself_never_comes_back(self):
        self.assertEqual([("0", "tries -1"), ("0", "is back")], self.printed("try"))
        self.assertEqual([("0", "tries -1")], self.printed("itself", accept=("ok", "FAIL")))

    @case("anew", "start(100); msleep(1);",
          hrtimer="static int n; if (n++ < 2) hrtimer_start(t, ns_to_ktime(100000), HRTIMER_MODE_REL_HARD); "
                  'pr_warn("%d %d\\n", n, hrtimer_is_queued(t));')
    def test_a_timer_may_start_itself_anew(self):
        self.assertEqual([("0", "1 1"), ("0", "2 1"), ("0", "3 0")], self.printed("anew"))

    @case("stays", "schedule_work_on(1, &work); start(500); msleep(5);",
          hrtimer='static int n; pr_warn("runs\\n"); if (!n++) { mdelay(1); pr_warn("ends\\n"); }',
          work='mdelay(1); hrtimer_start(&hrtimer, ns_to_ktime(1000), HRTIMER_MODE_REL_HARD); pr_warn("started\\n");')
    def test_a_timer_that_is_started_elsewhere_while_its_function_runs_stays_where_it_is(self):
        self.assertEqual([("0", "runs"), ("1", "started"), ("0", "ends"), ("0", "runs")], self.printed("stays"))

    @case("waits", "schedule_work_on(1, &work); udelay(100); spin_lock_irq(&own_lock); mdelay(1); hrtimer_cancel(&hrtimer); "
                   'pr_warn("is back\\n");',
          hrtimer="spin_lock(&own_lock); spin_unlock(&own_lock);", work="start(500);")
    def test_who_waits_for_a_timer_that_waits_for_him_ends_the_run_at_once(self):
        """CPU 0 cancels it with the lock that its function wants: a loop that only reads, and is seen as one."""
        told = self.ran("waits", accept="FAIL")
        self.assertNotIn("is back", told)
        self.assertNotIn("access-limit", told)

    @case("array", "this_cpu_ptr(counts)[0]++; raw_cpu_ptr(counts)[1] = 2; per_cpu_ptr(counts, 0)[2] = 3; "
                   "per_cpu(counts, 1)[3] = 4; this_cpu_inc(counts[4]); "
                   'pr_warn("%llu %llu %llu %llu %llu\\n", per_cpu(counts, 0)[0], per_cpu(counts, 0)[1], '
                   "per_cpu_ptr(counts, 0)[2], per_cpu_ptr(counts, 1)[3], per_cpu(counts[4], 0));",
          above="static DEFINE_PER_CPU(u64, counts[8]);\n")
    def test_per_cpu_arrays_are_had_by_pointer(self):
        self.assertEqual([("0", "1 2 3 4 1")], self.printed("array"))

    @case("self", "unsigned long f; local_irq_save(f); smp_call_function_single(0, called, NULL, 1); local_irq_restore(f);")
    @case("self-on", "smp_call_function_single(0, called, NULL, 1);")
    def test_a_call_to_the_own_cpu_with_interrupts_off_is_warned_of(self):
        lines = self.printed("self")
        self.assertEqual(("0", "called"), lines[-1])
        self.assertIn("WARNING: CPU: 0 at detector/kernel/smp.c", lines[0][1])
        self.assertEqual([("0", "called")], self.printed("self-on"))

    LISTS = {"0-3": "0-3", "0-3:1/2": "0,2", "0-3:2/3": "0-1,3", "all": "0-3", "all:1/3": "0,3", "N": "3", "1-N": "1-3",
             "0,2-3": "0,2-3"}
    NO_LISTS = ("0-3:2/1", "0-3:1/0", "0-3:1", "1:1/2", "0-", "3-1")

    @case("lists", "".join(f'parse("{text}");' for text in LISTS),
          above="static struct cpumask mask;\nstatic void parse(const char *text)\n{\n\tint ret = cpulist_parse(text, &mask);\n"
                '\tpr_warn("%d %*pbl\\n", ret, cpumask_pr_args(&mask));\n}\n')
    @case("no-lists", "".join(f'parse("{text}");' for text in NO_LISTS))
    def test_lists_of_cpus_have_groups_and_names(self):
        self.assertEqual([("0", f"0 {mask}") for mask in self.LISTS.values()], self.printed("lists"))
        self.assertEqual(["-22"] * len(self.NO_LISTS), [line[1].split(" ")[0] for line in self.printed("no-lists")])

    @case("masks", "static struct cpumask a, b; unsigned int cpu; cpumask_set_cpu(1, &a); cpumask_complement(&b, &a); "
                   'pr_warn("%*pbl\\n", cpumask_pr_args(&b)); cpumask_set_cpu(3, &a); '
                   'for_each_cpu_andnot(cpu, &b, &a) pr_warn("%u\\n", cpu);')
    def test_masks_have_complements_and_differences(self):
        self.assertEqual([("0", "0,2-3"), ("0", "0"), ("0", "2")], self.printed("masks"))

    @case("cond", "on_each_cpu_cond(odd, called, NULL, true); on_each_cpu_cond_mask(odd, called, NULL, true, cpumask_of(3));",
          above="static bool odd(int cpu, void *p) { return cpu & 1; }\n")
    def test_functions_are_called_where_a_condition_holds(self):
        self.assertEqual([("1", "called"), ("3", "called"), ("3", "called")], self.printed("cond"))

    @case("rwlock", "int a, b, c, d; rwlock_t *l = &own_rwlock; "
                    "a = read_trylock(l); b = read_trylock(l); c = write_trylock(l); read_unlock(l); read_unlock(l); "
                    'd = write_trylock(l); pr_warn("%d %d %d %d\\n", a, b, c, d); a = read_trylock(l); b = write_trylock(l); '
                    "write_unlock(l); write_lock_irq(l); c = irqs_disabled(); write_unlock_irq(l); read_lock_irq(l); "
                    'd = irqs_disabled() << irqs_disabled(); read_unlock_irq(l); pr_warn("%d %d %d %d\\n", a, b, c, d); '
                    'pr_warn("%d %d\\n", irqs_disabled(), preempt_count());')
    def test_trylocks_of_reader_writer_spin_locks(self):
        self.assertEqual([("0", "1 1 0 1"), ("0", "0 0 1 2"), ("0", "0 0")], self.printed("rwlock"))

    @case("irq-work", "int a, b; a = irq_work_queue_on(&irqs, 2); b = irq_work_queue_on(&irqs, 2); irq_work_sync(&irqs); "
                      'pr_warn("%d %d %d\\n", a, b, irq_work_queue_on(&irqs, 0)); irq_work_sync(&irqs);',
          above='static void runs(struct irq_work *w) { pr_warn("runs %d\\n", !!in_hardirq()); }\n'
                "static struct irq_work irqs = IRQ_WORK_INIT_HARD(runs);\n")
    def test_an_irq_work_is_queued_on_another_cpu(self):
        lines = self.printed("irq-work")
        self.assertEqual(("2", "runs 1"), lines[0])
        self.assertEqual({("0", "runs 1"), ("0", "1 0 1")}, set(lines[1:]))

    TRIES = "int a = down_read_trylock(&sem), b; if (a) up_read(&sem); b = down_write_trylock(&sem); if (b) up_write(&sem); " \
            'pr_warn("tries %d %d %d\\n", a, b, cpus_read_trylock());'

    @in_interrupt("sem-free", TRIES, "mdelay(1);")
    @in_interrupt("sem-read", TRIES, "down_read(&sem); mdelay(1); up_read(&sem);")
    @in_interrupt("sem-written", TRIES, "down_write(&sem); mdelay(1); up_write(&sem);")
    def test_semaphores_are_tried_in_interrupts_without_a_lock(self):
        for name, seen in (("free", "1 1"), ("read", "1 0"), ("written", "0 0")):
            self.assertIn(f"CPU0 printk: tries {seen} 1", self.ran("sem-" + name))

    @case("wakes", "down_write(&sem); schedule_work_on(1, &a); schedule_work_on(2, &b); msleep(1); up_write(&sem); msleep(1); "
                   'schedule_work_on(3, &c); msleep(6); down_read(&sem); pr_warn("%d\\n", down_write_trylock(&sem)); '
                   'up_read(&sem); pr_warn("%d\\n", down_write_trylock(&sem));',
          above='static void reads(struct work_struct *w) { down_read(&sem); pr_warn("reads\\n"); msleep(2); pr_warn("read\\n"); '
                "up_read(&sem); }\nstatic DECLARE_WORK(a, reads);\nstatic DECLARE_WORK(b, reads);\n"
                'static void writes(struct work_struct *w) { down_write(&sem); pr_warn("writes\\n"); msleep(2); '
                'pr_warn("written\\n"); up_write(&sem); }\nstatic DECLARE_WORK(c, writes);\n')
    def test_semaphores_wake_who_waits(self):
        lines = [line[1] for line in self.printed("wakes")]
        self.assertEqual(["reads", "reads", "read", "read", "writes", "written", "0", "1"], lines)

    @in_interrupt("mutex_trylock", "(void)mutex_trylock(&own_mutex);", "mdelay(1);")
    @in_interrupt("mutex_unlock", "mutex_unlock(&own_mutex);", "mutex_lock(&own_mutex); mdelay(1);")
    @in_interrupt("mutex_lock", "mutex_lock(&own_mutex);", "mdelay(1);")
    def test_a_mutex_is_for_tasks_alone(self):
        for call in ("mutex_trylock", "mutex_unlock", "mutex_lock"):
            told = self.ran(call, accept="FAIL")
            what = r"may\s+sleep" if call == "mutex_lock" else r"is\s+for\s+tasks\s+alone"
            self.assertRegex(told, fr"INV-context \(up\) +CPU 0\s+called\s+{call}\(\),\s+which\s+{what},\s+in\s+an\s+interrupt")

    @in_interrupt("report", "print_modules(); print_irqtrace_events(current); show_regs(get_irq_regs());", "mdelay(1);")
    def test_what_a_report_prints(self):
        lines = re.findall(r"CPU0 printk: (.*)", self.ran("report"))
        self.assertEqual(["Modules linked in:", "CPU: 0 Comm: operator"], lines[:2])
        self.assertRegex(lines[2], "^RIP: 0010:.+")

    @in_interrupt("backtrace", 'pr_warn("%d\\n", trigger_allbutself_cpu_backtrace());')
    @in_interrupt("asks-itself", 'pr_warn("%d\\n", trigger_single_cpu_backtrace(0));')
    def test_cpus_are_asked_for_backtraces_in_interrupts(self):
        lines = self.printed("backtrace")
        self.assertEqual(("0", "Sending NMI from CPU 0 to CPUs 1-3:"), lines[0])
        self.assertEqual([(str(cpu), f"NMI backtrace for cpu {cpu}") for cpu in (1, 2, 3)], sorted(lines[1:4]))
        self.assertEqual([("0", "1")], lines[4:])
        told = self.ran("asks-itself")
        self.assertEqual(["NMI backtrace for cpu 0", "1"], re.findall(r"CPU0 printk: (.*)", told))

    @case("clocks", "unsigned long j = jiffies, end = j + msecs_to_jiffies(20); u64 a = sched_clock(), b; mdelay(100); "
                    "b = local_clock(); "
                    'pr_warn("%d %d %d\\n", (int)(jiffies - j), (int)((b - a) / NSEC_PER_MSEC), time_after(jiffies, end)); '
                    'pr_warn("%d\\n", time_before(jiffies, INITIAL_JIFFIES + HZ));')
    def test_clocks(self):
        self.assertEqual([("0", "25 100 1"), ("0", "1")], self.printed("clocks"))

    @with_timer("fires", 'int old = mod_timer(&timer, jiffies + 5); pr_warn("%d %d\\n", old, timer_pending(&timer)); msleep(30); '
                         'pr_warn("%d %d\\n", del_timer(&timer), timer_pending(&timer));')
    def test_a_timer_fires_with_its_jiffy_as_a_softirq(self):
        self.assertEqual([("0", "0 1"), ("0", "fires 5 100"), ("0", "0 0")], self.printed("fires"))

    @with_timer("put-off", "int a, b; mod_timer(&timer, jiffies + 2); a = mod_timer(&timer, jiffies + 4); msleep(30); "
                           "mod_timer(&timer, jiffies + 2); b = del_timer_sync(&timer); msleep(20); timer.expires = jiffies + 2; "
                           'began = jiffies; add_timer_on(&timer, 2); msleep(20); pr_warn("%d %d\\n", a, b);')
    def test_a_timer_is_put_off_deleted_and_started_on_another_cpu(self):
        self.assertEqual([("0", "fires 4 100"), ("2", "fires 2 100"), ("0", "1 1")], self.printed("put-off"))

    @with_timer("deletes", "mod_timer(&timer, jiffies + 1); schedule_work_on(1, &work); msleep(30);",
                timer='mdelay(5); pr_warn("ends\\n");', work='mdelay(5); pr_warn("%d\\n", del_timer_sync(&timer));')
    def test_deleting_waits_for_the_function_of_a_timer(self):
        self.assertEqual([("0", "fires 1 100"), ("0", "ends"), ("1", "0")], self.printed("deletes"))

    @with_timer("goes", "timer.expires = jiffies + HZ / 2; add_timer_on(&timer, 2);")
    def test_the_timers_of_a_cpu_that_goes_fire_elsewhere(self):
        self.assertEqual([("0", "fires 125 100")], self.printed("goes", events="[{at: 200 ms, offline: 2}]"))

    @shared_with_a_softirq("bh", "local_bh_disable()", "local_bh_enable()")
    @shared_with_a_softirq("bh-spin", "spin_lock_bh(&own_lock)", "spin_unlock_bh(&own_lock)")
    @shared_with_a_softirq("bh-try", "BUG_ON(!spin_trylock_bh(&own_lock))", "spin_unlock_bh(&own_lock)")
    @shared_with_a_softirq("bh-read", "read_lock_bh(&own_rwlock)", "read_unlock_bh(&own_rwlock)")
    @shared_with_a_softirq("bh-write", "write_lock_bh(&own_rwlock)", "write_unlock_bh(&own_rwlock)")
    @shared_with_a_softirq("bh-rcu", "rcu_read_lock_bh()", "rcu_read_unlock_bh()")
    def test_no_softirq_comes_within_what_keeps_them_out(self):
        for name in ("bh", "bh-spin", "bh-try", "bh-read", "bh-write", "bh-rcu"):
            with self.subTest(name):
                self.assertEqual([("0", "had it 10"), ("0", "fires 5 100"), ("0", "is out")], self.printed(name))

    @shared_with_a_softirq("bh-nested", "local_bh_disable(); spin_lock_bh(&own_lock)",
                           'spin_unlock_bh(&own_lock); pr_warn("still\\n"); local_bh_enable()')
    def test_softirqs_come_in_where_the_outermost_ends(self):
        self.assertEqual([("0", "had it 10"), ("0", "still"), ("0", "fires 5 100"), ("0", "is out")], self.printed("bh-nested"))

    @case("bh-failed", "schedule_work_on(1, &work); mdelay(2); "
                       'pr_warn("%d %d\\n", spin_trylock_bh(&own_lock), !!in_softirq());',
          work="spin_lock(&own_lock); mdelay(10); spin_unlock(&own_lock);")
    def test_a_lock_that_is_held_elsewhere_leaves_softirqs_as_they_were(self):
        self.assertEqual([("0", "0 0")], self.printed("bh-failed"))

    @case("bh-sleeps", "local_bh_disable(); msleep(1); local_bh_enable();")
    def test_a_task_that_keeps_softirqs_out_must_not_sleep_and_is_in_no_interrupt(self):
        told = self.ran("bh-sleeps", accept="FAIL")
        self.assertIn("INV-context", told)
        self.assertNotIn("in an interrupt", told)

    @with_timer("later", "schedule_delayed_work(&later, 5); msleep(40);",
                above="static void works_later(struct work_struct *w)\n{\n"
                      '\tpr_warn("works %lu %d\\n", jiffies - began, !!in_task());\n}\n'
                      "static DECLARE_DELAYED_WORK(later, works_later);\n")
    @with_timer("later-there", "schedule_delayed_work_on(3, &later, 5); msleep(40);")
    @with_timer("at-once", "schedule_delayed_work(&later, 0); msleep(40);")
    def test_a_delayed_work_is_a_task_of_later(self):
        self.assertEqual([("0", "works 5 1")], self.printed("later"))
        self.assertEqual([("3", "works 5 1")], self.printed("later-there"))
        self.assertEqual([("0", "works 0 1")], self.printed("at-once"))

    @with_timer("cancelled", "int a, b, c, d; a = mod_delayed_work(system_wq, &later, 50); "
                             "b = mod_delayed_work(system_wq, &later, 5); c = schedule_delayed_work(&later, 1); msleep(40); "
                             "schedule_delayed_work(&later, 5); d = cancel_delayed_work_sync(&later); msleep(40); "
                             'pr_warn("%d %d %d %d\\n", a, b, c, d); schedule_delayed_work(&later, 1000); '
                             'pr_warn("%d\\n", flush_delayed_work(&later));')
    def test_a_delayed_work_is_put_off_brought_forward_and_cancelled(self):
        lines = self.printed("cancelled")
        self.assertEqual([("0", "works 5 1"), ("0", "0 1 0 1")], lines[:2])
        self.assertEqual("1", lines[3][1])
        self.assertIn(lines[2][1].split()[1], ("20", "21", "22"))

    @case("rcu", "struct own *p = kzalloc(sizeof(*p), GFP_KERNEL), *q = kzalloc(sizeof(*q), GFP_KERNEL); int before = q->a; "
                 "asked = ktime_get_ns(); call_rcu(&p->rcu, frees); kfree_rcu(q, rcu); q->a = 1; rcu_barrier(); "
                 'pr_warn("%d %d\\n", before, q->a);',
          above="struct own { int a; struct rcu_head rcu; };\nstatic u64 asked;\n"
                'static void frees(struct rcu_head *head) { pr_warn("called %d %d\\n", !!in_serving_softirq(), '
                "ktime_get_ns() - asked > 1000000); kfree(container_of(head, struct own, rcu)); }\n")
    def test_what_waits_for_a_grace_period_is_called_after_it(self):
        self.assertEqual([("0", "called 1 1"), ("0", "0 1802201963")], self.printed("rcu", until="2 s"))

    @case("rcu-goes", 'cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "own", NULL, offline);',
          above="static struct rcu_head head;\nstatic void calls(struct rcu_head *h) { called(NULL); }\n"
                "static int offline(unsigned int cpu) { call_rcu(&head, calls); return 0; }\n")
    def test_callbacks_of_a_cpu_that_goes_are_called_elsewhere(self):
        lines = self.printed("rcu-goes", events="[{at: 200 ms, offline: 2}]")
        self.assertEqual(["called"], [line[1] for line in lines])


if __name__ == "__main__":
    w.main(__doc__)
