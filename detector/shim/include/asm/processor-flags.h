/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_PROCESSOR_FLAGS_H
#define _ASM_PROCESSOR_FLAGS_H
#define X86_EFLAGS_IF 0x200ul /* SDM vol. 3A, 2.3 */
#endif
