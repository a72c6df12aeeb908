// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * printk(): a line is formatted on the caller's stack and copied into a ring,
 * whose place is taken by one atomic addition. No lock, so any context may
 * print. Deviation: there is no console; a line counts as seen when it is in the
 * ring.
 */
#include "kernel.h"
#include <linux/kern_levels.h>
#include <linux/module.h>
#include <linux/sched/debug.h>
#include <asm/ptrace.h>

#define LOG_BUF_SIZE 8192u
#define LINE_MAX     240

static char log_buf[LOG_BUF_SIZE];
static unsigned long log_head; /* bytes ever written */

static u32 take_level(const char **fmt)
{
	u32 level = 4; /* warning: the default of a message without one */

	while ((*fmt)[0] == KERN_SOH_ASCII && (*fmt)[1]) {
		char c = (*fmt)[1];

		if (c >= '0' && c <= '7')
			level = (u32)(c - '0');
		*fmt += 2;
	}
	return level;
}

static void log_store(const char *text, u32 length)
{
	unsigned long at = __atomic_fetch_add(&log_head, length + 1, __ATOMIC_SEQ_CST);
	u32 offset = (u32)(at % LOG_BUF_SIZE);
	u32 first = min(length + 1, LOG_BUF_SIZE - offset);

	/* The NUL goes along: it ends the line in the ring. */
	memcpy(&log_buf[offset], text, first);
	if (first < length + 1)
		memcpy(log_buf, text + first, length + 1 - first);
}

int vprintk(const char *fmt, va_list args)
{
	char text[LINE_MAX];
	u32 level = take_level(&fmt);
	int length = vscnprintf(text, sizeof(text), fmt, args);
	char *line = text;
	bool more;

	/* A message may be several lines. */
	while (*line) {
		u32 n = 0;

		while (line[n] && line[n] != '\n')
			n++;
		more = line[n];
		if (more)
			line[n] = '\0';
		log_store(line, n);
		hld_note_print(level, line, n);
		line += n + more;
	}
	return length;
}
EXPORT_SYMBOL(vprintk);

int _printk(const char *fmt, ...)
{
	va_list args;
	int length;

	va_start(args, fmt);
	length = vprintk(fmt, args);
	va_end(args);
	return length;
}
EXPORT_SYMBOL(_printk);

int _printk_deferred(const char *fmt, ...)
{
	va_list args;
	int length;

	va_start(args, fmt);
	length = vprintk(fmt, args);
	va_end(args);
	return length;
}
EXPORT_SYMBOL_GPL(_printk_deferred);

/* The simulator knows the callers and shows them where a finding needs them. */
void dump_stack(void)
{
	pr_info("CPU: %d Comm: %s\n", smp_processor_id(), current->comm);
}
EXPORT_SYMBOL(dump_stack);

void dump_stack_lvl(const char *level)
{
	dump_stack();
}
EXPORT_SYMBOL(dump_stack_lvl);

void show_stack(struct task_struct *task, unsigned long *sp, const char *loglvl)
{
	dump_stack();
}

/* Deviation: of the registers only RIP; the others of compiled C are not simulated. */
void show_regs(struct pt_regs *regs)
{
	printk("CPU: %d Comm: %s\n", smp_processor_id(), current->comm);
	printk("RIP: 0010:%pS\n", (void *)regs->ip);
}

/* Deviation: it names none. A detector counts as built in. */
void print_modules(void)
{
	printk("Modules linked in:\n");
}
EXPORT_SYMBOL_GPL(print_modules);

void console_verbose(void)
{
}
EXPORT_SYMBOL_GPL(console_verbose);
