// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Panic, warnings, BUG, and the notifier chains. A panic ends the run. */
#include "kernel.h"
#include <linux/panic.h>
#include <linux/panic_notifier.h>
#include <linux/reboot.h>
#include <asm/ptrace.h>

#define PANIC_CPU_INVALID (-1)

static atomic_t panic_cpu = ATOMIC_INIT(PANIC_CPU_INVALID);
int panic_timeout;
int panic_on_warn;

ATOMIC_NOTIFIER_HEAD(panic_notifier_list);

static void panic_text(const char *text)
{
	pr_emerg("Kernel panic - not syncing: %s\n", text);
	atomic_notifier_call_chain(&panic_notifier_list, 0, (void *)(unsigned long)text);
	hld_end(HLD_END_PANIC, text);
}

/* The first CPU wins; another one that panics meanwhile stops here. */
void panic(const char *fmt, ...)
{
	int this_cpu = (int)smp_processor_id();
	int old_cpu = PANIC_CPU_INVALID;
	char text[160];
	va_list args;

	local_irq_disable();
	if (!atomic_try_cmpxchg(&panic_cpu, &old_cpu, this_cpu) && old_cpu != this_cpu) {
		for (;;)
			hld_halt();
	}
	va_start(args, fmt);
	vscnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	panic_text(text);
	for (;;)
		hld_halt();
}
EXPORT_SYMBOL(panic);

/* From an NMI handler: if another CPU panics already, this one stops in its NMI. */
void nmi_panic(struct pt_regs *regs, const char *msg)
{
	int this_cpu = (int)smp_processor_id();
	int old_cpu = PANIC_CPU_INVALID;

	if (atomic_try_cmpxchg(&panic_cpu, &old_cpu, this_cpu))
		panic("%s", msg);
	else if (old_cpu != this_cpu)
		for (;;)
			hld_halt();
}
EXPORT_SYMBOL(nmi_panic);

void __hld_warn(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	pr_warn("WARNING: CPU: %d at %s:%d\n", smp_processor_id(), file, line);
	if (fmt) {
		va_start(args, fmt);
		vprintk(fmt, args);
		va_end(args);
	}
	if (panic_on_warn)
		panic("panic_on_warn set ...\n");
}
EXPORT_SYMBOL(__hld_warn);

void __hld_bug(const char *file, int line)
{
	panic("kernel BUG at %s:%d!", file, line);
}
EXPORT_SYMBOL(__hld_bug);

/* ---- notifier chains ---- */

static int chain_register(struct notifier_block **nl, struct notifier_block *n)
{
	for (; *nl; nl = &(*nl)->next) {
		if (*nl == n)
			return -EEXIST;
		if (n->priority > (*nl)->priority)
			break;
	}
	n->next = *nl;
	smp_store_release(nl, n);
	return 0;
}

static int chain_unregister(struct notifier_block **nl, struct notifier_block *n)
{
	for (; *nl; nl = &(*nl)->next) {
		if (*nl == n) {
			WRITE_ONCE(*nl, n->next);
			return 0;
		}
	}
	return -ENOENT;
}

static int chain_call(struct notifier_block **nl, unsigned long val, void *v)
{
	struct notifier_block *nb;
	int ret = NOTIFY_DONE;

	for (nb = READ_ONCE(*nl); nb; nb = READ_ONCE(nb->next)) {
		ret = nb->notifier_call(nb, val, v);
		if (ret & NOTIFY_STOP_MASK)
			break;
	}
	return ret;
}

int atomic_notifier_chain_register(struct atomic_notifier_head *nh, struct notifier_block *nb)
{
	unsigned long flags;
	int ret;

	spin_lock_irqsave(&nh->lock, flags);
	ret = chain_register(&nh->head, nb);
	spin_unlock_irqrestore(&nh->lock, flags);
	return ret;
}
EXPORT_SYMBOL_GPL(atomic_notifier_chain_register);

int atomic_notifier_chain_unregister(struct atomic_notifier_head *nh, struct notifier_block *nb)
{
	unsigned long flags;
	int ret;

	spin_lock_irqsave(&nh->lock, flags);
	ret = chain_unregister(&nh->head, nb);
	spin_unlock_irqrestore(&nh->lock, flags);
	return ret;
}
EXPORT_SYMBOL_GPL(atomic_notifier_chain_unregister);

int atomic_notifier_call_chain(struct atomic_notifier_head *nh, unsigned long val, void *v)
{
	return chain_call(&nh->head, val, v);
}
EXPORT_SYMBOL_GPL(atomic_notifier_call_chain);

int blocking_notifier_chain_register(struct blocking_notifier_head *nh, struct notifier_block *nb)
{
	int ret;

	down_write(&nh->rwsem);
	ret = chain_register(&nh->head, nb);
	up_write(&nh->rwsem);
	return ret;
}
EXPORT_SYMBOL_GPL(blocking_notifier_chain_register);

int blocking_notifier_chain_unregister(struct blocking_notifier_head *nh, struct notifier_block *nb)
{
	int ret;

	down_write(&nh->rwsem);
	ret = chain_unregister(&nh->head, nb);
	up_write(&nh->rwsem);
	return ret;
}
EXPORT_SYMBOL_GPL(blocking_notifier_chain_unregister);

int blocking_notifier_call_chain(struct blocking_notifier_head *nh, unsigned long val, void *v)
{
	int ret;

	down_read(&nh->rwsem);
	ret = chain_call(&nh->head, val, v);
	up_read(&nh->rwsem);
	return ret;
}
EXPORT_SYMBOL_GPL(blocking_notifier_call_chain);

/* ---- reboot ---- */

static BLOCKING_NOTIFIER_HEAD(reboot_notifier_list);

int register_reboot_notifier(struct notifier_block *nb)
{
	return blocking_notifier_chain_register(&reboot_notifier_list, nb);
}
EXPORT_SYMBOL(register_reboot_notifier);

int unregister_reboot_notifier(struct notifier_block *nb)
{
	return blocking_notifier_chain_unregister(&reboot_notifier_list, nb);
}
EXPORT_SYMBOL(unregister_reboot_notifier);

void emergency_restart(void)
{
	hld_end(HLD_END_RESET, "emergency_restart()");
}
EXPORT_SYMBOL_GPL(emergency_restart);
