/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Hardware counters: declared, so that a detector which uses them compiles; the
 * miniature kernel has no performance unit, and hldsim-cc names what is missing.
 */
#ifndef _LINUX_PERF_EVENT_H
#define _LINUX_PERF_EVENT_H

#include <linux/err.h>
#include <linux/types.h>

struct pt_regs;
struct task_struct;
struct perf_event;
struct perf_sample_data {
	u64 period;
};

enum { PERF_TYPE_HARDWARE, PERF_TYPE_SOFTWARE, PERF_TYPE_RAW = 4 };
enum { PERF_COUNT_HW_CPU_CYCLES, PERF_COUNT_HW_INSTRUCTIONS };

struct perf_event_attr {
	u32 type;
	u32 size;
	u64 config;
	u64 sample_period;
	u64 disabled : 1, pinned : 1;
};
typedef void (*perf_overflow_handler_t)(struct perf_event *event, struct perf_sample_data *data,
					struct pt_regs *regs);

struct perf_event *perf_event_create_kernel_counter(struct perf_event_attr *attr, int cpu,
						    struct task_struct *task,
						    perf_overflow_handler_t handler, void *context);
int perf_event_release_kernel(struct perf_event *event);
void perf_event_enable(struct perf_event *event);
void perf_event_disable(struct perf_event *event);

#endif
