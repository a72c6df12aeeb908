// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * VT-d's registers, its invalidation queue and its fault log.
 *
 * Whoever changes a table entry puts an invalidation and a wait into the queue,
 * under q_lock and with interrupts off, and spins until the unit has written the
 * wait's status: a microsecond or two, with nobody else able to use the queue.
 * An NMI which comes here meanwhile waits for what it has interrupted.
 */
#define pr_fmt(fmt) "DMAR: " fmt

#include "kernel.h"
#include "iommu.h"
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/irqdesc.h>
#include <linux/msi.h>
#include <linux/panic.h>
#include <asm/msr.h>
#include <asm/tsc.h>

#define OPERATION_TIMEOUT_S 10

struct intel_iommu dmar_unit;

/* One control at a time, and until its status says so the register is the unit's. */
void iommu_command(struct intel_iommu *iommu, u32 bit, bool on)
{
	u64 begin = rdtsc();

	lockdep_assert_held(&iommu->register_lock);
	if (bit != DMA_GCMD_SIRTP)
		iommu->gcmd = on ? iommu->gcmd | bit : iommu->gcmd & ~bit;
	writel(iommu->gcmd | (on ? bit : 0), iommu->reg + DMAR_GCMD_REG);
	while (!!(readl(iommu->reg + DMAR_GSTS_REG) & bit) != on) {
		if (rdtsc() - begin > (u64)tsc_khz * 1000 * OPERATION_TIMEOUT_S)
			panic("DMAR hardware is malfunctioning\n");
		cpu_relax();
	}
}

/* ---- the queue ---- */

int dmar_enable_qi(struct intel_iommu *iommu)
{
	struct q_inval *qi = kzalloc(sizeof(*qi), GFP_KERNEL);
	unsigned long flags;

	if (!qi)
		return -ENOMEM;
	qi->desc = iommu_alloc_aligned(QI_LENGTH * sizeof(struct qi_desc));
	qi->desc_status = kcalloc(QI_LENGTH, sizeof(int), GFP_KERNEL);
	if (!qi->desc || !qi->desc_status)
		return -ENOMEM;
	qi->free_cnt = QI_LENGTH;
	raw_spin_lock_init(&qi->q_lock);
	iommu->qi = qi;

	raw_spin_lock_irqsave(&iommu->register_lock, flags);
	writel(0, iommu->reg + DMAR_IQT_REG);
	writeq(virt_to_phys(qi->desc), iommu->reg + DMAR_IQA_REG);
	iommu_command(iommu, DMA_GCMD_QIE, true);
	raw_spin_unlock_irqrestore(&iommu->register_lock, flags);
	return 0;
}

static void reclaim_free_desc(struct q_inval *qi)
{
	while (qi->free_tail != qi->free_head && qi->desc_status[qi->free_tail] == QI_DONE) {
		qi->desc_status[qi->free_tail] = QI_FREE;
		qi->free_tail = (qi->free_tail + 1) % QI_LENGTH;
		qi->free_cnt++;
	}
}

/*
 * The unit stops at a descriptor which it does not accept. It goes on when that
 * one is overwritten, here by a copy of the wait, and the error is cleared.
 */
static int qi_check_fault(struct intel_iommu *iommu, int index, int wait_index)
{
	struct q_inval *qi = iommu->qi;
	u32 fault = readl(iommu->reg + DMAR_FSTS_REG);
	int head;

	if (!(fault & DMA_FSTS_IQE))
		return 0;
	head = (int)(readl(iommu->reg + DMAR_IQH_REG) / sizeof(struct qi_desc));
	if (head != index)
		return 0;
	pr_err("the unit refuses descriptor %llx %llx\n", (unsigned long long)qi->desc[index].qw0,
	       (unsigned long long)qi->desc[index].qw1);
	qi->desc[index] = qi->desc[wait_index];
	writel(DMA_FSTS_IQE, iommu->reg + DMAR_FSTS_REG);
	return -EINVAL;
}

/* @count descriptors and a wait behind them; returns when the unit has done all. */
int qi_submit_sync(struct intel_iommu *iommu, const struct qi_desc *desc, int count)
{
	struct q_inval *qi = iommu->qi;
	int index, wait_index, i, ret = 0;
	struct qi_desc wait;
	unsigned long flags;

	raw_spin_lock_irqsave(&qi->q_lock, flags);
	while (qi->free_cnt < count + 2) {
		raw_spin_unlock_irqrestore(&qi->q_lock, flags);
		cpu_relax();
		raw_spin_lock_irqsave(&qi->q_lock, flags);
	}

	index = qi->free_head;
	wait_index = (index + count) % QI_LENGTH;
	for (i = 0; i < count; i++) {
		qi->desc[(index + i) % QI_LENGTH] = desc[i];
		qi->desc_status[(index + i) % QI_LENGTH] = QI_IN_USE;
	}
	qi->desc_status[wait_index] = QI_IN_USE;
	wait.qw0 = QI_IWD_STATUS_DATA(QI_DONE) | QI_IWD_STATUS_WRITE | QI_IWD_TYPE;
	wait.qw1 = virt_to_phys(&qi->desc_status[wait_index]);
	qi->desc[wait_index] = wait;

	qi->free_head = (wait_index + 1) % QI_LENGTH;
	qi->free_cnt -= count + 1;
	/* From here on the unit has them. */
	writel((u32)((size_t)qi->free_head * sizeof(struct qi_desc)), iommu->reg + DMAR_IQT_REG);

	/*
	 * The lock is given away at each turn: the fault handler and other
	 * submitters get their chance. Interrupts stay off.
	 */
	while (READ_ONCE(qi->desc_status[wait_index]) != QI_DONE) {
		ret = qi_check_fault(iommu, index, wait_index);
		if (ret)
			break;
		raw_spin_unlock(&qi->q_lock);
		cpu_relax();
		raw_spin_lock(&qi->q_lock);
	}

	for (i = 0; i < count; i++)
		qi->desc_status[(index + i) % QI_LENGTH] = QI_DONE;
	reclaim_free_desc(qi);
	raw_spin_unlock_irqrestore(&qi->q_lock, flags);
	return ret;
}

int qi_global_iec(struct intel_iommu *iommu)
{
	struct qi_desc desc = { .qw0 = QI_IEC_TYPE };

	return qi_submit_sync(iommu, &desc, 1);
}

/* ---- the fault log ---- */

#define FIRST_IR_REASON 0x20

/* 20h to 26h of VT-d 5.10, 7.1 and table 15 of 5.1.4.1, in words of our own. */
static const char *const irq_remap_fault_reasons[] = {
	"reserved bits in the request",
	"index beyond the table",
	"entry not present",
	"table cannot be read",
	"reserved bits in the entry",
	"compatibility format blocked",
	"wrong source id",
};

static const char *fault_reason_text(u32 reason)
{
	if (reason - FIRST_IR_REASON < ARRAY_SIZE(irq_remap_fault_reasons))
		return irq_remap_fault_reasons[reason - FIRST_IR_REASON];
	return "unknown";
}

static void dmar_fault_do_one(u32 source, u32 reason, u64 address)
{
	pr_err("[INTR-REMAP] Request device [%02x:%02x.%d] fault index 0x%x [fault reason 0x%02x] "
	       "%s\n",
	       source >> 8, source >> 3 & 0x1f, source & 7, (u32)(address >> 48), reason,
	       fault_reason_text(reason));
}

static irqreturn_t dmar_fault(int irq, void *dev_id)
{
	struct intel_iommu *iommu = dev_id;
	void __iomem *record;
	unsigned long flags;
	u32 status, index;
	u64 address;
	u32 fault;
	u32 data;

	raw_spin_lock_irqsave(&iommu->register_lock, flags);
	status = readl(iommu->reg + DMAR_FSTS_REG);
	if (status)
		pr_err("DRHD: handling fault status reg %x\n", status);

	for (index = status >> 8 & 0xff; status & DMA_FSTS_PPF;
	     index = (index + 1) % cap_num_fault_regs(iommu->cap)) {
		record = iommu->reg + cap_fault_reg_offset(iommu->cap) + index * 16;
		data = readl(record + 12);
		if (!(data & DMA_FRCD_F))
			break;
		fault = data & 0xff;
		address = readq(record);
		data = readl(record + 8);
		writel(DMA_FRCD_F, record + 12);
		raw_spin_unlock_irqrestore(&iommu->register_lock, flags);
		dmar_fault_do_one(data & 0xffff, fault, address);
		raw_spin_lock_irqsave(&iommu->register_lock, flags);
	}
	writel(DMA_FSTS_PFO, iommu->reg + DMAR_FSTS_REG);
	raw_spin_unlock_irqrestore(&iommu->register_lock, flags);
	return IRQ_HANDLED;
}

/* The unit's own message is never remapped, so it has the old format. */
static void dmar_msi_write_msg(struct irq_data *data, struct msi_msg *msg)
{
	struct intel_iommu *iommu = data->chip_data;
	unsigned long flags;

	raw_spin_lock_irqsave(&iommu->register_lock, flags);
	writel(msg->data, iommu->reg + DMAR_FEDATA_REG);
	writel(msg->address_lo, iommu->reg + DMAR_FEADDR_REG);
	writel(msg->address_hi, iommu->reg + DMAR_FEADDR_REG + 4);
	raw_spin_unlock_irqrestore(&iommu->register_lock, flags);
}

static struct irq_chip dmar_msi_controller = {
	.name = "DMAR-MSI",
	.irq_ack = irq_chip_ack_parent,
	.irq_set_affinity = msi_domain_set_affinity,
	.irq_write_msi_msg = dmar_msi_write_msg,
};

/* Early, on the boot CPU: from now on the log is read when a fault comes. */
int dmar_set_interrupt(struct intel_iommu *iommu)
{
	int irq = iommu_request_msi("dmar0", &dmar_msi_controller, dmar_fault, iommu);

	if (irq < 0)
		return irq;
	writel(0, iommu->reg + DMAR_FECTL_REG);
	/* What came before. */
	dmar_fault(irq, iommu);
	return 0;
}
