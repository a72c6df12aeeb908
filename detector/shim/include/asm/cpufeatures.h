/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_CPUFEATURES_H
#define _ASM_CPUFEATURES_H
#include <asm/cpufeature.h>
#endif
