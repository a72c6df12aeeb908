// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Functions called on other CPUs by interrupt. The call data are per-CPU
 * memory, never the caller's stack.
 */
#include "kernel.h"
#include <linux/llist.h>
#include <asm/irq_vectors.h>

#define CSD_LOCK 0x01u /* in use, until the function has run (wait) or has been taken over */
#define CSD_SYNC 0x02u /* the caller waits */

static DEFINE_PER_CPU(struct llist_head, call_single_queue);
static DEFINE_PER_CPU(call_single_data_t, csd_data);
static DEFINE_PER_CPU(call_single_data_t *, cfd_data); /* one for each target; made on first use */

static void csd_lock_wait(call_single_data_t *csd)
{
	while (READ_ONCE(csd->flags) & CSD_LOCK)
		cpu_relax();
	smp_rmb();
}

static void csd_lock(call_single_data_t *csd, unsigned int more)
{
	csd_lock_wait(csd);
	csd->flags = CSD_LOCK | more;
	smp_wmb();
}

static void csd_unlock(call_single_data_t *csd)
{
	smp_store_release(&csd->flags, 0);
}

static bool csd_queue(unsigned int cpu, call_single_data_t *csd)
{
	return llist_add(&csd->llist, per_cpu_ptr(&call_single_queue, cpu));
}

static void flush_smp_call_function_queue(void)
{
	struct llist_node *entry = llist_del_all(this_cpu_ptr(&call_single_queue));
	call_single_data_t *csd, *next;

	entry = llist_reverse_order(entry);
	llist_for_each_entry_safe(csd, next, entry, llist) {
		smp_call_func_t func = csd->func;
		void *info = csd->info;

		if (csd->flags & CSD_SYNC) {
			func(info);
			csd_unlock(csd);
		} else {
			csd_unlock(csd);
			func(info);
		}
	}
}

void generic_smp_call_function_interrupt(void)
{
	flush_smp_call_function_queue();
}

/* What was queued before the CPU left the online mask is run before it goes. */
int smpcfd_dying_cpu(unsigned int cpu)
{
	flush_smp_call_function_queue();
	irq_work_run();
	return 0;
}

static int generic_exec_single(unsigned int cpu, call_single_data_t *csd)
{
	if (cpu >= nr_cpu_ids || !cpu_online(cpu)) {
		csd_unlock(csd);
		return -ENXIO;
	}
	if (csd_queue(cpu, csd))
		apic_send_ipi(cpu, CALL_FUNCTION_SINGLE_VECTOR);
	return 0;
}

int smp_call_function_single(int cpu, smp_call_func_t func, void *info, int wait)
{
	call_single_data_t *csd;
	unsigned long flags;
	int err = 0;

	preempt_disable();
	WARN_ON_ONCE((irqs_disabled() && cpu_online(smp_processor_id())) || !in_task());
	if (cpu == (int)smp_processor_id()) {
		local_irq_save(flags);
		func(info);
		local_irq_restore(flags);
		goto out;
	}

	csd = this_cpu_ptr(&csd_data);
	csd_lock(csd, wait ? CSD_SYNC : 0);
	csd->func = func;
	csd->info = info;
	err = generic_exec_single((unsigned int)cpu, csd);
	if (!err && wait)
		csd_lock_wait(csd);
out:
	preempt_enable();
	return err;
}
EXPORT_SYMBOL(smp_call_function_single);

int smp_call_function_single_async(int cpu, call_single_data_t *csd)
{
	if (READ_ONCE(csd->flags) & CSD_LOCK)
		return -EBUSY;
	csd->flags = CSD_LOCK;
	smp_wmb();
	return generic_exec_single((unsigned int)cpu, csd);
}

void smp_call_function_many(const struct cpumask *mask, smp_call_func_t func, void *info, bool wait)
{
	call_single_data_t *cfd = this_cpu_read(cfd_data);
	unsigned int this_cpu, cpu;

	if (!cfd) {
		cfd = kcalloc(nr_cpu_ids, sizeof(*cfd), GFP_ATOMIC);
		BUG_ON(!cfd);
		this_cpu_write(cfd_data, cfd);
	}
	WARN_ON_ONCE(in_interrupt() || irqs_disabled());

	preempt_disable();
	this_cpu = (unsigned int)smp_processor_id();
	for_each_cpu_and(cpu, mask, cpu_online_mask) {
		if (cpu == this_cpu)
			continue;
		csd_lock(&cfd[cpu], wait ? CSD_SYNC : 0);
		cfd[cpu].func = func;
		cfd[cpu].info = info;
		if (csd_queue(cpu, &cfd[cpu]))
			apic_send_ipi(cpu, CALL_FUNCTION_VECTOR);
	}
	if (wait) {
		for_each_cpu(cpu, mask) {
			if (cpu != this_cpu)
				csd_lock_wait(&cfd[cpu]);
		}
	}
	preempt_enable();
}
EXPORT_SYMBOL(smp_call_function_many);

void smp_call_function(smp_call_func_t func, void *info, int wait)
{
	smp_call_function_many(cpu_online_mask, func, info, wait);
}

int smp_call_function_any(const struct cpumask *mask, smp_call_func_t func, void *info, int wait)
{
	unsigned int cpu = (unsigned int)smp_processor_id();

	if (!cpumask_test_cpu((int)cpu, mask))
		cpu = cpumask_any_and(mask, cpu_online_mask);
	return smp_call_function_single((int)cpu, func, info, wait);
}

void on_each_cpu_mask(const struct cpumask *mask, smp_call_func_t func, void *info, bool wait)
{
	unsigned long flags;

	smp_call_function_many(mask, func, info, wait);
	if (!cpumask_test_cpu((int)smp_processor_id(), mask))
		return;
	local_irq_save(flags);
	func(info);
	local_irq_restore(flags);
}

/* Deviation: one CPU after the other is asked and called; Linux calls those that it has to at once.
 */
void on_each_cpu_cond_mask(smp_cond_func_t cond_func, smp_call_func_t func, void *info, bool wait,
			   const struct cpumask *mask)
{
	unsigned int cpu;

	preempt_disable();
	for_each_cpu_and(cpu, mask, cpu_online_mask) {
		if (cond_func((int)cpu, info))
			smp_call_function_single((int)cpu, func, info, wait);
	}
	preempt_enable();
}
EXPORT_SYMBOL(on_each_cpu_cond_mask);

void on_each_cpu_cond(smp_cond_func_t cond_func, smp_call_func_t func, void *info, bool wait)
{
	on_each_cpu_cond_mask(cond_func, func, info, wait, cpu_online_mask);
}

void on_each_cpu(smp_call_func_t func, void *info, int wait)
{
	on_each_cpu_mask(cpu_online_mask, func, info, wait);
}
EXPORT_SYMBOL(on_each_cpu);

void smp_send_reschedule(int cpu)
{
	apic_send_ipi((unsigned int)cpu, RESCHEDULE_VECTOR);
}
