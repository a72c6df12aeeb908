/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs whose traces must not depend on how they are simulated. Random: plain,
 * marked, atomic and bulk accesses whose values decide the next addresses, a
 * contended lock, delays, device reads and writes that retarget a periodic NMI,
 * handlers that write the same words. Pairs: waits for the sum of two words.
 * Sleepers: a turn goes round, and who waits for it does so in MWAIT. Bit locks:
 * who waits does so with locked operations that change nothing.
 * Window: a flag that is set for a number of cycles known by construction. Ticks:
 * one CPU in delays and device accesses, with a periodic NMI.
 */
#include <asm/barrier.h>
#include <asm/mwait.h>
#include <asm/processor.h>
#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/string.h>

enum { RANDOM, PAIRS, WINDOW, TICKS, COPIES, SLEEPERS, BIT_LOCKS };

#define LAPIC 0xfee00000ul
#define LAPIC_SVR 0x0f0
#define LAPIC_ICR 0x300
#define LAPIC_ICR2 0x310
#define HPET 0xfed00000ul
#define HPET_CONF 0x010
#define HPET_T0_CONF 0x100
#define HPET_T0_COMP 0x108
#define HPET_T0_ROUTE 0x110

struct block {
    unsigned long word[12];
};

unsigned int words[16], word_lock, counter, finished, bytes_seen, starting;
unsigned int pair_a, pair_b;
unsigned int inside, seen;
struct block source, target;
static unsigned int kind;

struct {
    unsigned int word, beside;
} bit_locks __attribute__((aligned(64)));

static void lapic_write(unsigned int offset, unsigned int value) {
    hld_mmio_write(hld_ioremap(LAPIC + offset, 4), 4, value);
}

static void hpet_write(unsigned int offset, unsigned int size, unsigned long value) {
    hld_mmio_write(hld_ioremap(HPET + offset, 8), size, value);
}

static void wake(unsigned int cpu) {
    lapic_write(LAPIC_ICR2, cpu << 24);
    lapic_write(LAPIC_ICR, 0x4500); /* INIT */
    hld_delay_ns(10000);
    lapic_write(LAPIC_ICR2, cpu << 24);
    lapic_write(LAPIC_ICR, 0x4600 | 0x9a); /* SIPI */
}

/* Comparator 0 sends an NMI to that CPU, first at `first` ticks, then each `period` ticks unless that is 0. */
static void hpet_start(unsigned int cpu, unsigned long first, unsigned long period) {
    hpet_write(HPET_T0_ROUTE, 8, (0xfee00000ul | cpu << 12) << 32 | 0x400);
    hpet_write(HPET_T0_CONF, 8, period ? 0x404c : 0x4004);
    hpet_write(HPET_T0_COMP, 8, first);
    if (period)
        hpet_write(HPET_T0_COMP, 8, period);
    hpet_write(HPET_CONF, 8, 1);
}

static unsigned int have_idt = 1; /* a bit each CPU: others must not be sent an NMI, it resets the machine */

static void retarget(unsigned int cpu) {
    if (!(READ_ONCE(have_idt) >> cpu & 1))
        cpu = 0;
    hpet_write(HPET_T0_ROUTE + 4, 4, 0xfee00000ul | cpu << 12);
}

static void lock(void) {
    unsigned int free = 0;

    while (!__atomic_compare_exchange_n(&word_lock, &free, 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
        free = 0;
        while (READ_ONCE(word_lock))
            cpu_relax();
    }
}

static void unlock(void) { __atomic_store_n(&word_lock, 0, __ATOMIC_RELEASE); }

static unsigned int step(unsigned int* state) {
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void act(unsigned int* state, unsigned int cpus) {
    unsigned int r = step(state), i = r % 16, v = r >> 4;

    switch (r >> 8 & 15) {
        case 0:
            words[i] = v;
            break;
        case 1:
            *state ^= words[i];
            break;
        case 2:
        case 3:
            WRITE_ONCE(words[i], v);
            break;
        case 4:
        case 5:
            *state ^= READ_ONCE(words[i]);
            break;
        case 6:
            *state ^= xchg(&words[i], v);
            break;
        case 7:
            smp_mb();
            break;
        case 8:
            hld_delay_ns(v % 300);
            break;
        case 9:
            source.word[i % 12] = v;
            if (kind == COPIES)
                target = source; /* one bulk access to gcc, a loop of them to clang: no common trace */
            break;
        case 10:
            memcpy(&target, &source, 8 * (1 + v % 12));
            *state ^= (unsigned int)READ_ONCE(target.word[i % 12]);
            break;
        case 11:
        case 12:
            lock();
            counter++;
            hld_delay_ns(v % 200);
            words[i] = counter;
            unlock();
            break;
        case 13:
            *state ^= (unsigned int)hld_mmio_read(hld_ioremap(HPET + HPET_T0_ROUTE, 8), 4);
            break;
        case 14:
            retarget(v % cpus);
            break;
        default:
            *state ^=
                *((volatile unsigned char*)&words[i] + v % 4); /* a store may cover it, or lie inside a wider load */
            break;
    }
}

static void end_when_all_have(unsigned int cpus) {
    atomic_t* done = (atomic_t*)&finished;

    atomic_inc(done);
    if (hld_cpu() != 0)
        return;
    while ((unsigned int)atomic_read(done) != cpus)
        cpu_relax();
    hld_end(HLD_END_RESET, "done");
}

static void random_program(unsigned int seed, unsigned int steps) {
    unsigned int cpus = hld_firmware()->cpus, state = seed * 977u + hld_cpu();

    if (hld_cpu() == 0) {
        hpet_start(0, 400, 331);
        for (unsigned int i = 1; i < cpus; i++)
            wake(i);
    }
    for (unsigned int i = 0; i < steps; i++)
        act(&state, cpus);
    end_when_all_have(cpus);
}

/*
 * The others add to one of the words at any time, also between the two loads, or
 * take the line away without a change: both make two equal turns a bad reason to
 * expect a third.
 */
static void pairs_program(unsigned int seed, unsigned int steps) {
    unsigned int cpus = hld_firmware()->cpus, state = seed * 977u + hld_cpu();

    if (hld_cpu() == 0) {
        hpet_start(0, 400, 331);
        for (unsigned int i = 1; i < cpus; i++)
            wake(i);
        for (unsigned int i = 1; i <= steps * (cpus - 1); i++) {
            for (;;) {
                unsigned int sum = pair_b; /* plain: its line tells nothing under `portable` */

                barrier();
                if (sum + READ_ONCE(pair_a) >= i)
                    break;
                cpu_relax();
            }
            counter++;
        }
        hld_end(HLD_END_RESET, "done");
    }
    for (unsigned int i = 0; i < steps; i++) {
        unsigned int r = step(&state);

        hld_delay_ns(r % 500);
        __atomic_fetch_add(r & 512 ? &pair_a : &pair_b, 1, __ATOMIC_SEQ_CST);
        hld_delay_ns(r >> 10 & 255);
        __atomic_fetch_or(r & 1024 ? &pair_a : &pair_b, 0, __ATOMIC_SEQ_CST);
    }
}

/* Each turn ends with a store or a locked operation; NMIs go round as well, so monitors are cleared now and then. */
static void sleepers_program(unsigned int seed, unsigned int steps) {
    unsigned int cpus = hld_firmware()->cpus, cpu = hld_cpu(), state = seed * 977u, now;

    if (cpu == 0) {
        hpet_start(0, 400, 331);
        for (unsigned int i = 1; i < cpus; i++)
            wake(i);
    }
    while ((now = READ_ONCE(counter)) < steps * cpus) {
        if (now % cpus != cpu) {
            __monitor(&counter, 0, 0);
            if (READ_ONCE(counter) == now)
                __mwait(now % 3 * 0x10, 0);
            continue;
        }
        state = state * 1664525u + now;
        hld_delay_ns(state >> 8 & 2047);
        retarget(state % cpus);
        if (state & 1024)
            WRITE_ONCE(counter, now + 1);
        else
            __atomic_fetch_add(&counter, 1, __ATOMIC_SEQ_CST);
    }
    if (cpu == 0)
        hld_end(HLD_END_RESET, "done");
}

/*
 * Others read the line meanwhile, store beside the lock, and make locked operations
 * on it that change nothing: each of them makes the waiter's next turn longer.
 */
static void bit_locks_program(unsigned int seed, unsigned int steps) {
    unsigned int cpus = hld_firmware()->cpus, state = seed * 977u + hld_cpu();

    if (hld_cpu() == 0) {
        hpet_start(0, 900, 331);
        for (unsigned int i = 1; i < cpus; i++)
            wake(i);
    }
    for (unsigned int i = 0; i < steps; i++) {
        unsigned int r = step(&state), bit = 1u << (r & 1);

        if (r & 2) {
            while (__atomic_fetch_or(&bit_locks.word, bit, __ATOMIC_ACQUIRE) & bit)
                cpu_relax();
        } else {
            for (unsigned int old = 0;
                 !__atomic_compare_exchange_n(&bit_locks.word, &old, bit, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
                 old = 0)
                cpu_relax();
        }
        counter++;
        hld_delay_ns(r >> 4 & 2047);
        if (r & 0x10000)
            state ^= READ_ONCE(bit_locks.beside);
        if (r & 0x20000)
            __atomic_fetch_or(&bit_locks.word, 0, __ATOMIC_SEQ_CST);
        hld_delay_ns(r >> 8 & 1023);
        if (r & 0x40000)
            bit_locks.beside = r;
        hld_delay_ns(r >> 6 & 255);
        if (r & 0x80000)
            __atomic_fetch_and(&bit_locks.word, ~bit, __ATOMIC_RELEASE);
        else
            __atomic_fetch_xor(&bit_locks.word, bit, __ATOMIC_SEQ_CST);
        hld_delay_ns(r >> 3 & 511);
        state ^= bit_locks.beside;
    }
    end_when_all_have(cpus);
}

/* After `wait` ns the flag is set for `width` ns and the cost of the store that clears it. */
static void window_program(unsigned int wait, unsigned int width) {
    WRITE_ONCE(inside, 0); /* its line is this CPU's */
    WRITE_ONCE(seen, 0);
    smp_mb();
    hld_delay_ns(wait);
    WRITE_ONCE(inside, 1);
    hld_delay_ns(width);
    WRITE_ONCE(inside, 0);
    hld_delay_ns(100000);
    hld_note_task(READ_ONCE(seen), 0, 0);
    hld_end(HLD_END_RESET, "done");
}

static void ticks_program(unsigned int rounds) {
    hpet_start(0, 400, 331);
    for (unsigned int i = 0; i < rounds; i++) {
        hld_delay_ns(7000 + i % 1000);
        bytes_seen += (unsigned int)hld_mmio_read(hld_ioremap(HPET + HPET_T0_ROUTE, 8), 4);
        hpet_write(HPET_T0_ROUTE, 4, 0x400);
    }
    hld_end(HLD_END_RESET, "done");
}

static int program(void) {
    struct hld_task task;

    if (!hld_task_take(&task))
        return 0;
    if (hld_cpu() == 0) {
        kind = task.number;
    } else {
        hld_load_idt();
        __atomic_fetch_or(&have_idt, 1u << hld_cpu(), __ATOMIC_SEQ_CST);
    }
    lapic_write(LAPIC_SVR, 0x1ff);
    if (task.number == RANDOM || task.number == COPIES)
        random_program(task.cpu, task.fails_at);
    else if (task.number == PAIRS)
        pairs_program(task.cpu, task.fails_at);
    else if (task.number == SLEEPERS)
        sleepers_program(task.cpu, task.fails_at);
    else if (task.number == BIT_LOCKS)
        bit_locks_program(task.cpu, task.fails_at);
    else if (task.number == WINDOW)
        window_program(task.cpu, task.fails_at);
    else
        ticks_program(task.fails_at);
    return 0;
}

static int program_nmi(void) {
    unsigned int cpu = hld_cpu(), cpus = hld_firmware()->cpus, v;

    if (kind == WINDOW) {
        WRITE_ONCE(seen, 1 + READ_ONCE(inside));
        return 0;
    }
    v = READ_ONCE(words[cpu % 16]);
    if (kind == TICKS)
        return 0;
    words[(cpu + 1) % 16] = v + 1;
    WRITE_ONCE(words[(cpu + 2) % 16], v);
    bytes_seen += words[(cpu + 3) % 16] & 255;
    retarget((cpu + v + 1) % cpus);
    return 0;
}

static const hld_initcall_t entries[] __used __section(HLD_INITCALL_SECTION) = {program, program_nmi};
