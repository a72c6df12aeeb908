/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The remapping unit as the miniature kernel drives it: VT-d, revision 5.10,
 * sections 9.9 and 11.4, or AMD-Vi. One unit, which all devices are under.
 */
#ifndef IOMMU_H
#define IOMMU_H

#include <linux/interrupt.h>
#include <linux/irqreturn.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#define DMAR_CAP_REG	0x08
#define DMAR_ECAP_REG	0x10
#define DMAR_GCMD_REG	0x18
#define DMAR_GSTS_REG	0x1c
#define DMAR_FSTS_REG	0x34
#define DMAR_FECTL_REG	0x38
#define DMAR_FEDATA_REG 0x3c
#define DMAR_FEADDR_REG 0x40
#define DMAR_IQH_REG	0x80
#define DMAR_IQT_REG	0x88
#define DMAR_IQA_REG	0x90
#define DMAR_IRTA_REG	0xb8

/* A command and its status have the same place. */
#define DMA_GCMD_QIE   (1u << 26)
#define DMA_GCMD_IRE   (1u << 25)
#define DMA_GCMD_SIRTP (1u << 24)

#define DMA_FSTS_PFO (1u << 0)
#define DMA_FSTS_PPF (1u << 1)
#define DMA_FSTS_IQE (1u << 4)
#define DMA_FRCD_F   (1u << 31) /* of a record's last word */

#define cap_num_fault_regs(cap)	  ((unsigned int)((cap) >> 40 & 0xff) + 1)
#define cap_fault_reg_offset(cap) ((unsigned int)((cap) >> 24 & 0x3ff) * 16)
#define cap_caching_mode(cap)	  ((cap) >> 7 & 1)
#define cap_esirtps(cap)	  ((cap) >> 62 & 1)
#define ecap_max_handle_mask(e)	  ((unsigned int)((e) >> 20 & 0xf))
#define ecap_eim_support(e)	  ((e) >> 4 & 1)
#define ecap_ir_support(e)	  ((e) >> 3 & 1)
#define ecap_qis(e)		  ((e) >> 1 & 1)

#define QI_LENGTH 256 /* one page */

struct qi_desc {
	u64 qw0;
	u64 qw1;
};

#define QI_IEC_TYPE	      4
#define QI_IWD_TYPE	      5
#define QI_IEC_SELECTIVE      (1ull << 4)
#define QI_IEC_IM(mask)	      ((u64)(mask) << 27)
#define QI_IEC_IIDEX(index)   ((u64)(index) << 32)
#define QI_IWD_STATUS_WRITE   (1ull << 5)
#define QI_IWD_STATUS_DATA(d) ((u64)(d) << 32)

enum { QI_FREE, QI_IN_USE, QI_DONE };

/* Writers of the ring; the unit reads desc and writes desc_status. */
struct q_inval {
	raw_spinlock_t q_lock;
	struct qi_desc *desc;
	int *desc_status;
	int free_head; /* next free slot */
	int free_tail; /* oldest one in use */
	int free_cnt;
};

#define INTR_REMAP_TABLE_REG_SIZE 9 /* 1024 entries; Linux: 15, 65536 */
#define INTR_REMAP_TABLE_ENTRIES  (2 << INTR_REMAP_TABLE_REG_SIZE)

struct irte {
	u64 low;
	u64 high;
} __aligned(16);

#define IRTE_PRESENT	  (1ull << 0)
#define IRTE_REDIR_HINT	  (1ull << 3)
#define IRTE_DLVRY_NMI	  (4ull << 5)
#define IRTE_VECTOR(v)	  ((u64)(v) << 16)
#define IRTE_DEST(d)	  ((u64)(d) << 32)
#define IRTE_SID(sid)	  ((u64)(sid))
#define IRTE_SQ(sq)	  ((u64)(sq) << 16)
#define IRTE_SVT(svt)	  ((u64)(svt) << 18)
#define SVT_VERIFY_SID_SQ 1
#define SQ_13_IGNORE_3	  3 /* whatever function number: HPETs have one per comparator */

struct ir_table {
	struct irte *base;
	unsigned long bitmap[BITS_TO_LONGS(INTR_REMAP_TABLE_ENTRIES)];
};

struct intel_iommu {
	void __iomem *reg;
	u64 cap;
	u64 ecap;
	u32 gcmd; /* what is switched on */
	raw_spinlock_t register_lock;
	struct q_inval *qi;
	struct ir_table *ir_table;
};

extern struct intel_iommu dmar_unit;

/* irte.c */
enum irte_update { IRTE_HALVES, IRTE_WORDS, IRTE_WHOLE };
extern enum irte_update irte_update;
void write_irte(struct irte *irte, const struct irte *new);

/* irq_remapping.c */
struct irq_chip;
struct irq_data;
void *iommu_alloc_aligned(size_t size);
int iommu_request_msi(const char *name, struct irq_chip *chip, irq_handler_t handler, void *iommu);

/*
 * Of each driver, *_boot() returns 0 if interrupts are remapped from then on, and
 * *_set_interrupt() lets faults be told by an interrupt, early on the boot CPU.
 */

/* dmar.c */
int dmar_enable_qi(struct intel_iommu *iommu);
int qi_submit_sync(struct intel_iommu *iommu, const struct qi_desc *desc, int count);
int qi_global_iec(struct intel_iommu *iommu);
void iommu_command(struct intel_iommu *iommu, u32 bit, bool on);
int dmar_set_interrupt(struct intel_iommu *iommu);

/* intel_irq_remapping.c */
extern bool disable_sourceid_checking; /* requests may come from anybody */
int intel_irq_remapping_boot(void);
int intel_irq_remapping_alloc_hpet(struct irq_data *data, struct irq_data *vector_data);

/* amd_iommu.c, amd_irq_remapping.c */
extern bool amd_iommu_nmi_blocked; /* the HPET's device table entry has no NMIPass */
int amd_iommu_boot(void);
int amd_iommu_set_interrupt(void);
int amd_irq_remapping_alloc_hpet(struct irq_data *data, struct irq_data *vector_data);

#endif
