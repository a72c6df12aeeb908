/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_MSI_H
#define _LINUX_MSI_H

#include <linux/types.h>
#include <asm/msi.h>

struct msi_msg {
	union {
		u32 address_lo;
		arch_msi_msg_addr_lo_t arch_addr_lo;
	};
	union {
		u32 address_hi;
		arch_msi_msg_addr_hi_t arch_addr_hi;
	};
	union {
		u32 data;
		arch_msi_msg_data_t arch_data;
	};
};

#endif
