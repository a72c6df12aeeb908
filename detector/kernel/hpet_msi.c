// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The interrupt of an HPET timer that sends messages: a chip above the vector
 * domain, which writes TIMn_PROCMSG_ROUT under the descriptor's lock.
 */
#include "kernel.h"
#include <linux/io.h>
#include <linux/irqdesc.h>
#include <linux/msi.h>
#include <asm/hpet.h>
#include <asm/hw_irq.h>
#include <asm/irq_remapping.h>

#define MAX_TIMERS 32

struct hpet_channel {
	unsigned int num;
	struct irq_desc *desc;
	struct irq_data ir_data;     /* what the remapping domain has of it, if there is one */
	struct irq_data vector_data; /* what the vector domain has of it */
};

static struct hpet_channel *channels[MAX_TIMERS];
static void __iomem *hpet_page;
static bool discovered;
static DEFINE_MUTEX(hpet_mutex);

/*
 * Two writes, as Linux does it: a match between them sends the new value to the
 * old address.
 */
static void hpet_msi_write_msg(struct irq_data *data, struct msi_msg *msg)
{
	struct hpet_channel *channel = data->chip_data;

	writel(msg->data, hpet_page + HPET_Tn_ROUTE(channel->num));
	writel(msg->address_lo, hpet_page + HPET_Tn_ROUTE(channel->num) + 4);
}

static struct irq_chip hpet_msi_controller = {
	.name = "HPET-MSI",
	.irq_ack = irq_chip_ack_parent,
	.irq_set_affinity = msi_domain_set_affinity,
	.irq_write_msi_msg = hpet_msi_write_msg,
};

/* Remapped: the message names the entry, and is written here once and for all. */
static unsigned int ir_hpet_msi_startup(struct irq_data *data)
{
	struct irq_data *parent = data->parent_data;
	struct msi_msg msg;

	parent->chip->irq_startup(parent);
	parent->chip->irq_compose_msi_msg(parent, &msg);
	data->chip->irq_write_msi_msg(data, &msg);
	return 0;
}

static struct irq_chip ir_hpet_msi_controller = {
	.name = "IR-HPET-MSI",
	.irq_startup = ir_hpet_msi_startup,
	.irq_ack = irq_chip_ack_parent,
	.irq_set_affinity = msi_domain_set_affinity,
	.irq_write_msi_msg = hpet_msi_write_msg,
};

static int hpet_channel_create(unsigned int timer)
{
	struct hpet_channel *channel;
	struct irq_desc *desc;
	int err;

	channel = kzalloc(sizeof(*channel), GFP_KERNEL);
	if (!channel)
		return -ENOMEM;
	desc = irq_alloc_desc_hld("hpet");
	if (!desc)
		return -ENOSPC;

	channel->num = timer;
	channel->desc = desc;
	channel->vector_data.irq = desc->irq_data.irq;
	channel->vector_data.common = &desc->irq_common_data;
	err = x86_vector_alloc(&channel->vector_data);
	if (err)
		return err;
	desc->irq_data.chip = &hpet_msi_controller;
	desc->irq_data.chip_data = channel;
	desc->irq_data.hwirq = timer;
	desc->irq_data.parent_data = &channel->vector_data;
	if (irq_remapping_enabled) {
		err = irq_remapping_alloc_hpet(&channel->ir_data, &channel->vector_data);
		if (err)
			return err;
		desc->irq_data.chip = &ir_hpet_msi_controller;
		desc->irq_data.parent_data = &channel->ir_data;
	}
	channels[timer] = channel;
	return 0;
}

/*
 * An interrupt for each timer that can send messages. Linux makes them at boot;
 * here whoever looks first does, so that a run without such a look leaves the
 * HPET alone.
 */
void hpet_msi_discover(void)
{
	unsigned int timer, timers;

	if (READ_ONCE(discovered) || !hpet_address)
		return;

	mutex_lock(&hpet_mutex);
	if (!discovered) {
		hpet_page = hpet_map();
		timers =
			((readl(hpet_page + HPET_ID) & HPET_ID_NUMBER) >> HPET_ID_NUMBER_SHIFT) + 1;
		for (timer = 0; timer < timers; timer++) {
			if (readl(hpet_page + HPET_Tn_CFG(timer)) & HPET_TN_FSB_CAP)
				hpet_channel_create(timer);
		}
		discovered = true;
	}
	mutex_unlock(&hpet_mutex);
}

/* The timer whose interrupt somebody has requested; 0 if nobody has. */
unsigned int hpet_msi_irq(void)
{
	unsigned int timer;

	for (timer = 0; timer < MAX_TIMERS; timer++) {
		if (channels[timer] && READ_ONCE(channels[timer]->desc->action))
			return channels[timer]->desc->irq_data.irq;
	}
	return 0;
}
