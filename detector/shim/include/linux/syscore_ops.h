/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_SYSCORE_OPS_H
#define _LINUX_SYSCORE_OPS_H

#include <linux/list.h>

/* Called around suspend, which no scenario has: registering is all that happens. */
struct syscore_ops {
	struct list_head node;
	int (*suspend)(void);
	void (*resume)(void);
	void (*shutdown)(void);
};
static inline void register_syscore_ops(struct syscore_ops *ops)
{
}
static inline void unregister_syscore_ops(struct syscore_ops *ops)
{
}

#endif
