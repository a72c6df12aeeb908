/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_IOPORT_H
#define _LINUX_IOPORT_H
#include <linux/types.h>
struct resource {
	resource_size_t start, end;
	const char *name;
	unsigned long flags;
};
#define IORESOURCE_MEM 0x00000200
static inline resource_size_t resource_size(const struct resource *res)
{
	return res->end - res->start + 1;
}
#endif
