/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Included by hldsim-cc before the first line of every file: what Kbuild's own
 * command line would have set up.
 */
#ifndef HLD_PREFIX_H
#define HLD_PREFIX_H

/* Series of the kernel API, 100 * major + minor: 418 (v4.18) to 617 (v6.17). */
#ifndef HLD_KAPI
#define HLD_KAPI 601
#endif
#if HLD_KAPI < 418 || HLD_KAPI > 617
#error "HLD_KAPI must be between 418 (v4.18) and 617 (v6.17)"
#endif

#define __KERNEL__ 1

#ifndef KBUILD_MODNAME
#define KBUILD_MODNAME "detector"
#endif

#include <linux/kconfig.h>
#include <linux/compiler_types.h>
#include <hld/runtime.h>

#endif
