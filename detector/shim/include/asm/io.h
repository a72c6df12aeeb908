/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_IO_H
#define _ASM_IO_H
#include <linux/io.h>
#endif
