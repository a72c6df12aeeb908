// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The local APIC: xAPIC through its page, or x2APIC through MSRs. */
#include "kernel.h"
#include <linux/io.h>
#include <asm/irq_vectors.h>
#include <asm/tsc.h>

#include "apic.h"

static void __iomem *apic_page; /* NULL: x2APIC */
static u64 apic_timer_hz;
static bool apic_timer_deadline;

static u32 lapic_read(u32 reg)
{
	hld_u64 value = 0;

	if (apic_page)
		return readl(apic_page + reg);
	WARN_ON_ONCE(hld_rdmsr(MSR_X2APIC_BASE + (reg >> 4), &value));
	return (u32)value;
}

static void lapic_write(u32 reg, u32 value)
{
	if (apic_page)
		writel(value, apic_page + reg);
	else
		WARN_ON_ONCE(hld_wrmsr(MSR_X2APIC_BASE + (reg >> 4), value));
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
		hld_wrmsr(MSR_X2APIC_BASE + (APIC_ICR >> 4), (u64)apicid << 32 | icr);
		return;
	}
	local_irq_save(flags);
	while (lapic_read(APIC_ICR) & APIC_ICR_BUSY)
		cpu_relax();
	lapic_write(APIC_ICR2, apicid << 24);
	lapic_write(APIC_ICR, icr);
	local_irq_restore(flags);
}

void apic_send_ipi(unsigned int cpu, u32 icr)
{
	lapic_icr_write(icr, cpu_physical_id(cpu));
}

/* Shorthand: the destination register stays untouched, so it is safe in an NMI. */
void apic_send_self(u32 vector)
{
	unsigned long flags;

	if (!apic_page) {
		lapic_icr_write(APIC_DEST_SELF | vector, 0);
		return;
	}
	local_irq_save(flags);
	while (lapic_read(APIC_ICR) & APIC_ICR_BUSY)
		cpu_relax();
	lapic_write(APIC_ICR, APIC_DEST_SELF | vector);
	local_irq_restore(flags);
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
		if (!(base & APICBASE_EXTD))
			WARN_ON(hld_wrmsr(MSR_IA32_APICBASE,
					  base | APICBASE_ENABLE | APICBASE_EXTD));
	}
	lapic_write(APIC_SPIV, APIC_SPIV_APIC_ENABLED | SPURIOUS_APIC_VECTOR);
	/* The platform's NMI pin goes to the boot CPU alone. */
	if (smp_processor_id() == 0)
		lapic_write(APIC_LVT1, APIC_DM_NMI);
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
