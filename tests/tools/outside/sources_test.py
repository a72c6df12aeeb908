# SPDX-License-Identifier: Apache-2.0
"""Detectors whose NMIs do not come from a timer of the HPET by message: what their code sets up is their own."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

# A check every 4.5 s at most, of a beat every 4 s; HANDLER, ON and INIT are each source's own.
TEXT = """
#define pr_fmt(fmt) "mine: " fmt
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/init.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/smp.h>
#include <asm/apic.h>
#include <asm/hpet.h>
#include <asm/msr.h>
#include <asm/nmi.h>
#include <asm/tsc.h>

static struct cpumask mask, asked;
static void __iomem *hpet, *ioapic;
static DEFINE_PER_CPU(unsigned long, beats);
static DEFINE_PER_CPU(unsigned long, saved);
static DEFINE_PER_CPU(u64, last);
static DEFINE_PER_CPU(struct hrtimer, beat);

static enum hrtimer_restart my_beat(struct hrtimer *timer)
{
	__this_cpu_inc(beats);
	hrtimer_forward_now(timer, ns_to_ktime(4000000000ull));
	return HRTIMER_RESTART;
}
static void check(unsigned int cpu)
{
	u64 now = rdtsc();

	if (now - this_cpu_read(last) < (u64)tsc_khz * 4500)
		return;
	this_cpu_write(last, now);
	if (this_cpu_read(beats) == this_cpu_read(saved))
		pr_emerg("Watchdog detected hard LOCKUP on cpu %u\\n", cpu);
	this_cpu_write(saved, this_cpu_read(beats));
}
static void entry(unsigned int pin, u32 low, u32 high)
{
	writel(0x11 + 2 * pin, ioapic);
	writel(high, ioapic + 0x10);
	writel(0x10 + 2 * pin, ioapic);
	writel(low, ioapic + 0x10);
}
static void timer(unsigned int ms)
{
	u32 ticks = (u32)((u64)ms * 1000000000000ull / readl(hpet + HPET_PERIOD));
	u32 conf = HPET_TN_32BIT | HPET_TN_FSB | HPET_TN_PERIODIC;

	writel(readl(hpet + HPET_CFG) | HPET_CFG_ENABLE, hpet + HPET_CFG);
	writel(APIC_DM_NMI, hpet + HPET_Tn_ROUTE(0));
	writel(0xfee00000, hpet + HPET_Tn_ROUTE(0) + 4);
	writel(conf | HPET_TN_SETVAL, hpet + HPET_Tn_CFG(0));
	writel(readl(hpet + HPET_COUNTER) + ticks, hpet + HPET_Tn_CMP(0));
	writel(ticks, hpet + HPET_Tn_CMP(0));
	writel(conf | HPET_TN_ENABLE, hpet + HPET_Tn_CFG(0));
}
static void count(void)
{
	wrmsrl(MSR_CORE_PERF_FIXED_CTR0 + 2, -((u64)tsc_khz * 5000) & ((1ull << 48) - 1));
}
static int my_nmi(unsigned int type, struct pt_regs *regs)
{
	unsigned int c, cpu = smp_processor_id();
	u64 status = 0;

	(void)c, (void)status;
	HANDLER
	check(cpu);
	return NMI_HANDLED;
}
static int my_online(unsigned int cpu)
{
	struct hrtimer *timer = this_cpu_ptr(&beat);

	this_cpu_write(last, rdtsc());
	hrtimer_init(timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	timer->function = my_beat;
	hrtimer_start(timer, ns_to_ktime(4000000000ull), HRTIMER_MODE_REL_PINNED_HARD);
	cpumask_set_cpu(cpu, &mask);
	ON
	return 0;
}
static int __init my_init(void)
{
	int ret;

	hpet = ioremap(0xfed00000, HPET_MMAP_SIZE);
	ioapic = ioremap(0xfec00000, 0x1000);
	ret = register_nmi_handler(NMI_LOCAL, my_nmi, 0, "mine");
	if (!ret)
		ret = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "mine:online", my_online, NULL);
	INIT
	(void)entry, (void)timer, (void)count;
	return ret < 0 ? ret : 0;
}
module_init(my_init);
"""
MONITORED = "if (!cpumask_test_cpu(cpu, &mask)) return NMI_DONE;"
POLLED = MONITORED + "if (cpu == 0) { outb(0x0c, 0x20); inb(0x20); }"  # the 8259 lets INTR fall
PIT = "outb(0x34, 0x43); outb(0xff, 0x40); outb(0xff, 0x40);"
ASKS = ("if (cpu == 0) { cpumask_copy(&asked, &mask); cpumask_clear_cpu(0, &asked);"
        " for_each_cpu(c, &asked) SEND } else if (!cpumask_test_and_clear_cpu(cpu, &asked)) return NMI_DONE;")
BY_TABLE = ASKS.replace("SEND", "apic->send_IPI(c, NMI_VECTOR);")
BY_REGISTER = ASKS.replace("SEND", "apic_icr_write(APIC_DM_NMI, cpu_physical_id(c));")
COUNTED = ("rdmsrl(MSR_CORE_PERF_GLOBAL_STATUS, status); if (!(status & (1ull << 34))) return NMI_DONE;"
           " wrmsrl(MSR_CORE_PERF_GLOBAL_OVF_CTRL, 1ull << 34); count(); apic_write(APIC_LVTPC, APIC_DM_NMI);")
COUNTS = ("count(); wrmsrl(MSR_CORE_PERF_FIXED_CTR_CTRL, 0xb00); wrmsrl(MSR_CORE_PERF_GLOBAL_CTRL, 1ull << 34);"
          " apic_write(APIC_LVTPC, APIC_DM_NMI);")
SOURCES = {  # handler, online callback, initcall
    "ipi": (BY_TABLE, "", "timer(9000);"),
    "register": (BY_REGISTER, "", "timer(9000);"),
    "pit": (MONITORED, "", "entry(2, APIC_DM_NMI, 0xff000000);" + PIT),
    "lint0": (POLLED, "apic_write(APIC_LVT0, APIC_DM_NMI);",
              "outb(0x11, 0x20); outb(0x30, 0x21); outb(4, 0x21); outb(3, 0x21); outb(0xfe, 0x21);" + PIT),
    "counter": (COUNTED, COUNTS, ""),
}
STUCK = "{at: 12 s, stuck: {cpu: 1, kind: irq-off}}"


class Sources(unittest.TestCase):
    def scenario(self, name, events=STUCK, cmdline="", handler=None, more=""):
        """One object for each source. Gives the scenario."""
        path = os.path.join(w.Place.folder, name)
        own, online, init = SOURCES[name]
        text = TEXT.replace("HANDLER", handler or own).replace("ON\n", online + more + "\n").replace("INIT\n", init + "\n")
        w.compiled([w.write(path + ".c", text), f"--kernel={w.Place.kernel}", "-o", path + ".so"])
        w.write(path + ".yaml", "monitored: mask\nmax_delay: 2 thresholds\n")
        return w.write(path + "-run.yaml", f"title: A title\nmachine: {{cpus: 3}}\nkernel: {{cmdline: '{cmdline}'}}\n"
                       f"detector: {{object: {path}.so}}\nevents: [{events}]\nuntil: 15 s\n")

    def test_what_the_code_of_the_detector_sets_up_is_its_own(self):
        """A CPU that is halted counts nothing, so it is not asked of a counter that each CPU is checked."""
        for name in SOURCES:
            one = w.run(self.scenario(name))
            self.assertEqual(name == "counter", "INV-cover" in str(one["unwatched"]), name)
            self.assertEqual([], w.hazards(one), name)
            self.assertEqual({1}, {report["cpu"] for report in one["reports"]}, f"{name}: and CPU 1 is checked")

    def test_an_nmi_that_the_kernel_sends_is_none_of_the_detectors(self):
        one = w.run(self.scenario("ipi", "{at: 3 s, nmi: {cpu: 1, source: ipi}}", "hld.backtrace", MONITORED))
        self.assertEqual(["INV-claim"], w.hazards(one))

    def test_what_the_kernel_sends_for_the_detector_is_the_kernels(self):
        """The driver of the local APIC acts for who calls it, a backtrace for itself."""
        again = "{at: 3 s, offline: 2}, {at: 5 s, online: 2}"
        for asked, expected in (("backtrace_request(1);", ["INV-claim"]), ("apic->send_IPI(1, NMI_VECTOR);", [])):
            online = f"static int times; long backtrace_request(unsigned int); if (cpu == 2 && times++) {asked}"
            one = w.run(self.scenario("ipi", again, "hld.backtrace", MONITORED, online))
            self.assertEqual(expected, [name for name in w.hazards(one) if name == "INV-claim"], asked)


if __name__ == "__main__":
    w.main(__doc__)
