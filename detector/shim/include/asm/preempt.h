/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_PREEMPT_H
#define _ASM_PREEMPT_H
#include <linux/preempt.h>
#endif
