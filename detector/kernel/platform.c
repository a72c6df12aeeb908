// SPDX-License-Identifier: GPL-2.0 OR MIT
/* What drivers of the platform's clocks offer to others: HPET and TSC. */
#include "kernel.h"
#include <linux/io.h>
#include <asm/hpet.h>
#include <asm/tsc.h>

unsigned int tsc_khz;
unsigned int cpu_khz;
static bool tsc_unstable;

unsigned long hpet_address;
u8 hpet_blockid;
bool hpet_msi_disable;
static void __iomem *hpet_virt_address;

/* At boot. The HPET itself is left alone until somebody asks. */
void platform_init(void)
{
	const struct hld_firmware *fw = hld_firmware();

	tsc_khz = (unsigned int)fw->tsc_khz;
	cpu_khz = tsc_khz;
	hpet_address = fw->hpet_address;
}

int check_tsc_unstable(void)
{
	return READ_ONCE(tsc_unstable);
}
EXPORT_SYMBOL_GPL(check_tsc_unstable);

void mark_tsc_unstable(char *reason)
{
	if (xchg(&tsc_unstable, true))
		return;
	pr_info("Marking TSC unstable due to %s\n", reason);
}
EXPORT_SYMBOL_GPL(mark_tsc_unstable);

void __iomem *hpet_map(void)
{
	if (!hpet_virt_address && hpet_address)
		hpet_virt_address = ioremap(hpet_address, HPET_MMAP_SIZE);
	return hpet_virt_address;
}

int is_hpet_enabled(void)
{
	return hpet_address && (hpet_readl(HPET_CFG) & HPET_CFG_ENABLE);
}
EXPORT_SYMBOL_GPL(is_hpet_enabled);

unsigned int hpet_readl(unsigned int offset)
{
	return readl(hpet_map() + offset);
}

void hpet_writel(unsigned int value, unsigned int offset)
{
	writel(value, hpet_map() + offset);
}

/*
 * "hld.hpet=legacy" of the command line, the simulator's word: timers 0 and 1
 * replace the PIT and the RTC, as firmware may have left it, and as Linux has it
 * where its own clock events come from the HPET.
 */
bool hpet_parse(const char *word, size_t n)
{
	if (!word_is(word, n, "hld.hpet=legacy") || !hpet_address)
		return false;
	hpet_writel(hpet_readl(HPET_CFG) | HPET_CFG_LEGACY, HPET_CFG);
	return true;
}
