/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_CONST_H
#define _ASM_CONST_H
#include <linux/const.h>
#endif
