// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Interrupt remapping by whichever unit the machine has: VT-d (dmar.c,
 * intel_irq_remapping.c, irte.c) or AMD-Vi (amd_iommu.c, amd_irq_remapping.c).
 */
#define pr_fmt(fmt) "IOMMU: " fmt

#include "kernel.h"
#include "iommu.h"
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/irqdesc.h>
#include <asm/irq_remapping.h>

#define REMAPPING_AMD 2 /* of hld_firmware.remapping */

int irq_remapping_enabled;
static bool intremap_off;

static bool is_amd(void)
{
	return hld_firmware()->remapping == REMAPPING_AMD;
}

/* "intremap=" of the command line; the simulator's words: NMIPass, how entries are changed. */
bool intremap_parse(const char *word, size_t n)
{
	static const struct {
		const char *text;
		bool *flag;
		enum irte_update update;
	} words[] = {
		{ "intremap=off", &intremap_off, 0 },
		{ "intremap=nosid", &disable_sourceid_checking, 0 },
		{ "hld.nmipass=0", &amd_iommu_nmi_blocked, 0 },
		{ "hld.irte_update=halves", NULL, IRTE_HALVES },
		{ "hld.irte_update=words", NULL, IRTE_WORDS },
		{ "hld.irte_update=whole", NULL, IRTE_WHOLE },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (!word_is(word, n, words[i].text))
			continue;
		if (words[i].flag)
			*words[i].flag = true;
		else
			irte_update = words[i].update;
		return true;
	}
	return false;
}

/* ---- what both drivers need ---- */

/* A power of two, aligned to itself as the unit sees it. Never freed. */
void *iommu_alloc_aligned(size_t size)
{
	char *room = kzalloc(2 * size, GFP_KERNEL);

	return room ? room + (-virt_to_phys(room) & (size - 1)) : NULL;
}

/* The interrupt of the one unit that there is, of either kind; its number. */
int iommu_request_msi(const char *name, struct irq_chip *chip, irq_handler_t handler, void *iommu)
{
	static struct irq_data vector_data;
	struct irq_desc *desc = irq_alloc_desc_hld(name);
	int ret;

	if (!desc)
		return -ENOSPC;
	vector_data.irq = desc->irq_data.irq;
	vector_data.common = &desc->irq_common_data;
	ret = x86_vector_alloc(&vector_data);
	if (ret)
		return ret;
	desc->irq_data.chip = chip;
	desc->irq_data.chip_data = iommu;
	desc->irq_data.parent_data = &vector_data;
	ret = request_irq(desc->irq_data.irq, handler, IRQF_NOBALANCING, name, iommu);
	return ret ? ret : (int)desc->irq_data.irq;
}

/* ---- boot, and the domain above the vectors ---- */

/* Before the local APICs are touched, as x2APIC mode wants remapping. Interrupts are off. */
void irq_remapping_boot(void)
{
	if (!hld_firmware()->dmar_address || intremap_off)
		return;
	irq_remapping_enabled = !(is_amd() ? amd_iommu_boot() : intel_irq_remapping_boot());
}

/* With interrupts, on the boot CPU. */
void irq_remapping_fault_handling(void)
{
	if (!irq_remapping_enabled)
		return;
	if (is_amd() ? amd_iommu_set_interrupt() : dmar_set_interrupt(&dmar_unit))
		pr_err("no interrupt for faults\n");
}

/* Puts an entry of the unit's table between an HPET timer's interrupt and its vector. */
int irq_remapping_alloc_hpet(struct irq_data *data, struct irq_data *vector_data)
{
	return is_amd() ? amd_irq_remapping_alloc_hpet(data, vector_data)
			: intel_irq_remapping_alloc_hpet(data, vector_data);
}
