/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_X86_TIME_H
#define _ASM_X86_TIME_H
#include <linux/types.h>
void hpet_time_init(void);
#endif
