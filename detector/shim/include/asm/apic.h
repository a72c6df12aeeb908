/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The local APIC through its driver, a table of the miniature kernel: xAPIC or x2APIC. */
#ifndef _ASM_APIC_H
#define _ASM_APIC_H

#include <linux/cpumask.h>
#include <linux/types.h>
#include <asm/apicdef.h>
#include <asm/barrier.h>
#include <asm/hw_irq.h>
#include <asm/msr.h>

struct apic {
	void (*write)(u32 reg, u32 value);
	u32 (*read)(u32 reg);

	void (*wait_icr_idle)(void);
	u32 (*safe_wait_icr_idle)(void);
	void (*send_IPI)(int cpu, int vector);
	void (*send_IPI_mask)(const struct cpumask *mask, int vector);
	void (*send_IPI_mask_allbutself)(const struct cpumask *mask, int vector);
	void (*send_IPI_allbutself)(int vector);
	void (*send_IPI_all)(int vector);
	void (*send_IPI_self)(int vector);

	u32 irq_delivery_mode; /* before v5.11 these two, then the next two */
	u32 irq_dest_mode;
	enum apic_delivery_modes delivery_mode;
	bool dest_mode_logical;
	u32 (*calc_dest_apicid)(unsigned int cpu);

	u64 (*icr_read)(void);
	void (*icr_write)(u32 low, u32 id);

	u32 (*get_apic_id)(unsigned long x);
	const char *name;
};
extern struct apic *apic;

static inline u32 apic_read(u32 reg)
{
	return apic->read(reg);
}
static inline void apic_write(u32 reg, u32 value)
{
	apic->write(reg, value);
}
static inline u64 apic_icr_read(void)
{
	return apic->icr_read();
}
static inline void apic_icr_write(u32 low, u32 high)
{
	apic->icr_write(low, high);
}
static inline void apic_wait_icr_idle(void)
{
	if (apic->wait_icr_idle)
		apic->wait_icr_idle();
}
#define ack_APIC_irq() apic_write(APIC_EOI, APIC_EOI_ACK)

#if HLD_KAPI >= 605
#define __apic_send_IPI(cpu, vector)		      apic->send_IPI(cpu, vector)
#define __apic_send_IPI_mask(mask, vector)	      apic->send_IPI_mask(mask, vector)
#define __apic_send_IPI_mask_allbutself(mask, vector) apic->send_IPI_mask_allbutself(mask, vector)
#define __apic_send_IPI_allbutself(vector)	      apic->send_IPI_allbutself(vector)
#define __apic_send_IPI_self(vector)		      apic->send_IPI_self(vector)
#endif
void apic_send_IPI_allbutself(unsigned int vector);

#define x2apic_mode	 ((int)hld_firmware()->x2apic)
#define x2apic_enabled() x2apic_mode

#endif
