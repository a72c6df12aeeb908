// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Uses the API as the series of 2021 to 2023 do: the message composed by bit fields, IPIs from the NMI, irq_work. */
#define pr_fmt(fmt) "NMI hpet watchdog: " fmt

#include <linux/cpumask.h>
#include <linux/irq_work.h>
#include <linux/jump_label.h>
#include <linux/math64.h>
#include <linux/msi.h>
#include <linux/nmi.h>
#include <linux/slab.h>
#include <linux/tick.h>
#include <asm/apic.h>
#include <asm/hpet.h>
#include <asm/irq_remapping.h>
#include <asm/tsc.h>

#include "apic/local.h"

static struct {
	struct msi_msg msg;
	cpumask_var_t monitored;
	struct cpumask inspect;
	struct irq_work move;
	u64 tsc_next, tsc_error, ticks_per_second;
	unsigned int handling_cpu, channel;
} hld;
static bool use_hpet;

static void move(struct irq_work *work)
{
	unsigned int cpu = cpumask_next(smp_processor_id(), hld.monitored);

	if (cpu >= nr_cpu_ids)
		cpu = cpumask_first(hld.monitored);
	hld.handling_cpu = cpu;
	hld.msg.arch_addr_lo.destid_0_7 = apic->calc_dest_apicid(cpu) & 0xff;
	hpet_writel(hld.msg.address_lo, HPET_Tn_ROUTE(hld.channel) + 4);
}

static int handler(unsigned int type, struct pt_regs *regs)
{
	unsigned int this_cpu = smp_processor_id();

	if (this_cpu == hld.handling_cpu && (rdtsc() - hld.tsc_next) + hld.tsc_error < 2 * hld.tsc_error) {
		cpumask_copy(&hld.inspect, cpu_online_mask);
		cpumask_clear_cpu(this_cpu, &hld.inspect);
		if (static_branch_likely(&apic_use_ipi_shorthand) && !cpumask_empty(&hld.inspect))
			apic->send_IPI_allbutself(NMI_VECTOR);
		else
			apic->send_IPI_mask_allbutself(&hld.inspect, NMI_VECTOR);
		inspect_for_hardlockups(regs);
		irq_work_queue(&hld.move);
		return NMI_HANDLED;
	}
	if (cpumask_test_and_clear_cpu(this_cpu, &hld.inspect)) {
		inspect_for_hardlockups(regs);
		return NMI_HANDLED;
	}
	return NMI_DONE;
}

static int __init setup(char *str)
{
	if (parse_option_str(str, "hpet"))
		use_hpet = true;
	if (!nmi_watchdog_user_enabled && use_hpet)
		pr_warn_once("no effect with the NMI watchdog disabled\n");
	return 0;
}
early_param("nmi_watchdog", setup);

static int __init init(void)
{
	u64 ticks = (u64)tsc_khz * 1000;

	if (!use_hpet || !is_hpet_enabled() || check_tsc_unstable() || tick_nohz_full_enabled())
		return -ENODEV;
	if (!zalloc_cpumask_var(&hld.monitored, GFP_KERNEL))
		return -ENOMEM;
	do_div(ticks, num_online_cpus());
	hld.tsc_error = ticks >> 6;
	hld.tsc_next = rdtsc() + ticks;
	memset(&hld.msg, 0, sizeof(hld.msg));
	hld.msg.arch_addr_lo.base_address = X86_MSI_BASE_ADDRESS_LOW;
	hld.msg.arch_addr_lo.dest_mode_logical = apic->dest_mode_logical;
	hld.msg.arch_data.delivery_mode = APIC_DELIVERY_MODE_NMI;
	if (irq_remapping_enabled)
		pr_info("interrupts are remapped\n");
	init_irq_work(&hld.move, move);
	return register_nmi_handler(NMI_LOCAL, handler, 0, "hpet_hld");
}
device_initcall(init);
