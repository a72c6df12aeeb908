/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* arch/x86/kernel/apic/local.h as files beside it include it: may an IPI use the shorthand? */
#ifndef _APIC_LOCAL_H
#define _APIC_LOCAL_H

#include <linux/jump_label.h>
#include <asm/apic.h>

/* The miniature kernel's: true once every present CPU has been booted. */
DECLARE_STATIC_KEY_FALSE(apic_use_ipi_shorthand);

#endif
