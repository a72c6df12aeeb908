/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_PAGE_H
#define _ASM_PAGE_H
#include <linux/const.h>
#include <linux/io.h>
#define PAGE_SHIFT    12
#define PAGE_SIZE     (_AC(1, UL) << PAGE_SHIFT)
#define PAGE_MASK     (~(PAGE_SIZE - 1))
#define PAGE_ALIGN(x) (((x) + PAGE_SIZE - 1) & PAGE_MASK)
#endif
