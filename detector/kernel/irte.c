// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * How an entry of the remapping table is changed: as Linux does for entries that
 * are not posted, by two stores, or otherwise.
 */
#include "kernel.h"
#include "iommu.h"

enum irte_update irte_update;

static noinline void set_64bit(u64 *half, u64 value)
{
	WRITE_ONCE(*half, value);
}

static noinline void set_32bit(u32 *word, u32 value)
{
	WRITE_ONCE(*word, value);
}

void write_irte(struct irte *irte, const struct irte *new)
{
	unsigned int index = (unsigned int)(irte - dmar_unit.ir_table->base);
	unsigned __int128 old, whole;
	u32 *words = (u32 *)irte;

	hld_note_irte(index, new->low, new->high);
	switch (irte_update) {
	case IRTE_HALVES:
		set_64bit(&irte->low, new->low);
		set_64bit(&irte->high, new->high);
		break;
	case IRTE_WORDS:
		set_32bit(&words[0], (u32) new->low);
		set_32bit(&words[1], (u32)(new->low >> 32));
		set_32bit(&words[2], (u32) new->high);
		set_32bit(&words[3], (u32)(new->high >> 32));
		break;
	case IRTE_WHOLE:
		/* Nobody else writes it, so the first attempt succeeds. */
		old = (unsigned __int128)irte->high << 64 | irte->low;
		whole = (unsigned __int128)new->high << 64 | new->low;
		WARN_ON(!try_cmpxchg128((unsigned __int128 *)irte, &old, whole));
		break;
	}
}
