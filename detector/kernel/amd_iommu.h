/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What the two files share that drive AMD-Vi: AMD IOMMU specification 48882.
 */
#ifndef AMD_IOMMU_H
#define AMD_IOMMU_H

#include <linux/spinlock.h>
#include <linux/types.h>

#define CMD_INV_IRT (5ull << 60)
#define IRT_ENTRIES 512

struct amd_entry {
	u64 low;
	u64 high;
} __aligned(16);

struct dev_table_entry {
	u64 data[4];
};

struct amd_iommu {
	void __iomem *reg;
	u64 control;
	bool ga;	     /* entries of 128 bits */
	bool xt;	     /* 32-bit destinations */
	raw_spinlock_t lock; /* of the commands and the entries */
	struct amd_entry *cmd_buf;
	u32 cmd_tail;
	u64 *cmd_sem;
	u64 cmd_sem_val;
	struct amd_entry *evt_buf;
	struct dev_table_entry *dev_table;
	u32 hpet_devid;
	void *irt; /* the HPET's */
	unsigned int irt_used;
};

extern struct amd_iommu amd_iommu;
void amd_iommu_flush_hpet(struct amd_iommu *iommu, u64 command);

#endif
