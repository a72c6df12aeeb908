// SPDX-License-Identifier: GPL-2.0 OR MIT
/* What the look-ups are tried on. The tests find lines by the mark behind them, so lines may move. */
/* The kernel's style, in a folder of C++. */
/* clang-format off */
#include "probe.h"

#define EXPORT __attribute__((visibility("default")))
#define noinline __attribute__((__noinline__))
#define rarely __attribute__((__cold__, __noinline__))

EXPORT struct probe probe;
EXPORT struct probe_desc probe_descs[8];
EXPORT unsigned int probe_route[NR_CPUS];
EXPORT struct cpumask probe_allowed;
EXPORT atomic_t probe_count;
EXPORT raw_spinlock_t probe_lock;
EXPORT struct {
	unsigned int users;
	struct mutex mutex;
} probe_shared;
EXPORT __percpu_section struct probe_cpu probe_cpu = { .route = 7 };
EXPORT __percpu_section struct probe_beat probe_beat;
static int probe_hidden;
int probe_same_name;

static unsigned int probe_pick(const struct probe *p, unsigned int cpu)
{
	if (probe_test(&p->monitored_mask.bits[0]) & (2ul << cpu)) /* mark: pick reads */
		return cpu + 1;
	return probe_test(&p->monitored_mask.bits[0]) ? 0 : NR_CPUS; /* mark: pick reads again */
}

EXPORT noinline void probe_move(unsigned int cpu)
{
	cpu = probe_pick(&probe, cpu); /* mark: move calls pick */
	*(volatile unsigned int *)&probe.target = cpu; /* mark: move writes target */
}

static noinline void probe_inner(int times)
{
	probe_hidden += times; /* mark: inner */
}

/* gcc makes probe_scaled.constprop of it. */
static noinline void probe_scaled(unsigned int cpu, unsigned int factor)
{
	probe_route[cpu] = probe_route[cpu] * factor; /* mark: scaled */
	probe_descs[cpu].depth++;
}

EXPORT noinline void probe_leave(unsigned int cpu)
{
	probe_clear(cpu, &probe.monitored_mask.bits[0]); /* mark: leave clears */
	probe_inner(2); /* mark: leave calls inner */
	probe_scaled(cpu, 3); /* mark: first call */
	probe_scaled(cpu + 1, 3); /* mark: second call */
}

EXPORT noinline void probe_twice(unsigned int cpu)
{
	unsigned int i;

	for (i = 0; i < cpu; i++) {
		probe_descs[3].link.next = &probe_descs[i].link; /* mark: loop */
	}
}

/* Out of the hot path: gcc may put a part of the caller into probe_task.cold. */
static rarely void probe_rare(int value)
{
	probe_hidden = value; /* mark: in rare */
}

EXPORT noinline void probe_task(unsigned int cpu)
{
	int local_counter;
	static int probe_static_local;

	local_counter = probe_static_local++;
	if (local_counter > 100) {
		probe_rare(local_counter); /* mark: rare */
	}
	probe_move(cpu);
	probe_leave(cpu);
	probe_elsewhere();
}

EXPORT noinline void probe_guarded(unsigned int cpu)
{
	*(volatile unsigned int *)&probe.target = cpu; /* mark: guarded before */
	probe_note(PROBE_TAKEN, &probe_lock);
	probe_move(cpu);
	probe_note(PROBE_DROPPED, &probe_lock);
	*(volatile unsigned int *)&probe.target = cpu + 1; /* mark: guarded after */
}

/* Two inlined instances in a loop, with an access between them. */
EXPORT noinline void probe_repeat(unsigned int times)
{
	while (times--) {
		probe_route[0] = probe_pick(&probe, times); /* mark: repeat */
		*(volatile unsigned int *)&probe.target = times;
	}
}

EXPORT noinline void probe_registers(unsigned int cpu)
{
	probe_note(PROBE_MMIO_WRITE, (const void *)0xfed00110ul);
	probe_note(PROBE_MMIO_READ, (const void *)0xfed00134ul);
	*(volatile unsigned int *)&probe.target = cpu;
}
