// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The x86 vector domain: which vector on which CPU stands for an interrupt. A
 * move gets a new vector at once, and the old one is given back when the
 * interrupt has come in at the new one (the acknowledgement says so), by an
 * interrupt to the old CPU. Until then there is no other move: -EBUSY.
 *
 * An interrupt that is delivered as NMI is never acknowledged. Nothing here
 * knows that.
 */
#include "kernel.h"
#include <linux/irqdesc.h>
#include <linux/msi.h>
#include <asm/apicdef.h>
#include <asm/hw_irq.h>

#define FIRST_DEVICE_VECTOR 0x30u
#define DEVICE_VECTORS	    16u

struct apic_chip_data {
	struct irq_data *irqd;
	struct irq_cfg hw_irq_cfg;
	unsigned int vector;
	unsigned int prev_vector;
	unsigned int cpu;
	unsigned int prev_cpu;
	bool move_in_progress;
	bool on_cleanup_list;
	struct list_head clist;
};

DEFINE_RAW_SPINLOCK(vector_lock);

static struct cpumask vector_searchmask; /* under vector_lock */

struct vector_cpu {
	bool online;
	unsigned int allocated; /* bit n: vector FIRST_DEVICE_VECTOR + n */
	struct irq_desc *irq[DEVICE_VECTORS];
	bool cleanup_ready;
	struct list_head cleanup_list;
};
static DEFINE_PER_CPU(struct vector_cpu, vector_cpus);

void lock_vector_lock(void)
{
	raw_spin_lock(&vector_lock);
}

void unlock_vector_lock(void)
{
	raw_spin_unlock(&vector_lock);
}

/* Under vector_lock, but for the boot CPU. */
void lapic_online(void)
{
	this_cpu_ptr(&vector_cpus)->online = true;
}

void lapic_offline(void)
{
	lock_vector_lock();
	this_cpu_ptr(&vector_cpus)->online = false;
	unlock_vector_lock();
}

static struct apic_chip_data *apic_chip_data(struct irq_data *irqd)
{
	while (irqd->parent_data)
		irqd = irqd->parent_data;
	return irqd->chip_data;
}

struct irq_cfg *irqd_cfg(struct irq_data *irqd)
{
	return &apic_chip_data(irqd)->hw_irq_cfg;
}

/* ---- allocation, under vector_lock ---- */

/* The CPU with most vectors left, the first of equals. */
static int matrix_alloc(const struct cpumask *mask, unsigned int *mapped_cpu)
{
	unsigned int cpu, bit, best = nr_cpu_ids, best_used = DEVICE_VECTORS;
	struct vector_cpu *vc;

	for_each_cpu(cpu, mask) {
		vc = per_cpu_ptr(&vector_cpus, cpu);
		if (vc->online && hweight32(vc->allocated) < best_used) {
			best_used = hweight32(vc->allocated);
			best = cpu;
		}
	}
	if (best >= nr_cpu_ids)
		return -ENOSPC;

	vc = per_cpu_ptr(&vector_cpus, best);
	bit = (unsigned int)__ffs(~(unsigned long)vc->allocated);
	vc->allocated |= BIT(bit);
	*mapped_cpu = best;
	return (int)(FIRST_DEVICE_VECTOR + bit);
}

static void matrix_free(unsigned int cpu, unsigned int vector)
{
	struct vector_cpu *vc = per_cpu_ptr(&vector_cpus, cpu);

	vc->allocated &= ~(unsigned int)BIT(vector - FIRST_DEVICE_VECTOR);
}

static void vector_unuse(unsigned int cpu, unsigned int vector)
{
	WRITE_ONCE(per_cpu_ptr(&vector_cpus, cpu)->irq[vector - FIRST_DEVICE_VECTOR], NULL);
}

static void apic_update_vector(struct irq_data *irqd, unsigned int newvec, unsigned int newcpu)
{
	struct apic_chip_data *apicd = apic_chip_data(irqd);
	struct irq_desc *desc = container_of(irqd->common, struct irq_desc, irq_common_data);

	if (apicd->vector) {
		if (cpu_online(apicd->cpu)) {
			apicd->move_in_progress = true;
			apicd->prev_vector = apicd->vector;
			apicd->prev_cpu = apicd->cpu;
		} else {
			/*
			 * The old CPU goes. What is in its IRR still means this
			 * interrupt: vector_retrigger_pending() has the last look.
			 */
			matrix_free(apicd->cpu, apicd->vector);
		}
	}
	apicd->vector = newvec;
	apicd->cpu = newcpu;
	WRITE_ONCE(per_cpu_ptr(&vector_cpus, newcpu)->irq[newvec - FIRST_DEVICE_VECTOR], desc);

	apicd->hw_irq_cfg.vector = newvec;
	apicd->hw_irq_cfg.dest_apicid = cpu_physical_id(newcpu);
	cpumask_copy(irq_data_get_effective_affinity_mask(irqd), cpumask_of(newcpu));
}

static int assign_vector_locked(struct irq_data *irqd, const struct cpumask *dest)
{
	struct apic_chip_data *apicd = apic_chip_data(irqd);
	unsigned int cpu;
	int vector;

	/* It is where it may be: nothing moves. */
	if (apicd->vector && cpu_online(apicd->cpu) && cpumask_test_cpu((int)apicd->cpu, dest))
		return 0;

	/*
	 * The move before is not complete: it has not been acknowledged, or the old
	 * vector has not been cleaned up.
	 */
	if (apicd->move_in_progress || apicd->on_cleanup_list)
		return -EBUSY;

	vector = matrix_alloc(dest, &cpu);
	if (vector < 0)
		return vector;
	apic_update_vector(irqd, (unsigned int)vector, cpu);
	return 0;
}

static int apic_set_affinity(struct irq_data *irqd, const struct cpumask *dest, bool force)
{
	int err;

	raw_spin_lock(&vector_lock);
	cpumask_and(&vector_searchmask, dest, cpu_online_mask);
	err = assign_vector_locked(irqd, &vector_searchmask);
	raw_spin_unlock(&vector_lock);
	return err ? err : IRQ_SET_MASK_OK;
}

int x86_vector_alloc(struct irq_data *irqd)
{
	struct apic_chip_data *apicd = kzalloc(sizeof(*apicd), GFP_KERNEL);

	if (!apicd)
		return -ENOMEM;
	apicd->irqd = irqd;
	irqd->chip_data = apicd;
	irqd->chip = &lapic_controller;
	return 0;
}

/* Under desc->lock, at request_irq(): the first vector. */
int x86_vector_activate(struct irq_data *irqd)
{
	struct apic_chip_data *apicd = apic_chip_data(irqd);
	int err = 0;

	apicd->hw_irq_cfg.delivers_nmi = irqd_test(irqd, IRQD_DELIVER_AS_NMI);
	raw_spin_lock(&vector_lock);
	if (!apicd->vector) {
		cpumask_and(&vector_searchmask, irq_data_get_affinity_mask(irqd), cpu_online_mask);
		err = assign_vector_locked(irqd, &vector_searchmask);
	}
	raw_spin_unlock(&vector_lock);
	return err;
}

/* ---- the end of a move ---- */

static void free_moved_vector(struct apic_chip_data *apicd)
{
	matrix_free(apicd->prev_cpu, apicd->prev_vector);
	vector_unuse(apicd->prev_cpu, apicd->prev_vector);
	if (apicd->on_cleanup_list)
		list_del(&apicd->clist);
	apicd->on_cleanup_list = false;
	apicd->prev_vector = 0;
	apicd->move_in_progress = false;
}

/* The interrupt came in at its new place: the old CPU can clean up. */
static void send_cleanup_vector(struct apic_chip_data *apicd)
{
	struct vector_cpu *vc;
	unsigned int cpu;

	raw_spin_lock(&vector_lock);
	apicd->move_in_progress = false;
	cpu = apicd->prev_cpu;
	if (cpu_online(cpu)) {
		vc = per_cpu_ptr(&vector_cpus, cpu);
		if (!vc->cleanup_ready) {
			INIT_LIST_HEAD(&vc->cleanup_list);
			vc->cleanup_ready = true;
		}
		list_add(&apicd->clist, &vc->cleanup_list);
		apicd->on_cleanup_list = true;
		apic_send_ipi(cpu, IRQ_MOVE_CLEANUP_VECTOR);
	} else {
		matrix_free(cpu, apicd->prev_vector);
		vector_unuse(cpu, apicd->prev_vector);
		apicd->prev_vector = 0;
	}
	raw_spin_unlock(&vector_lock);
}

/* Remapped: nothing comes to the old vector once the entry has been changed. */
void vector_schedule_cleanup(struct irq_data *irqd)
{
	struct apic_chip_data *apicd = apic_chip_data(irqd);

	if (apicd->move_in_progress)
		send_cleanup_vector(apicd);
}

static void irq_complete_move(struct irq_data *irqd)
{
	struct apic_chip_data *apicd = apic_chip_data(irqd);

	if (likely(!apicd->move_in_progress))
		return;
	/* Still the old vector: one that was on its way. */
	if (apicd->cpu == (unsigned int)smp_processor_id())
		send_cleanup_vector(apicd);
}

/* Vector IRQ_MOVE_CLEANUP_VECTOR, on the old CPU. */
void irq_move_cleanup(void)
{
	struct vector_cpu *vc = this_cpu_ptr(&vector_cpus);
	struct apic_chip_data *apicd, *next;

	raw_spin_lock(&vector_lock);
	if (vc->cleanup_ready) {
		list_for_each_entry_safe(apicd, next, &vc->cleanup_list, clist) {
			/* One is still pending here: come again when it has been served. */
			if (apic_irr_is_set(apicd->prev_vector)) {
				apic_send_self(IRQ_MOVE_CLEANUP_VECTOR);
				continue;
			}
			free_moved_vector(apicd);
		}
	}
	raw_spin_unlock(&vector_lock);
}

/* CPU down: the acknowledgement will not come, all CPUs are stopped. */
void irq_force_complete_move(struct irq_desc *desc)
{
	struct apic_chip_data *apicd;

	if (!desc->irq_data.parent_data)
		return;
	apicd = apic_chip_data(&desc->irq_data);
	raw_spin_lock(&vector_lock);
	if (apicd->prev_vector) {
		if (apicd->move_in_progress)
			pr_warn("IRQ fixup: irq %u move in progress, old vector %u\n",
				desc->irq_data.irq, apicd->prev_vector);
		free_moved_vector(apicd);
	}
	raw_spin_unlock(&vector_lock);
}

/* The acknowledgement: ends a move, starts the one that waits, then EOI. */
static void apic_ack_edge(struct irq_data *irqd)
{
	irq_complete_move(irqd);
	irq_move_irq(&container_of(irqd->common, struct irq_desc, irq_common_data)->irq_data);
	apic_eoi();
}

static void x86_vector_msi_compose_msg(struct irq_data *irqd, struct msi_msg *msg)
{
	struct irq_cfg *cfg = irqd_cfg(irqd);

	msg->address_hi = 0;
	msg->address_lo = 0xfee00000u | cfg->dest_apicid << 12;
	msg->data = cfg->vector | (cfg->delivers_nmi ? APIC_DM_NMI : APIC_DM_FIXED);
}

struct irq_chip lapic_controller = {
	.name = "APIC",
	.irq_ack = apic_ack_edge,
	.irq_set_affinity = apic_set_affinity,
	.irq_compose_msi_msg = x86_vector_msi_compose_msg,
};

/* ---- entry ---- */

void handle_device_vector(u32 vector)
{
	struct irq_desc *desc = NULL;

	if (vector - FIRST_DEVICE_VECTOR < DEVICE_VECTORS)
		desc = READ_ONCE(this_cpu_ptr(&vector_cpus)->irq[vector - FIRST_DEVICE_VECTOR]);
	if (desc) {
		generic_handle_irq_desc(desc);
		return;
	}
	apic_eoi();
	pr_err("No irq handler for vector %d.%u\n", smp_processor_id(), vector);
}

/* On the CPU that goes: what its IRR still holds happens again where it went. */
void vector_retrigger_pending(void)
{
	unsigned int self = (unsigned int)smp_processor_id();
	struct vector_cpu *vc = this_cpu_ptr(&vector_cpus);
	unsigned int bit;

	for (bit = 0; bit < DEVICE_VECTORS; bit++) {
		struct irq_desc *desc = vc->irq[bit];
		struct apic_chip_data *apicd;

		if (!desc)
			continue;
		raw_spin_lock(&desc->lock);
		apicd = apic_chip_data(&desc->irq_data);
		if (apicd->cpu != self || apicd->vector != FIRST_DEVICE_VECTOR + bit) {
			if (apic_irr_is_set(FIRST_DEVICE_VECTOR + bit))
				apic_send_ipi(apicd->cpu, apicd->vector);
			vector_unuse(self, FIRST_DEVICE_VECTOR + bit);
		}
		raw_spin_unlock(&desc->lock);
	}
}
