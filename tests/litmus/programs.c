/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The litmus tests as straight-line C of a kernel, once with each kind of
 * access, and an interpreter of random programs. What a CPU shall run is its
 * task: taking it is no point, nor are accesses to the own stack.
 */
#include <asm/barrier.h>
#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/kernel.h>

enum { ONCE, PLAIN, ORDERED, STYLES };
enum { NMI_PART = 4, PARTS };

unsigned int x, y, z;

/*
 * A note between two accesses would be harmless, as it is no hook, but the
 * compiler would have to keep what it clobbers: loads are noted at the end.
 */
#define BODY(style, name, part, ...)                                        \
    static void style##_##name##_##part(void) {                             \
        unsigned int s_0 = 0, s_1 = 0, s_2 = 0, s_3 = 0, s_4 = 0, seen = 0; \
        __VA_ARGS__                                                         \
        if (seen & 1)                                                       \
            hld_note_task(0, 1, s_0);                                       \
        if (seen & 2)                                                       \
            hld_note_task(1, 1, s_1);                                       \
        if (seen & 4)                                                       \
            hld_note_task(2, 1, s_2);                                       \
        if (seen & 8)                                                       \
            hld_note_task(3, 1, s_3);                                       \
        if (seen & 16)                                                      \
            hld_note_task(4, 1, s_4);                                       \
    }
#define BODIES(style, name, a, b, c, d, n) \
    BODY(style, name, 0, a)                \
    BODY(style, name, 1, b) BODY(style, name, 2, c) BODY(style, name, 3, d) BODY(style, name, 4, n)

#define F smp_mb();
#define X(v, k, s)       \
    s_##s = xchg(&v, k); \
    seen |= 1u << s;
#define A(v, k, s)                                       \
    s_##s = __atomic_fetch_add(&v, k, __ATOMIC_SEQ_CST); \
    seen |= 1u << s;

#define W(v, k) WRITE_ONCE(v, k);
#define R(v, s)           \
    s_##s = READ_ONCE(v); \
    seen |= 1u << s;
#define LITMUS(name, a, b, c, d, n) BODIES(once, name, a, b, c, d, n)
#include "tests.def"
#undef LITMUS
#undef W
#undef R

#define W(v, k) \
    v = k;      \
    barrier();
#define R(v, s)      \
    s_##s = v;       \
    seen |= 1u << s; \
    barrier();
#define LITMUS(name, a, b, c, d, n) BODIES(plain, name, a, b, c, d, n)
#include "tests.def"
#undef LITMUS
#undef W
#undef R

#define W(v, k) __atomic_store_n(&v, k, __ATOMIC_RELEASE);
#define R(v, s)                                    \
    s_##s = __atomic_load_n(&v, __ATOMIC_ACQUIRE); \
    seen |= 1u << s;
#define LITMUS(name, a, b, c, d, n) BODIES(ordered, name, a, b, c, d, n)
#include "tests.def"
#undef LITMUS
#undef W
#undef R

typedef void (*body)(void);

#define ROW(style, name) \
    {style##_##name##_0, style##_##name##_1, style##_##name##_2, style##_##name##_3, style##_##name##_4},
static const body bodies[STYLES][64][PARTS] = {
    [ONCE] =
        {
#define LITMUS(name, a, b, c, d, n) ROW(once, name)
#include "tests.def"
#undef LITMUS
        },
    [PLAIN] =
        {
#define LITMUS(name, a, b, c, d, n) ROW(plain, name)
#include "tests.def"
#undef LITMUS
        },
    [ORDERED] =
        {
#define LITMUS(name, a, b, c, d, n) ROW(ordered, name)
#include "tests.def"
#undef LITMUS
        },
};

struct operation {
    char kind, variable, value, slot, style;
};

static unsigned int load(const unsigned int* v, int style) {
    return style == ONCE ? READ_ONCE(*v) : style == PLAIN ? *v : __atomic_load_n(v, __ATOMIC_ACQUIRE);
}

static void store(unsigned int* v, unsigned int value, int style) {
    if (style == ONCE)
        WRITE_ONCE(*v, value);
    else if (style == PLAIN)
        *v = value;
    else
        __atomic_store_n(v, value, __ATOMIC_RELEASE);
}

/* One operation is five characters of the task's text: kind, variable, value, slot, style. */
static void interpret(const struct hld_task* task) {
    const struct operation* op = (const struct operation*)task->value;

    for (; op->kind; op++) {
        unsigned int* v = op->variable == 'x' ? &x : op->variable == 'y' ? &y : &z;
        unsigned int value = op->value - '0';

        barrier();
        if (op->kind == 'W')
            store(v, value, op->style - '0');
        else if (op->kind == 'R')
            hld_note_task(op->slot - '0', 1, load(v, op->style - '0'));
        else if (op->kind == 'X')
            hld_note_task(op->slot - '0', 1, xchg(v, value));
        else if (op->kind == 'A')
            hld_note_task(op->slot - '0', 1, __atomic_fetch_add(v, value, __ATOMIC_SEQ_CST));
        else
            smp_mb();
        barrier();
    }
}

static void run(unsigned int part) {
    struct hld_task task;

    if (!hld_task_take(&task))
        return;
    if (task.number < ARRAY_SIZE(bodies[0]))
        bodies[task.cpu][task.number][part]();
    else
        interpret(&task);
}

static int program(void) {
    run(hld_cpu());
    return 0;
}

static int program_nmi(void) {
    run(NMI_PART);
    return 0;
}

/* One array: compilers order variables of a section as they like. */
static const hld_initcall_t entries[] __used __section(HLD_INITCALL_SECTION) = {program, program_nmi};
