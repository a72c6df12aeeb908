// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The interrupt remapping domain on AMD-Vi, between the HPET's chip and the
 * vectors. An ordinary interrupt of the HPET has an entry of that device's table,
 * whose index is the data of its message. An NMI has none: it moves by its message.
 */
#include "kernel.h"
#include "amd_iommu.h"
#include "iommu.h"
#include <linux/irqdesc.h>
#include <linux/msi.h>
#include <asm/hw_irq.h>

#define IRTE_REMAP_EN	     1ull
#define IRTE_128_LOW(id)     (IRTE_REMAP_EN | ((u64)(id)&0xffffff) << 8)
#define IRTE_128_HIGH(v, id) ((u64)(v) | (u64)((id) >> 24) << 56)
#define IRTE_32(v, id)	     ((u32)IRTE_REMAP_EN | (u32)(id) << 8 | (u32)(v) << 16)

struct amd_ir_data {
	unsigned int index;
};

static void amd_write_irte(struct amd_iommu *iommu, unsigned int index, const struct irq_cfg *cfg)
{
	struct amd_entry *entry = (struct amd_entry *)iommu->irt + index;
	unsigned __int128 old, whole;

	if (!iommu->ga) {
		WRITE_ONCE(((u32 *)iommu->irt)[index], IRTE_32(cfg->vector, cfg->dest_apicid));
		return;
	}
	old = (unsigned __int128)entry->high << 64 | entry->low;
	whole = (unsigned __int128)IRTE_128_HIGH(cfg->vector, cfg->dest_apicid) << 64 |
		IRTE_128_LOW(cfg->dest_apicid);
	WARN_ON(!try_cmpxchg128((unsigned __int128 *)entry, &old, whole));
}

static void amd_ir_update(struct irq_data *data)
{
	struct amd_ir_data *ir = data->chip_data;
	struct irq_cfg *cfg = irqd_cfg(data);

	if (cfg->delivers_nmi)
		return;
	amd_write_irte(&amd_iommu, ir->index, cfg);
	amd_iommu_flush_hpet(&amd_iommu, CMD_INV_IRT);
}

/*
 * As Linux has it, the old vector is given back at once. An NMI moves by its
 * message, which the caller writes as if nothing were remapped; it has no vector.
 */
static int amd_ir_set_affinity(struct irq_data *data, const struct cpumask *mask, bool force)
{
	struct irq_data *parent = data->parent_data;
	int ret = parent->chip->irq_set_affinity(parent, mask, force);

	if (ret < 0 || ret == IRQ_SET_MASK_OK_DONE)
		return ret;
	amd_ir_update(data);
	vector_schedule_cleanup(data);
	return irqd_cfg(data)->delivers_nmi ? IRQ_SET_MASK_OK : IRQ_SET_MASK_OK_DONE;
}

static void amd_ir_compose_msi_msg(struct irq_data *data, struct msi_msg *msg)
{
	struct amd_ir_data *ir = data->chip_data;

	data->parent_data->chip->irq_compose_msi_msg(data->parent_data, msg);
	if (!irqd_cfg(data)->delivers_nmi)
		msg->data = ir->index;
}

static unsigned int amd_ir_startup(struct irq_data *data)
{
	amd_ir_update(data);
	return 0;
}

static struct irq_chip amd_ir_chip = {
	.name = "AMD-IR",
	.irq_startup = amd_ir_startup,
	.irq_ack = irq_chip_ack_parent,
	.irq_set_affinity = amd_ir_set_affinity,
	.irq_compose_msi_msg = amd_ir_compose_msi_msg,
};

int amd_irq_remapping_alloc_hpet(struct irq_data *data, struct irq_data *vector_data)
{
	struct amd_ir_data *ir = kzalloc(sizeof(*ir), GFP_KERNEL);

	if (!ir)
		return -ENOMEM;
	if (amd_iommu.irt_used == IRT_ENTRIES)
		return -ENOSPC;
	ir->index = amd_iommu.irt_used++;
	data->irq = vector_data->irq;
	data->common = vector_data->common;
	data->chip = &amd_ir_chip;
	data->chip_data = ir;
	data->parent_data = vector_data;
	return 0;
}
