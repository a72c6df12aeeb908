/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The seam between kernel-style C and the simulator: what the shim headers and
 * the miniature kernel may call, and what they must provide. Nothing else of
 * the simulator is visible to C. detector/{core,designs,policies} never include
 * this file: they see <linux/...> and <asm/...> only.
 *
 * A *point* is an instant of the simulated CPU: it may cost time, an NMI or an
 * interrupt can land there, and others may act before it returns. Every load,
 * store and atomic of instrumented C is a point too. A *note* costs nothing and
 * changes nothing: it tells an observer what the code just did.
 */
#ifndef HLD_RUNTIME_H
#define HLD_RUNTIME_H

/* A data sheet: each call and its meaning stand on one line. */
/* clang-format off */
#define HLD_ABI_VERSION 1

typedef unsigned char hld_u8;
typedef unsigned int hld_u32;
typedef unsigned long hld_u64;

/* ---- firmware: what ACPI and CPUID would tell; constant in a run ---- */

struct hld_firmware {
	hld_u32 cpus; /* present CPUs, numbered 0 .. cpus-1; CPU 0 boots */
	hld_u32 packages; /* CPUs are split evenly over them */
	const hld_u32 *apic_id; /* [cpus] */
	const hld_u32 *package_id; /* [cpus] */
	hld_u32 x2apic; /* 1: the APICs are in x2APIC mode */
	hld_u32 remapping; /* 0 none, 1 VT-d, 2 AMD */
	hld_u64 lapic_address; /* physical, xAPIC register page */
	hld_u64 hpet_address; /* physical, 0 if there is none */
	hld_u64 ioapic_address;
	hld_u64 tsc_khz;
	hld_u64 crystal_hz; /* clock of the LAPIC timer */
	hld_u32 tsc_deadline; /* 1: LVT timer mode TSC-deadline exists */
	hld_u64 dmar_address; /* physical, registers of the remapping unit; 0 if there is none */
	hld_u32 hpet_source_id; /* requester id of the HPET, as the DMAR table has it; 0: not in it */
	hld_u32 fred; /* 1: flexible return and event delivery */
	hld_u32 nmi_source; /* 1: FRED's event data of an NMI tell its sources */
	hld_u32 apic_timer2; /* 1: counterfactual, the APIC has a second timer that sends NMIs and tells that it fired */
};
const struct hld_firmware *hld_firmware(void); /* note */

/* ---- the CPU ---- */

hld_u32 hld_cpu(void); /* note: number of this CPU, as a segment base would give it */
void hld_relax(void); /* point: PAUSE; a spin loop that repeats itself exactly is parked here */
void hld_delay_ns(hld_u64 ns); /* point: udelay(); an NMI may cut it, the rest follows */
void hld_halt(void); /* point: HLT; returns after whatever ended it */
void hld_sti_halt(void); /* point: STI; HLT without a lost wake-up */
void hld_monitor(const void *p); /* point: MONITOR; loads from p and arms its cache line */
void hld_mwait(hld_u32 eax, hld_u32 ecx); /* point: MWAIT; returns after whatever ended it, or at once */
void hld_sti_mwait(hld_u32 eax, hld_u32 ecx); /* point: STI; MWAIT without a lost wake-up */
hld_u32 hld_irqs_enabled(void); /* note: EFLAGS.IF */
void hld_irq_disable(void); /* point: CLI */
void hld_irq_enable(void); /* point: STI; a pending interrupt is taken before it returns */
enum hld_fence { HLD_MFENCE, HLD_LFENCE, HLD_SFENCE };
void hld_fence(enum hld_fence kind); /* point */
hld_u64 hld_rdtsc(void); /* point */
hld_u32 hld_rdmsr(hld_u32 msr, hld_u64 *value); /* point; 0: done, 1: #GP */
hld_u32 hld_wrmsr(hld_u32 msr, hld_u64 value); /* point; 0: done, 1: #GP */
hld_u32 hld_inb(hld_u32 port); /* point */
void hld_outb(hld_u32 port, hld_u32 value); /* point */
hld_u64 hld_event_data(void); /* note: FRED's event data of this context's frame; of an NMI its sources */
void hld_load_idt(void); /* point: a CPU after SIPI has no table; up to here an event is a triple fault */

/*
 * One indivisible instruction on this CPU's own per-CPU variable: no interrupt
 * or NMI lands inside, no bus lock (cmpxchg_local, this_cpu_add, ...).
 * p is the address for this CPU. Returns the old value.
 */
enum hld_local_op { HLD_LOCAL_READ, HLD_LOCAL_WRITE, HLD_LOCAL_ADD, HLD_LOCAL_XCHG, HLD_LOCAL_CMPXCHG, HLD_LOCAL_OR, HLD_LOCAL_AND };
hld_u64 hld_local(void *p, hld_u32 size, enum hld_local_op op, hld_u64 value, hld_u64 expected); /* point */

/*
 * Software work that is modelled by its duration alone: the row of the timing
 * profile, n times. A point like hld_delay_ns().
 */
enum hld_row {
	HLD_ROW_NMI_ENTRY_SW,
	HLD_ROW_NMI_EXIT_SW,
	HLD_ROW_HRTIMER_IRQ,
	HLD_ROW_MASK_CLEAR_TO_OFFLINE,
	HLD_ROW_PMU_GRACE_EVERY, /* a count of grace periods: times hotplug.rcu_grace */
	HLD_ROW_PMU_GRACE_CORE,
	HLD_ROW_PMU_GRACE_DIE,
	HLD_ROW_RCU_GRACE,
	HLD_ROW_SCHED_DEACTIVATE,
	HLD_ROW_STOP_MACHINE,
	HLD_ROW_FIXUP_DELAY,
	HLD_ROW_OFFLINE_TO_DEAD,
	HLD_ROW_WBINVD,
	HLD_ROW_INIT_SIPI,
	HLD_ROW_BOOT_AP,
	HLD_ROW_UART_CHAR,
	HLD_ROWS
};
void hld_charge(enum hld_row row, hld_u32 times); /* point */
void hld_charge_rest(enum hld_row row, enum hld_row paid); /* point: row less paid, if that is more than nothing */
hld_u64 hld_row_count(enum hld_row row); /* note: the amount of a row that is a count */
hld_u64 hld_row_ns(enum hld_row row); /* note: the length of a row that is a time, rounded up */

/* ---- memory and devices ---- */

void *hld_arena(hld_u64 *size); /* note: zeroed memory for kmalloc(), same layout in each run */
hld_u64 hld_virt_to_phys(const void *p); /* note: of arena memory; anything else ends the run as a bad access */
/*
 * Per-CPU variables stand in section .data..percpu of their object. CPU c's copy
 * of the variable v is at (char *)&v + hld_percpu_offset(c), whatever object v
 * belongs to. A copy starts as the object's initial value.
 */
hld_u64 hld_percpu_offset(hld_u32 cpu); /* note */
void *hld_ioremap(hld_u64 physical, hld_u64 size); /* note: a cookie; dereferencing it is a diagnosed bad access */
void hld_iounmap(const volatile void *cookie); /* note: an access to its pages is then a bad access */
hld_u64 hld_mmio_read(const volatile void *cookie, hld_u32 size); /* point: uncached, waits for the completion */
void hld_mmio_write(volatile void *cookie, hld_u32 size, hld_u64 value); /* point: uncached, posted */

/*
 * Memory and string calls, also those that a compiler makes by itself: hldsim-cc
 * renames memcpy to hld_memcpy and so on. Chunks of plain accesses, points each.
 */
void *hld_memcpy(void *to, const void *from, hld_u64 n);
void *hld_memmove(void *to, const void *from, hld_u64 n);
void *hld_memset(void *to, int byte, hld_u64 n);
int hld_memcmp(const void *a, const void *b, hld_u64 n); /* bcmp too */
void *hld_memchr(const void *s, int byte, hld_u64 n);
hld_u64 hld_strlen(const char *s);
hld_u64 hld_strnlen(const char *s, hld_u64 n);
int hld_strcmp(const char *a, const char *b);
int hld_strncmp(const char *a, const char *b, hld_u64 n);
int hld_strcasecmp(const char *a, const char *b);
char *hld_strcpy(char *to, const char *from);
char *hld_strncpy(char *to, const char *from, hld_u64 n);
hld_u64 hld_strlcpy(char *to, const char *from, hld_u64 size);
char *hld_strcat(char *to, const char *from);
char *hld_strchr(const char *s, int c);
char *hld_strrchr(const char *s, int c);
char *hld_strstr(const char *s, const char *what);

/* ---- what a scenario asks for: tasks that a CPU runs ---- */

enum hld_task_action { HLD_TASK_OFFLINE, HLD_TASK_ONLINE, HLD_TASK_WRITE, HLD_TASK_BACKTRACE };
struct hld_task {
	enum hld_task_action action;
	hld_u32 cpu; /* OFFLINE, ONLINE, BACKTRACE: which one */
	hld_u32 number; /* of the event, for hld_note_task() */
	hld_u32 fails_at; /* 0, or the hotplug state whose callback fails */
	char file[64]; /* WRITE: "watchdog_thresh", "watchdog_cpumask", "/proc/irq/hpet/smp_affinity" */
	char value[128];
};
#define HLD_TASK_VECTOR 0xed /* the interrupt that makes a task runnable */
hld_u32 hld_task_take(struct hld_task *task); /* note: 1 and the next task of this CPU, or 0 */

/* ---- how the run ends from inside ---- */

enum hld_end { HLD_END_PANIC, HLD_END_RESET, HLD_END_DEADLOCK /* a task sleeps for what it holds itself */ };
void hld_end(enum hld_end how, const char *why) __attribute__((noreturn));

/* ---- notes: what the code did; evidence for checkers, never an input of the run ---- */

enum hld_lock_op {
	HLD_LOCK_WAITS,
	HLD_LOCK_TAKEN,
	HLD_LOCK_DROPPED,
	HLD_LOCK_TRYLOCK_TAKEN,
	HLD_LOCK_READ_WAITS, /* these: for reading, beside other readers */
	HLD_LOCK_READ_TAKEN,
	HLD_LOCK_READ_TRYLOCK_TAKEN
};
void hld_note_lock(enum hld_lock_op op, const void *lock, const char *name);
void hld_note_sleeping_lock(enum hld_lock_op op, const void *lock, const char *name); /* a mutex, a semaphore */

/* Life of a CPU. That it is leaving shows in the detector's own mask (its bit is clear) and is observed elsewhere. */
enum hld_life { HLD_LIFE_COMING, HLD_LIFE_UP, HLD_LIFE_OFFLINE, HLD_LIFE_DEAD };
void hld_note_life(hld_u32 cpu, enum hld_life life);
/*
 * Not 0: no SIPI has reached that CPU since it is COMING, and for a millisecond this one has
 * asked. A note with an answer: while it comes, who waits for it cannot tell that this is asked.
 */
hld_u32 hld_note_silent(hld_u32 cpu);
void hld_note_hotplug(hld_u32 cpu, hld_u32 state, hld_u32 bringup, const char *step); /* a callback is about to run */
enum hld_nmi_fate { HLD_NMI_CLAIMED, HLD_NMI_NOT_MINE, HLD_NMI_UNKNOWN, HLD_NMI_IGNORED_OFFLINE, HLD_NMI_SWALLOWED };
void hld_note_nmi(enum hld_nmi_fate fate, const char *handler, hld_u32 handled);
/*
 * The function of that name, called from there, may sleep. Not 0: not where this CPU is, in an NMI, with interrupts off,
 * with its count of preemption not 0, or with that of RCU, or as the stopper; of the first count, `interrupt` are the
 * bits of handlers. A note with an answer: what the kernel then prints is paid as any other line. While `*state` is 0
 * the kernel boots, alone.
 */
struct hld_preempt_count {
	const int *count;
	hld_u32 interrupt;
	const int *rcu;
	const hld_u32 *state;
	const void *const *task; /* who runs */
	const void *stopper;
};
#define HLD_SLEEP_ATOMIC    1u
#define HLD_SLEEP_IRQS_OFF  2u
#define HLD_SLEEP_INTERRUPT 4u
#define HLD_SLEEP_RCU	    8u
#define HLD_SLEEP_ENABLES   16u /* no sleep: it lets interrupts into an NMI */
#define HLD_SLEEP_STOPPER   32u
hld_u32 hld_note_sleep(const char *function, unsigned long caller, const struct hld_preempt_count *count);
/* The function there, which is what `what` says, has returned. Not 0: to where one must not sleep. */
hld_u32 hld_note_return(const char *what, unsigned long function, const struct hld_preempt_count *count);
void hld_note_rcu(int *nesting, int change); /* one reader more or less; 0: none is left */
void hld_note_print(hld_u32 level, const char *text, hld_u32 length); /* a line reached the printk ring */
void hld_note_irte(hld_u32 index, hld_u64 low, hld_u64 high); /* a remapping entry is about to be written as a whole */
#define HLD_TASK_BOOT 0xffffffffU /* number of the boot: it ends when all initcalls have returned */
void hld_note_task(hld_u32 number, hld_u32 begun, long result); /* begun 1, or ended 0 with its result */

/* ---- what the objects provide ---- */

/*
 * The miniature kernel exports these; the CPU calls them on its own stack.
 * ip and flags are those of the interrupted code: an address inside an object.
 */
void start_kernel(void); /* boot CPU, after reset; never returns */
void hld_start_secondary(void); /* another CPU, after SIPI; never returns */
void hld_interrupt(hld_u32 vector, hld_u64 ip, hld_u64 flags); /* entered with interrupts off */
void hld_nmi(hld_u64 ip, hld_u64 flags); /* entered with NMIs blocked; its return is the IRET */

/* Module parameters and initcalls of an object, in sections of their own. */
enum hld_param_type {
	HLD_PARAM_INT,
	HLD_PARAM_UINT,
	HLD_PARAM_ULONG,
	HLD_PARAM_BOOL,
	HLD_PARAM_CHARP,
	HLD_PARAM_CALLBACK /* module_param_cb(): value is kernel_param.arg, ops its struct kernel_param_ops */
};
struct hld_param {
	const char *name;
	enum hld_param_type type;
	void *value;
	const char *description;
	const void *ops; /* 0 unless HLD_PARAM_CALLBACK */
};
#define HLD_PARAM_SECTION "hld_params" /* array of struct hld_param */
#define HLD_INITCALL_SECTION "hld_initcalls" /* array of int (*)(void), in link order */
/* __setup() and early_param(): array of struct hld_setup. Collected; nothing parses a command line yet. */
#define HLD_SETUP_SECTION "hld_setups"
struct hld_setup {
	const char *name;
	int (*parse)(char *value);
	hld_u64 early; /* 1: early_param() */
};
typedef int (*hld_initcall_t)(void);
hld_initcall_t hld_initcall(hld_u32 index); /* note: of the detector's object; 0 after the last */
const struct hld_param *hld_param(hld_u32 index); /* note: of the detector's object; 0 after the last */

/* clang-format on */
#endif
