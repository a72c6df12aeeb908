/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_DIV64_H
#define _ASM_DIV64_H
#include <linux/math64.h>
#endif
