/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Device memory. ioremap() gives a cookie: dereferencing it is a diagnosed bad access, and so
 * is an access outside the whole pages that are mapped.
 */
#ifndef _LINUX_IO_H
#define _LINUX_IO_H

#include <linux/types.h>
#include <linux/compiler.h>

#define __hld_mmio(suffix, type)                                                  \
	static inline type read##suffix(const volatile void __iomem *addr)        \
	{                                                                         \
		type value;                                                       \
                                                                                  \
		barrier();                                                        \
		value = (type)hld_mmio_read(addr, sizeof(type));                  \
		barrier();                                                        \
		return value;                                                     \
	}                                                                         \
	static inline void write##suffix(type value, volatile void __iomem *addr) \
	{                                                                         \
		barrier();                                                        \
		hld_mmio_write((volatile void *)addr, sizeof(type), value);       \
		barrier();                                                        \
	}
__hld_mmio(b, u8) __hld_mmio(w, u16) __hld_mmio(l, u32) __hld_mmio(q, u64)

/* x86: the relaxed and raw forms are the same instruction, without the compiler barrier. */
#define readb_relaxed(a)     readb(a)
#define readw_relaxed(a)     readw(a)
#define readl_relaxed(a)     readl(a)
#define readq_relaxed(a)     readq(a)
#define writeb_relaxed(v, a) writeb(v, a)
#define writew_relaxed(v, a) writew(v, a)
#define writel_relaxed(v, a) writel(v, a)
#define writeq_relaxed(v, a) writeq(v, a)
#define __raw_readl(a)	     readl(a)
#define __raw_readq(a)	     readq(a)
#define __raw_writel(v, a)   writel(v, a)
#define __raw_writeq(v, a)   writeq(v, a)
#define ioread32(a)	     readl(a)
#define iowrite32(v, a)	     writel(v, a)

	static inline void __iomem *ioremap(resource_size_t physical, unsigned long size)
{
	return hld_ioremap(physical, size);
}
#define ioremap_nocache(physical, size) ioremap(physical, size)
#define ioremap_uc(physical, size)	ioremap(physical, size)
static inline void iounmap(volatile void __iomem *addr)
{
	hld_iounmap(addr);
}

static inline u8 inb(u16 port)
{
	return (u8)hld_inb(port);
}
static inline void outb(u8 value, u16 port)
{
	hld_outb(port, value);
}
#define inb_p(port)	    inb(port)
#define outb_p(value, port) outb(value, port)

#define virt_to_phys(p) ((phys_addr_t)hld_virt_to_phys((const void *)(p)))
#define __pa(p)		((unsigned long)hld_virt_to_phys((const void *)(p)))

#endif
