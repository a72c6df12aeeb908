/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_SCHED_DEBUG_H
#define _LINUX_SCHED_DEBUG_H
struct task_struct;
struct pt_regs;
/* The miniature kernel's. */
void show_regs(struct pt_regs *regs);
void show_stack(struct task_struct *task, unsigned long *sp, const char *loglvl);
#endif
