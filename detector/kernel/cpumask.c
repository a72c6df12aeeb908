// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Sets of CPUs: constant ones, allocated ones, and sets as text. */
#include "kernel.h"
#include <linux/topology.h>

/* ---- constant sets ---- */

#define ROW(n) [(n) + 1][0] = 1UL << (n)
#define ROWS(n)                                                                       \
	ROW(n), ROW((n) + 1), ROW((n) + 2), ROW((n) + 3), ROW((n) + 4), ROW((n) + 5), \
		ROW((n) + 6), ROW((n) + 7)

const unsigned long cpu_bit_bitmap[BITS_PER_LONG + 1][BITS_TO_LONGS(NR_CPUS)] = {
	ROWS(0), ROWS(8), ROWS(16), ROWS(24), ROWS(32), ROWS(40), ROWS(48), ROWS(56),
};

static const struct cpumask all_bits = { CPU_BITS_ALL };
static const struct cpumask no_bits;
const struct cpumask *const cpu_all_mask = &all_bits;
const struct cpumask *const cpu_none_mask = &no_bits;

/* ---- sets by pointer ---- */

bool zalloc_cpumask_var(cpumask_var_t *mask, gfp_t flags)
{
	*mask = kzalloc(cpumask_size(), flags);
	return *mask;
}

bool alloc_cpumask_var(cpumask_var_t *mask, gfp_t flags)
{
	*mask = kmalloc(cpumask_size(), flags);
	return *mask;
}

void free_cpumask_var(cpumask_var_t mask)
{
	kfree(mask);
}

unsigned int cpumask_local_spread(unsigned int i, int node)
{
	unsigned int cpu;

	i %= num_online_cpus();
	for_each_online_cpu(cpu) {
		if (!i--)
			break;
	}
	return cpu;
}

/* CPUs of one package, made on first use; the table never changes afterwards. */
static struct cpumask *core_masks;

const struct cpumask *cpu_coregroup_mask(int cpu)
{
	const struct hld_firmware *fw = hld_firmware();
	struct cpumask *masks = READ_ONCE(core_masks);
	unsigned int i;

	if (!masks) {
		masks = kcalloc(fw->packages, sizeof(*masks), GFP_ATOMIC);
		if (!masks)
			return cpu_none_mask;
		for (i = 0; i < fw->cpus; i++)
			cpumask_set_cpu(i, &masks[fw->package_id[i]]);
		smp_store_release(&core_masks, masks);
	}
	return &masks[fw->package_id[cpu]];
}

/* ---- sets as text ---- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Hexadecimal, the highest digit first; commas only separate. */
int cpumask_parse(const char *buf, struct cpumask *dstp)
{
	unsigned int bit = 0, length, i;

	if (buf[0] == '0' && (buf[1] | 0x20) == 'x')
		buf += 2;
	for (length = 0; buf[length] && buf[length] != '\n'; length++)
		;
	if (!length)
		return -EINVAL;

	cpumask_clear(dstp);
	for (i = length; i-- > 0;) {
		int value = hex_to_bin(buf[i]);
		unsigned int b;

		if (buf[i] == ',')
			continue;
		if (value < 0)
			return -EINVAL;
		for (b = 0; b < 4; b++, bit++) {
			if (!(value & (1 << b)))
				continue;
			if (bit >= nr_cpu_ids)
				return -EOVERFLOW;
			__cpumask_set_cpu(bit, dstp);
		}
	}
	return 0;
}
EXPORT_SYMBOL(cpumask_parse);

/* 0-2,5 */
int cpulist_parse(const char *buf, struct cpumask *dstp)
{
	cpumask_clear(dstp);
	while (*buf && *buf != '\n') {
		unsigned long first, last;
		char *end;

		if (!is_digit(*buf))
			return -EINVAL;
		first = last = simple_strtoul(buf, &end, 10);
		if (*end == '-') {
			buf = end + 1;
			if (!is_digit(*buf))
				return -EINVAL;
			last = simple_strtoul(buf, &end, 10);
		}
		if (last < first)
			return -EINVAL;
		if (last >= nr_cpu_ids)
			return -ERANGE;
		for (; first <= last; first++)
			__cpumask_set_cpu((unsigned int)first, dstp);
		if (*end == ',')
			end++;
		else if (*end && *end != '\n')
			return -EINVAL;
		buf = end;
	}
	return 0;
}
EXPORT_SYMBOL(cpulist_parse);
