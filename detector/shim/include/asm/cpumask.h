/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_CPUMASK_H
#define _ASM_CPUMASK_H
#include <linux/cpumask.h>
#endif
