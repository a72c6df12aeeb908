// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * NMI: entry, the dispatch to handlers, and what becomes of an NMI that none of
 * them claims. In the order of Linux: LOCAL handlers, the reason port, the
 * suspicion that it was the second half of a back-to-back pair, UNKNOWN.
 */
#include "kernel.h"
#include <linux/nmi.h>
#include <linux/panic.h>
#include <linux/rculist.h>
#include <asm/cpufeature.h>
#include <asm/fred.h>
#include <asm/processor-flags.h>

#define NMI_REASON_PORT	       0x61
#define NMI_REASON_SERR	       0x80
#define NMI_REASON_IOCHK       0x40
#define NMI_REASON_CLEAR_SERR  0x04
#define NMI_REASON_CLEAR_IOCHK 0x08
#define NMI_REASON_CLEAR_MASK  0x0f

struct nmi_desc {
	raw_spinlock_t lock;
	struct list_head head;
};

#define NMI_DESC_INIT(type)                                            \
	[type] = {                                                     \
		.lock = __RAW_SPIN_LOCK_UNLOCKED(nmi_desc[type].lock), \
		.head = LIST_HEAD_INIT(nmi_desc[type].head),           \
	}

static struct nmi_desc nmi_desc[NMI_MAX] = {
	NMI_DESC_INIT(NMI_LOCAL),
	NMI_DESC_INIT(NMI_UNKNOWN),
	NMI_DESC_INIT(NMI_SERR),
	NMI_DESC_INIT(NMI_IO_CHECK),
};

enum nmi_states { NMI_NOT_RUNNING, NMI_EXECUTING, NMI_LATCHED };

static DEFINE_PER_CPU(int, nmi_state);
/* FRED: of the frames that came within a handler */
static DEFINE_PER_CPU(unsigned long, nmi_latched_sources);
static DEFINE_PER_CPU(unsigned long, last_nmi_rip);
static DEFINE_PER_CPU(bool, swallow_nmi);

static DEFINE_RAW_SPINLOCK(nmi_reason_lock);
static bool ignore_nmis;

int unknown_nmi_panic;
int panic_on_unrecovered_nmi;
int panic_on_io_nmi;

/* ---- handlers ---- */

int __register_nmi_handler(unsigned int type, struct nmiaction *action)
{
	struct nmi_desc *desc = &nmi_desc[type];
	unsigned long flags;

	if (!action->handler || type >= NMI_MAX || action->source_vector >= NMI_SOURCE_VECTORS)
		return -EINVAL;
	/* Since 5.19; before, an action that is registered twice makes a ring of the list. */
	if (WARN_ON_ONCE(!kernel_is_418() && !list_empty(&action->list)))
		return -EINVAL;

	raw_spin_lock_irqsave(&desc->lock, flags);
	/* These types have one owner. */
	WARN_ON_ONCE(type == NMI_SERR && !list_empty(&desc->head));
	WARN_ON_ONCE(type == NMI_IO_CHECK && !list_empty(&desc->head));
	if (action->flags & NMI_FLAG_FIRST)
		list_add_rcu(&action->list, &desc->head);
	else
		list_add_tail_rcu(&action->list, &desc->head);
	raw_spin_unlock_irqrestore(&desc->lock, flags);
	return 0;
}
EXPORT_SYMBOL(__register_nmi_handler);

void unregister_nmi_handler(unsigned int type, const char *name)
{
	struct nmi_desc *desc = &nmi_desc[type];
	struct nmiaction *n, *found = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&desc->lock, flags);
	list_for_each_entry_rcu(n, &desc->head, list) {
		if (!strcmp(n->name, name)) {
			WARN(in_nmi(), "unregister_nmi_handler() in an NMI\n");
			list_del_rcu(&n->list);
			found = n;
			break;
		}
	}
	raw_spin_unlock_irqrestore(&desc->lock, flags);
	if (found) {
		synchronize_rcu();
		INIT_LIST_HEAD(&found->list);
	}
}
EXPORT_SYMBOL_GPL(unregister_nmi_handler);

/*
 * The sources of a LOCAL NMI if all of them are known, else 0: where one came
 * without a source, or the processor reports none, every handler has to look.
 */
static unsigned long nmi_known_sources(unsigned int type, struct pt_regs *regs)
{
	unsigned long sources;

	if (type != NMI_LOCAL || !cpu_feature_enabled(X86_FEATURE_NMI_SOURCE))
		return 0;
	sources = fred_event_data(regs);
	return sources & NMI_SOURCE_UNKNOWN_MASK ? 0 : sources;
}

/*
 * All handlers of a type are called: one latch may stand for several sources.
 * With known sources these are the ones whose source it is.
 */
static int nmi_handle(unsigned int type, struct pt_regs *regs)
{
	unsigned long sources = nmi_known_sources(type, regs);
	struct nmi_desc *desc = &nmi_desc[type];
	struct nmiaction *a;
	int handled = 0;

	rcu_read_lock();
	list_for_each_entry_rcu(a, &desc->head, list) {
		int thishandled;

		if (sources && !(sources & BIT(a->source_vector)))
			continue;

		thishandled = a->handler(type, regs);
		hld_note_nmi(thishandled ? HLD_NMI_CLAIMED : HLD_NMI_NOT_MINE, a->name,
			     (u32)thishandled);
		handled += thishandled;
	}
	rcu_read_unlock();
	return handled;
}

void stop_nmi(void)
{
	WRITE_ONCE(ignore_nmis, true);
}

void restart_nmi(void)
{
	WRITE_ONCE(ignore_nmis, false);
}

/* The idle task was here: an equal instruction pointer is no back-to-back NMI. */
void local_touch_nmi(void)
{
	__this_cpu_write(last_nmi_rip, 0);
}
EXPORT_SYMBOL_GPL(local_touch_nmi);

void restart_nmi_on_this_cpu(void)
{
	this_cpu_write(nmi_state, NMI_NOT_RUNNING);
	if (cpu_feature_enabled(X86_FEATURE_FRED))
		this_cpu_write(nmi_latched_sources, 0);
	this_cpu_write(last_nmi_rip, 0);
	this_cpu_write(swallow_nmi, false);
}

/* ---- what no LOCAL handler claimed ---- */

static void pci_serr_error(u32 reason, struct pt_regs *regs)
{
	if (nmi_handle(NMI_SERR, regs))
		return;

	pr_emerg("NMI: PCI system error (SERR) for reason %02x on CPU %d.\n", reason,
		 smp_processor_id());
	if (panic_on_unrecovered_nmi)
		nmi_panic(regs, "NMI: Not continuing");
	pr_emerg("Dazed and confused, but trying to continue\n");
	hld_outb(NMI_REASON_PORT, (reason & NMI_REASON_CLEAR_MASK) | NMI_REASON_CLEAR_SERR);
}

static void io_check_error(u32 reason, struct pt_regs *regs)
{
	if (nmi_handle(NMI_IO_CHECK, regs))
		return;

	pr_emerg("NMI: IOCK error (debug interrupt?) for reason %02x on CPU %d.\n", reason,
		 smp_processor_id());
	if (panic_on_io_nmi)
		nmi_panic(regs, "NMI IOCK error: Not continuing");
	reason = (reason & NMI_REASON_CLEAR_MASK) | NMI_REASON_CLEAR_IOCHK;
	hld_outb(NMI_REASON_PORT, reason);
	/* Linux gives the line two seconds to settle, in steps that keep the watchdogs quiet. */
	hld_outb(NMI_REASON_PORT, reason & ~(u32)NMI_REASON_CLEAR_IOCHK);
}

static void unknown_nmi_error(u32 reason, struct pt_regs *regs)
{
	if (nmi_handle(NMI_UNKNOWN, regs))
		return;

	hld_note_nmi(HLD_NMI_UNKNOWN, "unknown", 0);
	pr_emerg("Uhhuh. NMI received for unknown reason %02x on CPU %d.\n", reason,
		 smp_processor_id());
	if (unknown_nmi_panic || panic_on_unrecovered_nmi)
		nmi_panic(regs, "NMI: Not continuing");
	pr_emerg("Dazed and confused, but trying to continue\n");
}

static void default_do_nmi(struct pt_regs *regs)
{
	bool b2b = false;
	u32 reason;
	int handled;

	/*
	 * Two NMIs that were latched together interrupt the same instruction: then
	 * the first one may have handled the second one's work as well.
	 */
	if (regs->ip == __this_cpu_read(last_nmi_rip))
		b2b = true;
	else
		__this_cpu_write(swallow_nmi, false);
	__this_cpu_write(last_nmi_rip, regs->ip);

	handled = nmi_handle(NMI_LOCAL, regs);
	if (handled) {
		if (handled > 1)
			__this_cpu_write(swallow_nmi, true);
		return;
	}

	/* Trylock, as another CPU may hold it and want to stop this one meanwhile. */
	while (!raw_spin_trylock(&nmi_reason_lock))
		cpu_relax();
	reason = hld_inb(NMI_REASON_PORT);
	if (reason & (NMI_REASON_SERR | NMI_REASON_IOCHK)) {
		if (reason & NMI_REASON_SERR)
			pci_serr_error(reason, regs);
		else
			io_check_error(reason, regs);
		raw_spin_unlock(&nmi_reason_lock);
		return;
	}
	raw_spin_unlock(&nmi_reason_lock);

	if (b2b && __this_cpu_read(swallow_nmi))
		hld_note_nmi(HLD_NMI_SWALLOWED, "back-to-back", 0);
	else
		unknown_nmi_error(reason, regs);
}

/*
 * The handler that runs looks once more, with the frame that it has: for the
 * sources of the one that came meanwhile, too.
 */
static void latch_sources(struct pt_regs *regs)
{
	this_cpu_or(nmi_latched_sources, fred_event_data(regs));
}

static void take_latched_sources(struct pt_regs *regs)
{
	fred_info(regs)->edata = this_cpu_xchg(nmi_latched_sources, 0);
}

static void exc_nmi(struct pt_regs *regs)
{
	/*
	 * Since 5.4. A dying CPU clears its online bit long before it stops taking
	 * NMIs, and from then on no handler hears of them.
	 */
	if (!kernel_is_418() && cpu_is_offline(smp_processor_id())) {
		hld_note_nmi(HLD_NMI_IGNORED_OFFLINE, "exc_nmi", 0);
		return;
	}

	/* Only an IRET inside the handler (a fault, firmware in SMM) lets one come here twice. */
	if (this_cpu_read(nmi_state) != NMI_NOT_RUNNING) {
		latch_sources(regs);
		this_cpu_write(nmi_state, NMI_LATCHED);
		return;
	}
	this_cpu_write(nmi_state, NMI_EXECUTING);
	for (;;) {
		preempt_count_add(NMI_OFFSET + HARDIRQ_OFFSET);
		if (!READ_ONCE(ignore_nmis))
			default_do_nmi(regs);
		preempt_count_sub(NMI_OFFSET + HARDIRQ_OFFSET);
		if (!this_cpu_dec_return(nmi_state))
			break;
		take_latched_sources(regs);
	}
}

void hld_nmi(hld_u64 ip, hld_u64 flags)
{
	struct fred_frame frame = {
		.regs = { .ip = ip, .flags = flags },
		.info = { .edata = hld_event_data() },
	};

	hld_charge(HLD_ROW_NMI_ENTRY_SW, 1);
	exc_nmi(&frame.regs);
	hld_charge(HLD_ROW_NMI_EXIT_SW, 1);
}
