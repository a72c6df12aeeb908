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

/* A number, or N for the last CPU. NULL: neither is there. */
static const char *parse_cpu(const char *buf, unsigned long *cpu)
{
	char *end;

	if (*buf == 'N') {
		*cpu = nr_cpu_ids - 1;
		return buf + 1;
	}
	if (!is_digit(*buf))
		return NULL;
	*cpu = simple_strtoul(buf, &end, 10);
	return end;
}

/* Behind a range "0-7", or behind "all": ":1/4" takes the first CPU of each four. */
static const char *parse_group(const char *buf, unsigned long *used, unsigned long *size)
{
	buf = parse_cpu(buf + 1, used);
	if (!buf || *buf != '/')
		return NULL;
	return parse_cpu(buf + 1, size);
}

/* 0-2,5 or 0-7:1/2 or all */
int cpulist_parse(const char *buf, struct cpumask *dstp)
{
	cpumask_clear(dstp);
	while (*buf && *buf != '\n') {
		unsigned long first = 0, last = nr_cpu_ids - 1, used = 1, size = 1, at;
		bool range = true;

		if ((buf[0] | 0x20) == 'a' && (buf[1] | 0x20) == 'l' && (buf[2] | 0x20) == 'l') {
			buf += 3;
		} else {
			buf = parse_cpu(buf, &first);
			last = first;
			range = buf && *buf == '-';
			if (range)
				buf = parse_cpu(buf + 1, &last);
		}
		if (buf && range && *buf == ':')
			buf = parse_group(buf, &used, &size);
		if (!buf || last < first || !size || used > size)
			return -EINVAL;
		if (last >= nr_cpu_ids)
			return -ERANGE;
		for (at = first; at <= last; at++) {
			if ((at - first) % size < used)
				__cpumask_set_cpu((unsigned int)at, dstp);
		}
		if (*buf == ',')
			buf++;
		else if (*buf && *buf != '\n')
			return -EINVAL;
	}
	return 0;
}
EXPORT_SYMBOL(cpulist_parse);
