// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The interrupt remapping domain, between the HPET's chip and the vectors, as
 * drivers/iommu/intel/irq_remapping.c of Linux has it: an interrupt has an entry
 * of the table, its device's message names the entry and never changes; a move
 * changes the entry, under one lock for all interrupts of all units, and waits
 * for the invalidation of the unit's cache.
 *
 *   irq_2_ir_lock	entries and their allocation
 *     qi->q_lock	the queue
 *     register_lock	the other registers
 */
#define pr_fmt(fmt) "DMAR-IR: " fmt

#include "kernel.h"
#include "iommu.h"
#include <linux/io.h>
#include <linux/irqdesc.h>
#include <linux/log2.h>
#include <linux/msi.h>
#include <asm/apic.h>
#include <asm/hw_irq.h>
#include <asm/irq_remapping.h>

static bool eim_mode;
bool disable_sourceid_checking;

DEFINE_RAW_SPINLOCK(irq_2_ir_lock);

struct intel_ir_data {
	unsigned int index;
	struct irte irte;
};

/* ---- entries ---- */

static int qi_flush_iec(struct intel_iommu *iommu, unsigned int index, unsigned int mask)
{
	struct qi_desc desc = {
		.qw0 = QI_IEC_IIDEX(index) | QI_IEC_IM(mask) | QI_IEC_SELECTIVE | QI_IEC_TYPE,
	};

	return qi_submit_sync(iommu, &desc, 1);
}

/* The index mask of an invalidation of so many entries. */
static unsigned int irte_mask(unsigned int count)
{
	return count > 1 ? (unsigned int)ilog2(roundup_pow_of_two(count)) : 0;
}

/* A power of two of entries, aligned to itself, so that one invalidation names them. */
static int alloc_irte(struct intel_iommu *iommu, unsigned int count)
{
	unsigned int mask = irte_mask(count);
	unsigned int index, i, size = 1u << mask;
	struct ir_table *table = iommu->ir_table;
	unsigned long flags;
	int found = -ENOSPC;

	if (mask > ecap_max_handle_mask(iommu->ecap))
		return -EINVAL;

	raw_spin_lock_irqsave(&irq_2_ir_lock, flags);
	for (index = 0; index + size <= INTR_REMAP_TABLE_ENTRIES && found < 0; index += size) {
		for (i = 0; i < size && !test_bit((int)(index + i), table->bitmap); i++)
			;
		if (i < size)
			continue;
		for (i = 0; i < size; i++)
			__set_bit((int)(index + i), table->bitmap);
		found = (int)index;
	}
	raw_spin_unlock_irqrestore(&irq_2_ir_lock, flags);
	return found;
}

static int modify_irte(struct intel_iommu *iommu, unsigned int index, const struct irte *new)
{
	unsigned long flags;
	int ret;

	raw_spin_lock_irqsave(&irq_2_ir_lock, flags);
	write_irte(&iommu->ir_table->base[index], new);
	ret = qi_flush_iec(iommu, index, 0);
	raw_spin_unlock_irqrestore(&irq_2_ir_lock, flags);
	return ret;
}

static int clear_entries(struct intel_iommu *iommu, unsigned int index, unsigned int count)
{
	unsigned int i, mask = irte_mask(count);
	unsigned long flags;
	int ret;

	raw_spin_lock_irqsave(&irq_2_ir_lock, flags);
	for (i = 0; i < 1u << mask; i++) {
		hld_note_irte(index + i, 0, 0);
		/* Absent before it forgets whose it was. */
		WRITE_ONCE(iommu->ir_table->base[index + i].low, 0);
		WRITE_ONCE(iommu->ir_table->base[index + i].high, 0);
		__clear_bit((int)(index + i), iommu->ir_table->bitmap);
	}
	ret = qi_flush_iec(iommu, index, mask);
	raw_spin_unlock_irqrestore(&irq_2_ir_lock, flags);
	return ret;
}

/* All NMIs are sent to one CPU by its id: there is nothing that a hint could choose. */
static void prepare_irte(struct irte *irte, unsigned int vector, unsigned int apicid, bool nmi)
{
	irte->low = IRTE_PRESENT | IRTE_REDIR_HINT | IRTE_VECTOR(vector) |
		    IRTE_DEST(eim_mode ? apicid : apicid << 8);
	if (nmi)
		irte->low |= IRTE_DLVRY_NMI;
}

/*
 * Whose requests the entry takes: the HPET's, as ACPI tells it. Function numbers
 * are not compared, as HPETs have one id for each of their comparators.
 */
static int set_hpet_sid(struct irte *irte)
{
	const struct hld_firmware *fw = hld_firmware();

	irte->high = 0;
	if (!fw->hpet_source_id) {
		pr_warn("Failed to set source-id of HPET block (0)\n");
		return -ENODEV;
	}
	if (!disable_sourceid_checking)
		irte->high = IRTE_SVT(SVT_VERIFY_SID_SQ) | IRTE_SQ(SQ_13_IGNORE_3) |
			     IRTE_SID(fw->hpet_source_id);
	return 0;
}

/* ---- the chip ---- */

static void intel_ir_reconfigure_irte(struct irq_data *data)
{
	struct intel_ir_data *ir = data->chip_data;
	struct irq_cfg *cfg = irqd_cfg(data);

	prepare_irte(&ir->irte, cfg->vector, cfg->dest_apicid, cfg->delivers_nmi);
	modify_irte(&dmar_unit, ir->index, &ir->irte);
}

/* The old vector is given back at once: nothing comes by it after the invalidation. */
static int intel_ir_set_affinity(struct irq_data *data, const struct cpumask *mask, bool force)
{
	struct irq_data *parent = data->parent_data;
	int ret = parent->chip->irq_set_affinity(parent, mask, force);

	if (ret < 0 || ret == IRQ_SET_MASK_OK_DONE)
		return ret;
	intel_ir_reconfigure_irte(data);
	vector_schedule_cleanup(data);
	return IRQ_SET_MASK_OK_DONE;
}

static void intel_ir_compose_msi_msg(struct irq_data *data, struct msi_msg *msg)
{
	struct intel_ir_data *ir = data->chip_data;

	irq_remap_compose_nmi((int)ir->index, msg);
}

static unsigned int intel_ir_startup(struct irq_data *data)
{
	intel_ir_reconfigure_irte(data);
	return 0;
}

static struct irq_chip intel_ir_chip = {
	.name = "INTEL-IR",
	.irq_startup = intel_ir_startup,
	.irq_ack = irq_chip_ack_parent,
	.irq_set_affinity = intel_ir_set_affinity,
	.irq_compose_msi_msg = intel_ir_compose_msi_msg,
};

int intel_irq_remapping_alloc_hpet(struct irq_data *data, struct irq_data *vector_data)
{
	struct intel_ir_data *ir = kzalloc(sizeof(*ir), GFP_KERNEL);
	int ret;

	if (!ir)
		return -ENOMEM;
	ret = set_hpet_sid(&ir->irte);
	if (ret)
		return ret;
	ret = alloc_irte(&dmar_unit, 1);
	if (ret < 0)
		return ret;
	ir->index = (unsigned int)ret;
	data->irq = vector_data->irq;
	data->common = vector_data->common;
	data->chip = &intel_ir_chip;
	data->chip_data = ir;
	data->parent_data = vector_data;
	return 0;
}

/* ---- entries that a driver selects among by itself ---- */

int irq_remap_alloc_nmi(unsigned int count)
{
	struct irte irte;
	unsigned int cpu;
	int base, ret;

	/* An entry of AMD's cannot deliver an NMI. */
	if (!irq_remapping_enabled || !dmar_unit.ir_table)
		return -ENODEV;
	ret = set_hpet_sid(&irte);
	if (ret)
		return ret;
	base = alloc_irte(&dmar_unit, count);
	if (base < 0)
		return base;
	/* Without the lock: nobody else knows them yet. */
	for_each_possible_cpu(cpu) {
		if (cpu >= count)
			break;
		prepare_irte(&irte, 0, cpu_physical_id(cpu), true);
		write_irte(&dmar_unit.ir_table->base[(unsigned int)base + cpu], &irte);
	}
	/* An absent entry is cached with CAP.CM alone (VT-d 5.10, 6.1). */
	if (cap_caching_mode(dmar_unit.cap))
		qi_flush_iec(&dmar_unit, (unsigned int)base, irte_mask(count));
	return base;
}
EXPORT_SYMBOL_GPL(irq_remap_alloc_nmi);

void irq_remap_free_nmi(int base, unsigned int count)
{
	clear_entries(&dmar_unit, (unsigned int)base, count);
}
EXPORT_SYMBOL_GPL(irq_remap_free_nmi);

int irq_remap_route_nmi(int index, unsigned int cpu)
{
	struct irte irte;
	int ret = set_hpet_sid(&irte);

	if (ret)
		return ret;
	prepare_irte(&irte, 0, cpu_physical_id(cpu), true);
	return modify_irte(&dmar_unit, (unsigned int)index, &irte);
}
EXPORT_SYMBOL_GPL(irq_remap_route_nmi);

int irq_remap_block_nmi(int index)
{
	struct irte irte = dmar_unit.ir_table->base[index];

	irte.low &= ~IRTE_PRESENT;
	return modify_irte(&dmar_unit, (unsigned int)index, &irte);
}
EXPORT_SYMBOL_GPL(irq_remap_block_nmi);

/* Linux sets SHV always, and puts the number within a block of entries into the data. */
void irq_remap_compose_nmi(int index, struct msi_msg *msg)
{
	memset(msg, 0, sizeof(*msg));
	msg->arch_addr_lo.dmar_base_address = X86_MSI_BASE_ADDRESS_LOW;
	msg->arch_addr_lo.dmar_subhandle_valid = true;
	msg->arch_addr_lo.dmar_format = true;
	msg->arch_addr_lo.dmar_index_0_14 = (u32)index & 0x7fff;
	msg->arch_addr_lo.dmar_index_15 = (u32)index >> 15 & 1;
}
EXPORT_SYMBOL_GPL(irq_remap_compose_nmi);

/* ---- boot ---- */

static int intel_setup_irq_remapping(struct intel_iommu *iommu)
{
	struct ir_table *table = kzalloc(sizeof(*table), GFP_KERNEL);
	unsigned long flags;

	if (!table)
		return -ENOMEM;
	table->base = iommu_alloc_aligned(INTR_REMAP_TABLE_ENTRIES * sizeof(struct irte));
	if (!table->base)
		return -ENOMEM;
	iommu->ir_table = table;
	if (dmar_enable_qi(iommu))
		return -ENOMEM;

	raw_spin_lock_irqsave(&iommu->register_lock, flags);
	writeq(virt_to_phys(table->base) | (eim_mode ? 1u << 11 : 0) | INTR_REMAP_TABLE_REG_SIZE,
	       iommu->reg + DMAR_IRTA_REG);
	iommu_command(iommu, DMA_GCMD_SIRTP, true);
	raw_spin_unlock_irqrestore(&iommu->register_lock, flags);

	return cap_esirtps(iommu->cap) ? 0 : qi_global_iec(iommu);
}

int intel_irq_remapping_boot(void)
{
	const struct hld_firmware *fw = hld_firmware();
	struct intel_iommu *iommu = &dmar_unit;
	unsigned long flags;

	raw_spin_lock_init(&iommu->register_lock);
	iommu->reg = ioremap(fw->dmar_address, 0x1000);
	iommu->cap = readq(iommu->reg + DMAR_CAP_REG);
	iommu->ecap = readq(iommu->reg + DMAR_ECAP_REG);
	eim_mode = fw->x2apic && ecap_eim_support(iommu->ecap);
	if (!ecap_ir_support(iommu->ecap) || !ecap_qis(iommu->ecap) || (fw->x2apic && !eim_mode)) {
		pr_warn("the unit cannot remap interrupts here\n");
		return -ENODEV;
	}
	if (intel_setup_irq_remapping(iommu)) {
		pr_err("failed to set up interrupt remapping\n");
		return -ENOMEM;
	}

	raw_spin_lock_irqsave(&iommu->register_lock, flags);
	iommu_command(iommu, DMA_GCMD_IRE, true);
	raw_spin_unlock_irqrestore(&iommu->register_lock, flags);
	pr_info("Enabled IRQ remapping in %s mode\n", eim_mode ? "x2apic" : "xapic");
	return 0;
}
