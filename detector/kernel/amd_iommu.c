// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * AMD-Vi as drivers/iommu/amd/ of Linux drives it, for the one device here that
 * sends messages: the HPET, by the id that the IVRS table has for it.
 *
 * An ordinary interrupt of the HPET has an entry of that device's table, whose
 * index is the data of its message. An NMI has none: its message keeps the form
 * that it has without remapping, and passes if NMIPass is set in the device table.
 * Linux leaves that bit as firmware has it; a patch of the HPET watchdog's series
 * sets it for whoever allocates an NMI. Here the command line decides.
 */
#define pr_fmt(fmt) "AMD-Vi: " fmt

#include "kernel.h"
#include "amd_iommu.h"
#include "iommu.h"
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/irqdesc.h>
#include <linux/msi.h>
#include <asm/hw_irq.h>

#define MMIO_DEV_TABLE_OFFSET	 0x0000
#define MMIO_CMD_BUF_OFFSET	 0x0008
#define MMIO_EVT_BUF_OFFSET	 0x0010
#define MMIO_CONTROL_OFFSET	 0x0018
#define MMIO_EXT_FEATURES	 0x0030
#define MMIO_MSI_CAP_OFFSET	 0x0158
#define MMIO_MSI_ADDR_LO_OFFSET	 0x015c
#define MMIO_MSI_ADDR_HI_OFFSET	 0x0160
#define MMIO_MSI_DATA_OFFSET	 0x0164
#define MMIO_INTCAPXT_EVT_OFFSET 0x0170
#define MMIO_CMD_TAIL_OFFSET	 0x2008
#define MMIO_EVT_HEAD_OFFSET	 0x2010
#define MMIO_EVT_TAIL_OFFSET	 0x2018
#define MMIO_STATUS_OFFSET	 0x2020

#define FEATURE_X2APIC (1ull << 2)
#define FEATURE_GA     (1ull << 7)

#define CONTROL_IOMMU_EN    (1ull << 0)
#define CONTROL_EVT_LOG_EN  (1ull << 2)
#define CONTROL_EVT_INT_EN  (1ull << 3)
#define CONTROL_CMDBUF_EN   (1ull << 12)
#define CONTROL_GA_EN	    (1ull << 17)
#define CONTROL_XT_EN	    (1ull << 50)
#define CONTROL_INTCAPXT_EN (1ull << 51)

#define MMIO_STATUS_EVT_OVERFLOW (1u << 0)
#define MMIO_STATUS_EVT_INT	 (1u << 1)
#define MSI_CAP_ENABLE		 (1u << 16)

#define RING_ENTRIES 512
#define RING_BYTES   (RING_ENTRIES * 16)
#define RING_LEN     (9ull << 56)

#define CMD_COMPL_WAIT	  (1ull << 60)
#define CMD_INV_DEV_ENTRY (2ull << 60)
#define COMPL_WAIT_STORE  1ull

#define BUS_DEVICES	 256 /* the table ends with bus 0 */
#define DTE_IV		 1ull
#define DTE_INTTABLEN	 (9ull << 1)
#define DTE_NMI_PASS	 (1ull << 58)
#define DTE_INTCTL_REMAP (2ull << 60)

struct amd_iommu amd_iommu;
bool amd_iommu_nmi_blocked;

static void amd_iommu_feature(struct amd_iommu *iommu, u64 bits, bool on)
{
	iommu->control = on ? iommu->control | bits : iommu->control & ~bits;
	writeq(iommu->control, iommu->reg + MMIO_CONTROL_OFFSET);
}

/* ---- commands ---- */

static void amd_iommu_queue(struct amd_iommu *iommu, u64 low, u64 high)
{
	struct amd_entry *cmd = &iommu->cmd_buf[iommu->cmd_tail / 16];

	cmd->low = low;
	cmd->high = high;
	iommu->cmd_tail = (iommu->cmd_tail + 16) % RING_BYTES;
}

/* What the unit has cached of the HPET is gone, and who used it is through. */
void amd_iommu_flush_hpet(struct amd_iommu *iommu, u64 command)
{
	unsigned long flags;
	u64 value;

	raw_spin_lock_irqsave(&iommu->lock, flags);
	value = ++iommu->cmd_sem_val;
	amd_iommu_queue(iommu, command | iommu->hpet_devid, 0);
	amd_iommu_queue(iommu, CMD_COMPL_WAIT | virt_to_phys(iommu->cmd_sem) | COMPL_WAIT_STORE,
			value);
	writel(iommu->cmd_tail, iommu->reg + MMIO_CMD_TAIL_OFFSET);
	while (READ_ONCE(*iommu->cmd_sem) != value)
		cpu_relax();
	raw_spin_unlock_irqrestore(&iommu->lock, flags);
}

/* ---- the event log ---- */

static const char *event_name(u32 type)
{
	static const char *const names[] = {
		"EVENT_0",
		"ILLEGAL_DEV_TABLE_ENTRY",
		"IO_PAGE_FAULT",
		"DEV_TAB_HARDWARE_ERROR",
		"PAGE_TAB_HARDWARE_ERROR",
		"ILLEGAL_COMMAND_ERROR",
		"COMMAND_HARDWARE_ERROR",
	};

	return type < ARRAY_SIZE(names) ? names[type] : "UNKNOWN";
}

static void amd_iommu_print_event(const struct amd_entry *event)
{
	u32 devid = event->low & 0xffff;

	pr_err("Event logged [%s device=%02x:%02x.%d domain=0x%04x address=0x%llx flags=0x%04x]\n",
	       event_name((u32)(event->low >> 60)), devid >> 8, devid >> 3 & 0x1f, devid & 7,
	       (u32)(event->low >> 32) & 0xffff, (unsigned long long)event->high,
	       (u32)(event->low >> 48) & 0xfff);
}

static void amd_iommu_poll_events(struct amd_iommu *iommu)
{
	u32 head = readl(iommu->reg + MMIO_EVT_HEAD_OFFSET);
	u32 tail = readl(iommu->reg + MMIO_EVT_TAIL_OFFSET);

	for (; head != tail; head = (head + 16) % RING_BYTES)
		amd_iommu_print_event(&iommu->evt_buf[head / 16]);
	writel(head, iommu->reg + MMIO_EVT_HEAD_OFFSET);
}

static void amd_iommu_restart_log(struct amd_iommu *iommu)
{
	pr_info("Event log restarting\n");
	amd_iommu_feature(iommu, CONTROL_EVT_LOG_EN, false);
	writel(MMIO_STATUS_EVT_OVERFLOW, iommu->reg + MMIO_STATUS_OFFSET);
	amd_iommu_feature(iommu, CONTROL_EVT_LOG_EN, true);
}

/* The bit is cleared first, and looked at again: what comes meanwhile sets it anew. */
static irqreturn_t amd_iommu_int_handler(int irq, void *dev_id)
{
	struct amd_iommu *iommu = dev_id;
	u32 status = readl(iommu->reg + MMIO_STATUS_OFFSET);

	while (status & (MMIO_STATUS_EVT_INT | MMIO_STATUS_EVT_OVERFLOW)) {
		writel(MMIO_STATUS_EVT_INT, iommu->reg + MMIO_STATUS_OFFSET);
		amd_iommu_poll_events(iommu);
		if (status & MMIO_STATUS_EVT_OVERFLOW)
			amd_iommu_restart_log(iommu);
		status = readl(iommu->reg + MMIO_STATUS_OFFSET);
	}
	return IRQ_HANDLED;
}

static void amd_iommu_write_msg(struct irq_data *data, struct msi_msg *msg)
{
	struct amd_iommu *iommu = data->chip_data;
	struct irq_cfg *cfg = irqd_cfg(data);

	if (iommu->xt) {
		writeq((u64)cfg->vector << 32 | ((u64)cfg->dest_apicid & 0xffffff) << 8 |
			       (u64)(cfg->dest_apicid >> 24) << 56,
		       iommu->reg + MMIO_INTCAPXT_EVT_OFFSET);
		return;
	}
	writel(msg->data, iommu->reg + MMIO_MSI_DATA_OFFSET);
	writel(msg->address_lo, iommu->reg + MMIO_MSI_ADDR_LO_OFFSET);
	writel(msg->address_hi, iommu->reg + MMIO_MSI_ADDR_HI_OFFSET);
}

static struct irq_chip amd_iommu_msi_controller = {
	.name = "AMD-IOMMU",
	.irq_ack = irq_chip_ack_parent,
	.irq_set_affinity = msi_domain_set_affinity,
	.irq_write_msi_msg = amd_iommu_write_msg,
};

/* With interrupts, on the boot CPU. */
int amd_iommu_set_interrupt(void)
{
	struct amd_iommu *iommu = &amd_iommu;
	int irq = iommu_request_msi("AMD-Vi", &amd_iommu_msi_controller, amd_iommu_int_handler,
				    iommu);

	if (irq < 0)
		return irq;
	writel(MSI_CAP_ENABLE, iommu->reg + MMIO_MSI_CAP_OFFSET);
	amd_iommu_feature(iommu, CONTROL_EVT_INT_EN | (iommu->xt ? CONTROL_INTCAPXT_EN : 0), true);
	/* What came before. */
	amd_iommu_int_handler(irq, iommu);
	return 0;
}

/* ---- boot ---- */

static int amd_iommu_alloc(struct amd_iommu *iommu)
{
	iommu->dev_table = iommu_alloc_aligned(BUS_DEVICES * sizeof(struct dev_table_entry));
	iommu->cmd_buf = iommu_alloc_aligned(RING_BYTES);
	iommu->evt_buf = iommu_alloc_aligned(RING_BYTES);
	iommu->irt = iommu_alloc_aligned(IRT_ENTRIES * sizeof(struct amd_entry));
	iommu->cmd_sem = kzalloc(sizeof(*iommu->cmd_sem), GFP_KERNEL);
	return iommu->dev_table && iommu->cmd_buf && iommu->evt_buf && iommu->irt && iommu->cmd_sem
		       ? 0
		       : -ENOMEM;
}

/* All devices are looked at and none may send: IV, and IntCtl 0. The HPET may. */
static void amd_iommu_init_device_table(struct amd_iommu *iommu)
{
	unsigned int devid;
	u64 *hpet;

	for (devid = 0; devid < BUS_DEVICES; devid++)
		iommu->dev_table[devid].data[2] = DTE_IV;
	if (!iommu->hpet_devid || iommu->hpet_devid >= BUS_DEVICES) {
		pr_warn("no device id of HPET block (0)\n");
		return;
	}
	hpet = &iommu->dev_table[iommu->hpet_devid].data[2];
	*hpet |= virt_to_phys(iommu->irt) | DTE_INTTABLEN | DTE_INTCTL_REMAP;
	if (!amd_iommu_nmi_blocked)
		*hpet |= DTE_NMI_PASS;
}

int amd_iommu_boot(void)
{
	const struct hld_firmware *fw = hld_firmware();
	struct amd_iommu *iommu = &amd_iommu;
	u64 features;

	raw_spin_lock_init(&iommu->lock);
	iommu->reg = ioremap(fw->dmar_address, 0x4000);
	features = readq(iommu->reg + MMIO_EXT_FEATURES);
	iommu->ga = features & FEATURE_GA;
	iommu->xt = fw->x2apic && iommu->ga && (features & FEATURE_X2APIC);
	iommu->hpet_devid = fw->hpet_source_id;
	if (fw->x2apic && !iommu->xt) {
		pr_warn("the unit cannot remap interrupts here\n");
		return -ENODEV;
	}
	if (amd_iommu_alloc(iommu)) {
		pr_err("failed to set up interrupt remapping\n");
		return -ENOMEM;
	}
	amd_iommu_init_device_table(iommu);
	writeq(virt_to_phys(iommu->dev_table) |
		       (BUS_DEVICES * sizeof(struct dev_table_entry) / 4096 - 1),
	       iommu->reg + MMIO_DEV_TABLE_OFFSET);
	writeq(virt_to_phys(iommu->cmd_buf) | RING_LEN, iommu->reg + MMIO_CMD_BUF_OFFSET);
	amd_iommu_feature(iommu, CONTROL_CMDBUF_EN, true);
	writeq(virt_to_phys(iommu->evt_buf) | RING_LEN, iommu->reg + MMIO_EVT_BUF_OFFSET);
	amd_iommu_feature(iommu, CONTROL_EVT_LOG_EN, true);
	if (iommu->ga)
		amd_iommu_feature(iommu, CONTROL_GA_EN | (iommu->xt ? CONTROL_XT_EN : 0), true);
	amd_iommu_feature(iommu, CONTROL_IOMMU_EN, true);
	amd_iommu_flush_hpet(iommu, CMD_INV_DEV_ENTRY);
	amd_iommu_flush_hpet(iommu, CMD_INV_IRT);
	pr_info("Interrupt remapping enabled%s\n", iommu->xt ? ", x2apic" : "");
	return 0;
}
