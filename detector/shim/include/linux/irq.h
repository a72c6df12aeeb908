/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_IRQ_H
#define _LINUX_IRQ_H

#include <linux/cpumask.h>
#include <linux/irqreturn.h>
#include <linux/interrupt.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <asm/irq.h>

struct irq_desc;
struct irq_data;
struct msi_msg;

typedef void (*irq_flow_handler_t)(struct irq_desc *desc);

/* irq_common_data.state */
#define IRQD_SETAFFINITY_PENDING (1U << 8)
#define IRQD_ACTIVATED		 (1U << 9)
#define IRQD_NO_BALANCING	 (1U << 10)
#define IRQD_AFFINITY_SET	 (1U << 12)
#define IRQD_MOVE_PCNTXT	 (1U << 15)
#define IRQD_IRQ_DISABLED	 (1U << 16)
#define IRQD_IRQ_INPROGRESS	 (1U << 18)
#define IRQD_IRQ_STARTED	 (1U << 22)
#define IRQD_DELIVER_AS_NMI	 (1U << 31)

struct irq_common_data {
	unsigned int state;
	void *handler_data;
	struct cpumask affinity;	   /* what was asked for */
	struct cpumask effective_affinity; /* what the hardware has */
};

struct irq_data {
	unsigned int irq;
	unsigned long hwirq;
	struct irq_common_data *common;
	struct irq_chip *chip;
	struct irq_data *parent_data;
	void *chip_data;
};

enum {
	IRQ_SET_MASK_OK = 0,
	IRQ_SET_MASK_OK_NOCOPY,
	IRQ_SET_MASK_OK_DONE,
};

struct irq_chip {
	const char *name;
	unsigned int (*irq_startup)(struct irq_data *data);
	void (*irq_ack)(struct irq_data *data);
	void (*irq_mask)(struct irq_data *data);
	void (*irq_unmask)(struct irq_data *data);
	int (*irq_set_affinity)(struct irq_data *data, const struct cpumask *dest, bool force);
	void (*irq_compose_msi_msg)(struct irq_data *data, struct msi_msg *msg);
	void (*irq_write_msi_msg)(struct irq_data *data, struct msi_msg *msg);
};

static inline bool irqd_test(const struct irq_data *d, unsigned int bit)
{
	return d->common->state & bit;
}

static inline struct cpumask *irq_data_get_affinity_mask(struct irq_data *d)
{
	return &d->common->affinity;
}

static inline struct cpumask *irq_data_get_effective_affinity_mask(struct irq_data *d)
{
	return &d->common->effective_affinity;
}

struct irq_data *irq_get_irq_data(unsigned int irq);
int irq_do_set_affinity(struct irq_data *data, const struct cpumask *dest, bool force);
int irq_set_affinity_locked(struct irq_data *data, const struct cpumask *mask, bool force);
void irq_move_irq(struct irq_data *data);
void irq_force_complete_move(struct irq_desc *desc);
void irq_migrate_all_off_this_cpu(void);
void handle_edge_irq(struct irq_desc *desc);

#endif
