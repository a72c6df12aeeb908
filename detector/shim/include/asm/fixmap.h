/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_FIXMAP_H
#define _ASM_FIXMAP_H
/* No fixed mappings: devices are reached through ioremap(). */
#include <asm/page.h>
#endif
