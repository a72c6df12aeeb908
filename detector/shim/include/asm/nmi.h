/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_X86_NMI_H
#define _ASM_X86_NMI_H

#include <linux/irq_work.h>
#include <linux/list.h>
#include <linux/types.h>
#include <asm/irq.h>
#include <asm/ptrace.h>

extern int unknown_nmi_panic;

#define NMI_FLAG_FIRST 1

enum { NMI_LOCAL = 0, NMI_UNKNOWN, NMI_SERR, NMI_IO_CHECK, NMI_MAX };

#define NMI_DONE    0
#define NMI_HANDLED 1

/*
 * Proposed, not in any series that the miniature kernel stands for: the vector
 * field of an NMI message tells its source, where processors report it. Bit 0 of
 * FRED's event data stands for all that have none.
 */
#define NMI_SOURCE_REPORTING	1
#define NMI_SOURCE_UNKNOWN_MASK 1UL
#define NMI_SOURCE_VECTORS	16
/* As the series of 2025 numbers them; 1 to 7 are taken. */
#define NMI_SOURCE_BACKTRACE 4
#define NMI_SOURCE_PMI	     7

typedef int (*nmi_handler_t)(unsigned int, struct pt_regs *);

struct nmiaction {
	struct list_head list;
	nmi_handler_t handler;
	u64 max_duration;
	unsigned long flags;
	const char *name;
	u8 source_vector; /* 1 to 15, or 0: none */
};

#define register_nmi_handler(t, fn, fg, n, init...)           \
	({                                                    \
		static struct nmiaction init fn##_na = {      \
			.list = LIST_HEAD_INIT(fn##_na.list), \
			.handler = (fn),                      \
			.name = (n),                          \
			.flags = (fg),                        \
		};                                            \
		__register_nmi_handler((t), &fn##_na);        \
	})

/* The same for NMIs whose message carries @src as its vector. */
#define register_nmi_handler_source(t, fn, fg, n, src)        \
	({                                                    \
		static struct nmiaction fn##_na = {           \
			.list = LIST_HEAD_INIT(fn##_na.list), \
			.handler = (fn),                      \
			.name = (n),                          \
			.flags = (fg),                        \
			.source_vector = (src),               \
		};                                            \
		__register_nmi_handler((t), &fn##_na);        \
	})

int __register_nmi_handler(unsigned int type, struct nmiaction *action);
void unregister_nmi_handler(unsigned int type, const char *name);

void stop_nmi(void);
void restart_nmi(void);
void local_touch_nmi(void);

#endif
