/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Model-specific registers of this CPU. An access that faults (#GP) warns, and reads 0. */
#ifndef _ASM_MSR_H
#define _ASM_MSR_H

#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/types.h>
#include <asm/msr-index.h>

static inline u64 __hld_rdmsr(u32 msr)
{
	hld_u64 value = 0;

	barrier();
	WARN_ONCE(hld_rdmsr(msr, &value), "unchecked MSR access error: RDMSR from 0x%x\n", msr);
	barrier();
	return value;
}
static inline int __hld_rdmsr_safe(u32 msr, u64 *value)
{
	hld_u64 read = 0;
	u32 faulted = hld_rdmsr(msr, &read);

	*value = read;
	return faulted ? -EIO : 0;
}
static inline void __hld_wrmsr(u32 msr, u64 value)
{
	barrier();
	WARN_ONCE(hld_wrmsr(msr, value), "unchecked MSR access error: WRMSR to 0x%x\n", msr);
	barrier();
}
static inline int __hld_wrmsr_safe(u32 msr, u64 value)
{
	return hld_wrmsr(msr, value) ? -EIO : 0;
}

#define rdmsrl(msr, val)      ((void)((val) = __hld_rdmsr(msr)))
#define wrmsrl(msr, val)      __hld_wrmsr(msr, val)
#define rdmsrl_safe(msr, p)   __hld_rdmsr_safe(msr, p)
#define wrmsrl_safe(msr, val) __hld_wrmsr_safe(msr, val)
#define wrmsr(msr, low, high) __hld_wrmsr(msr, (u64)(high) << 32 | (u32)(low))
#define rdmsr(msr, low, high)                 \
	do {                                  \
		u64 __msr = __hld_rdmsr(msr); \
		(low) = (u32)__msr;           \
		(high) = (u32)(__msr >> 32);  \
	} while (0)
/* The same under the names since v6.16. */
#define rdmsrq(msr, val)      rdmsrl(msr, val)
#define wrmsrq(msr, val)      wrmsrl(msr, val)
#define rdmsrq_safe(msr, p)   rdmsrl_safe(msr, p)
#define wrmsrq_safe(msr, val) wrmsrl_safe(msr, val)

#include <asm/tsc.h>

#endif
