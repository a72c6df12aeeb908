/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_PANIC_H
#define _LINUX_PANIC_H

#include <linux/compiler.h>
#include <linux/types.h>

struct pt_regs;

extern int panic_timeout;

__printf(1, 2) void panic(const char *fmt, ...) __noreturn;
void nmi_panic(struct pt_regs *regs, const char *msg);

#endif
