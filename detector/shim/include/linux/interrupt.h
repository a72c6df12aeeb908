/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_INTERRUPT_H
#define _LINUX_INTERRUPT_H

#include <linux/bottom_half.h>
#include <linux/cpumask.h>
#include <linux/irqreturn.h>
#include <linux/types.h>

typedef irqreturn_t (*irq_handler_t)(int irq, void *dev_id);

#define IRQF_TRIGGER_NONE 0x00000000
#define IRQF_SHARED	  0x00000080
#define IRQF_PERCPU	  0x00000400
#define IRQF_NOBALANCING  0x00000800
#define IRQF_NO_SUSPEND	  0x00004000
#define IRQF_NO_THREAD	  0x00010000
#define __IRQF_TIMER	  0x00000200
#define IRQF_TIMER	  (__IRQF_TIMER | IRQF_NO_SUSPEND | IRQF_NO_THREAD)
/* Not in mainline: the flag of the HPET watchdog's RFC of 2018. The chip sends delivery mode NMI.
 */
#define IRQF_DELIVER_AS_NMI 0x00100000

struct irqaction {
	irq_handler_t handler;
	void *dev_id;
	unsigned long flags;
	const char *name;
};

irqreturn_t no_action(int cpl, void *dev_id);
int request_irq(unsigned int irq, irq_handler_t handler, unsigned long flags, const char *name,
		void *dev);
const void *free_irq(unsigned int irq, void *dev_id);
void disable_irq_nosync(unsigned int irq);
void enable_irq(unsigned int irq);
int irq_can_set_affinity(unsigned int irq);
int irq_set_affinity(unsigned int irq, const struct cpumask *cpumask);
int irq_force_affinity(unsigned int irq, const struct cpumask *cpumask);

#endif
