/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_TIMEX_H
#define _ASM_TIMEX_H
#include <asm/tsc.h>
#endif
