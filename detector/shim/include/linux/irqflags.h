/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_IRQFLAGS_H
#define _LINUX_IRQFLAGS_H

#include <linux/types.h>
#include <asm/processor-flags.h>

/* EFLAGS as far as software here can see it: IF alone. */
static __always_inline unsigned long arch_local_save_flags(void)
{
	return hld_irqs_enabled() ? X86_EFLAGS_IF : 0;
}
static __always_inline unsigned long arch_local_irq_save(void)
{
	unsigned long flags = arch_local_save_flags();

	hld_irq_disable();
	return flags;
}
static __always_inline void arch_local_irq_restore(unsigned long flags)
{
	if (flags & X86_EFLAGS_IF)
		hld_irq_enable();
}

#define local_irq_enable()        \
	do {                      \
		barrier();        \
		hld_irq_enable(); \
		barrier();        \
	} while (0)
#define local_irq_disable()        \
	do {                       \
		barrier();         \
		hld_irq_disable(); \
		barrier();         \
	} while (0)
#define local_irq_save(flags)                    \
	do {                                     \
		barrier();                       \
		(flags) = arch_local_irq_save(); \
		barrier();                       \
	} while (0)
#define local_irq_restore(flags)               \
	do {                                   \
		barrier();                     \
		arch_local_irq_restore(flags); \
		barrier();                     \
	} while (0)
#define local_save_flags(flags)	     ((flags) = arch_local_save_flags())
#define raw_local_irq_disable()	     local_irq_disable()
#define raw_local_irq_enable()	     local_irq_enable()
#define raw_local_irq_save(flags)    local_irq_save(flags)
#define raw_local_irq_restore(flags) local_irq_restore(flags)
#define irqs_disabled()		     (!hld_irqs_enabled())
#define irqs_disabled_flags(flags)   (!((flags)&X86_EFLAGS_IF))
#define raw_irqs_disabled()	     irqs_disabled()
#define safe_halt()		     hld_sti_halt()
#define halt()			     hld_halt()

#endif
