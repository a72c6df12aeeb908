/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_PERCPU_H
#define _ASM_PERCPU_H
#include <linux/percpu-defs.h>
#endif
