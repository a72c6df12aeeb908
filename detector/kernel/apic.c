// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The local APIC: xAPIC through its page, or x2APIC through MSRs. */
#include "kernel.h"
#include <linux/io.h>
#include <linux/jump_label.h>
#include <asm/apic.h>
#include <asm/nmi.h>
#include <asm/tsc.h>

static void __iomem *apic_page; /* NULL: x2APIC */
static u64 apic_timer_hz;
static bool apic_timer_deadline;

static u32 lapic_read(u32 reg)
{
	hld_u64 value = 0;

	if (apic_page)
		return readl(apic_page + reg);
	WARN_ON_ONCE(hld_rdmsr(APIC_BASE_MSR + (reg >> 4), &value));
	return (u32)value;
}

static void lapic_write(u32 reg, u32 value)
{
	if (apic_page)
		writel(value, apic_page + reg);
	else
		WARN_ON_ONCE(hld_wrmsr(APIC_BASE_MSR + (reg >> 4), value));
}

void apic_find(void)
{
	const struct hld_firmware *fw = hld_firmware();

	apic_page = fw->x2apic ? NULL : ioremap(fw->lapic_address, 0x1000);
	apic_timer_hz = fw->crystal_hz;
	apic_timer_deadline = fw->tsc_deadline;
}

void apic_eoi(void)
{
	lapic_write(APIC_EOI, 0);
}

static void wait_icr_idle(void)
{
	while (lapic_read(APIC_ICR) & APIC_ICR_BUSY)
		cpu_relax();
}

/*
 * xAPIC: the command is two registers, so interrupts are off between them. An
 * NMI is not: one that sends an IPI there redirects this one. x2APIC: one MSR,
 * which is not ordered behind earlier stores (SDM vol 3, 10.12.3), hence the
 * fences.
 */
static void lapic_icr_write(u32 icr, u32 apicid)
{
	unsigned long flags;

	if (!apic_page) {
		weak_wrmsr_fence();
		hld_wrmsr(APIC_BASE_MSR + (APIC_ICR >> 4), (u64)apicid << 32 | icr);
		return;
	}
	local_irq_save(flags);
	wait_icr_idle();
	lapic_write(APIC_ICR2, apicid << 24);
	lapic_write(APIC_ICR, icr);
	local_irq_restore(flags);
}

void apic_send_ipi(unsigned int cpu, u32 icr)
{
	lapic_icr_write(icr, cpu_physical_id(cpu));
}

bool apic_irr_is_set(u32 vector)
{
	return lapic_read(APIC_IRR + (vector / 32) * 0x10) & (1u << (vector % 32));
}

/* INIT leaves x2APIC mode alone and everything else at its reset value, masked. */
void setup_local_APIC(void)
{
	hld_u64 base;

	if (!apic_page) {
		WARN_ON(hld_rdmsr(MSR_IA32_APICBASE, &base));
		if (!(base & X2APIC_ENABLE))
			WARN_ON(hld_wrmsr(MSR_IA32_APICBASE,
					  base | MSR_IA32_APICBASE_ENABLE | X2APIC_ENABLE));
	}
	lapic_write(APIC_SPIV, APIC_SPIV_APIC_ENABLED | SPURIOUS_APIC_VECTOR);
	/* The platform's NMI pin goes to the boot CPU alone. */
	if (smp_processor_id() == 0)
		lapic_write(APIC_LVT1, APIC_DM_NMI);
	perf_events_lapic_init();
}

/* The vector of an NMI has no effect but where processors report it as its source. */
void apic_unmask_counters(void)
{
	lapic_write(APIC_LVTPC, APIC_DM_NMI | NMI_SOURCE_PMI);
}

void apic_soft_disable(void)
{
	lapic_write(APIC_SPIV, SPURIOUS_APIC_VECTOR);
}

/* All local sources off; the APIC itself stays on. */
void clear_local_APIC(void)
{
	lapic_write(APIC_LVTT, LOCAL_TIMER_VECTOR | APIC_LVT_MASKED);
	lapic_write(APIC_LVTPC, APIC_LVT_MASKED);
	lapic_write(APIC_LVT0, APIC_LVT_MASKED);
	lapic_write(APIC_LVT1, APIC_LVT_MASKED);
}

/* ---- the timer: one event at a time ---- */

void apic_timer_setup(void)
{
	if (!apic_timer_deadline) {
		lapic_write(APIC_TDCR, APIC_TDR_DIV_1);
		lapic_write(APIC_LVTT, LOCAL_TIMER_VECTOR);
		return;
	}
	lapic_write(APIC_LVTT, LOCAL_TIMER_VECTOR | APIC_LVT_TIMER_TSCDEADLINE);
	/* The mode must be there before the MSR is written (SDM vol 3, 10.5.4.1). */
	if (apic_page)
		mb();
}

void apic_timer_arm(u64 tsc)
{
	u64 now, ticks, khz = apic_timer_hz / 1000;

	if (apic_timer_deadline) {
		hld_wrmsr(MSR_IA32_TSC_DEADLINE, tsc);
		return;
	}
	now = hld_rdtsc();
	ticks = 1;
	/* A far deadline is reached in several steps: the interrupt finds nothing due. */
	if (tsc > now)
		ticks = min_t(u64, (tsc - now) / tsc_khz, U32_MAX / khz) * khz +
			DIV_ROUND_UP((tsc - now) % tsc_khz * khz, tsc_khz);
	lapic_write(APIC_TMICT, (u32)clamp_t(u64, ticks, 1, U32_MAX));
}

void apic_timer_stop(void)
{
	if (apic_timer_deadline)
		hld_wrmsr(MSR_IA32_TSC_DEADLINE, 0);
	else
		lapic_write(APIC_TMICT, 0);
}

/* ---- the driver, as other files and detectors see it ---- */

DEFINE_STATIC_KEY_FALSE(apic_use_ipi_shorthand);

/* An NMI has no vector: its number stands for the delivery mode. */
static u32 prepare_icr(int vector)
{
	return vector == NMI_VECTOR ? APIC_DM_NMI : APIC_DM_FIXED | (u32)vector;
}

static void shorthand_icr_write(u32 shorthand, int vector)
{
	unsigned long flags;

	if (!apic_page) {
		lapic_icr_write(shorthand | prepare_icr(vector), 0);
		return;
	}
	local_irq_save(flags);
	wait_icr_idle();
	lapic_write(APIC_ICR, shorthand | prepare_icr(vector));
	local_irq_restore(flags);
}

/* The destination register stays untouched, so this one is safe in an NMI. */
void apic_send_self(u32 vector)
{
	shorthand_icr_write(APIC_DEST_SELF, (int)vector);
}

static void apic_driver_send_IPI(int cpu, int vector)
{
	apic_send_ipi((unsigned int)cpu, prepare_icr(vector));
}

static void apic_driver_send_IPI_mask(const struct cpumask *mask, int vector)
{
	unsigned int cpu;

	for_each_cpu(cpu, mask)
		apic_send_ipi(cpu, prepare_icr(vector));
}

static void apic_driver_send_IPI_mask_allbutself(const struct cpumask *mask, int vector)
{
	unsigned int cpu, self = smp_processor_id();

	for_each_cpu(cpu, mask) {
		if (cpu != self)
			apic_send_ipi(cpu, prepare_icr(vector));
	}
}

static void apic_driver_send_IPI_allbutself(int vector)
{
	shorthand_icr_write(APIC_DEST_ALLBUT, vector);
}

static void apic_driver_send_IPI_all(int vector)
{
	shorthand_icr_write(APIC_DEST_ALLINC, vector);
}

static void apic_driver_send_IPI_self(int vector)
{
	shorthand_icr_write(APIC_DEST_SELF, vector);
}

static u32 apic_driver_calc_dest_apicid(unsigned int cpu)
{
	return cpu_physical_id(cpu);
}

static u64 apic_driver_icr_read(void)
{
	hld_u64 value = 0;

	if (apic_page)
		return (u64)lapic_read(APIC_ICR2) << 32 | lapic_read(APIC_ICR);
	WARN_ON_ONCE(hld_rdmsr(APIC_BASE_MSR + (APIC_ICR >> 4), &value));
	return value;
}

static void apic_driver_wait_icr_idle(void)
{
	if (apic_page)
		wait_icr_idle();
}

static u32 apic_driver_safe_wait_icr_idle(void)
{
	apic_driver_wait_icr_idle();
	return 0;
}

static struct apic apic_driver = {
	.name = "physical",
	.write = lapic_write,
	.read = lapic_read,
	.wait_icr_idle = apic_driver_wait_icr_idle,
	.safe_wait_icr_idle = apic_driver_safe_wait_icr_idle,
	.send_IPI = apic_driver_send_IPI,
	.send_IPI_mask = apic_driver_send_IPI_mask,
	.send_IPI_mask_allbutself = apic_driver_send_IPI_mask_allbutself,
	.send_IPI_allbutself = apic_driver_send_IPI_allbutself,
	.send_IPI_all = apic_driver_send_IPI_all,
	.send_IPI_self = apic_driver_send_IPI_self,
	.dest_mode_logical = false,
	.calc_dest_apicid = apic_driver_calc_dest_apicid,
	.icr_read = apic_driver_icr_read,
	.icr_write = lapic_icr_write,
};
struct apic *apic = &apic_driver;
EXPORT_SYMBOL_GPL(apic);

void apic_send_IPI_allbutself(unsigned int vector)
{
	if (num_online_cpus() < 2)
		return;
	if (static_branch_likely(&apic_use_ipi_shorthand))
		apic->send_IPI_allbutself((int)vector);
	else
		apic->send_IPI_mask_allbutself(cpu_online_mask, (int)vector);
}
EXPORT_SYMBOL_GPL(apic_send_IPI_allbutself);
