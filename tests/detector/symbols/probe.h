/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* A helper in a header, as those of the shim are: inlined, and its line is not the author's. */
/* The kernel's style, in a folder of C++. */
/* clang-format off */
#ifndef PROBE_H
#define PROBE_H

#define NR_CPUS 4
#define __percpu_section __attribute__((section(".data..percpu")))

typedef struct {
	union {
		unsigned int tickets;
		struct {
			unsigned short owner;
			unsigned short next;
		};
	};
} arch_spinlock_t;

typedef struct raw_spinlock {
	arch_spinlock_t raw_lock;
} raw_spinlock_t;

typedef struct {
	int counter;
} atomic_t;

struct cpumask {
	unsigned long bits[2];
};

struct node {
	struct node *next;
	struct node *prev;
};

struct probe_desc {
	unsigned int depth;
	raw_spinlock_t lock;
	struct node link;
	unsigned long pending[2];
};

struct mutex {
	void *owner;
	raw_spinlock_t wait;
};

struct probe_beat {
	unsigned long count;
};

struct probe_cpu {
	unsigned int route;
	struct probe_beat beat;
	struct probe_desc own;
};

struct probe {
	struct cpumask monitored_mask;
	unsigned int target;
	struct {
		unsigned int deadline;
		unsigned char periodic : 1, running : 1;
	};
	atomic_t users;
	struct probe_cpu *current_cpu;
};

static inline __attribute__((always_inline)) unsigned long probe_test(const unsigned long *word)
{
	return *(const volatile unsigned long *)word;
}

static inline __attribute__((always_inline)) void probe_clear(unsigned int bit, unsigned long *word)
{
	__atomic_fetch_and(word, ~(1ul << bit), __ATOMIC_SEQ_CST);
}

void probe_elsewhere(void);

/* What the runtime is told by a call: the test's own. */
enum { PROBE_TAKEN, PROBE_DROPPED, PROBE_MMIO_WRITE, PROBE_MMIO_READ };
__attribute__((visibility("default"))) void probe_note(unsigned int what, const void *object);

#endif
