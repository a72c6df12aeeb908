/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_BUG_H
#define _ASM_BUG_H
#include <linux/bug.h>
#endif
