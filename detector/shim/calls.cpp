// SPDX-License-Identifier: GPL-2.0 OR MIT
// The calls of include/hld/runtime.h. Nothing here owns anything: a CPU's stack may be abandoned inside any point.
#include <algorithm>
#include <cstring>

#include "detector/shim/runtime.hpp"

using hldsim::CpuNumber;
using hldsim::Duration;
using hldsim::Row;
using hldsim::RowUnit;
using hldsim::Size;
using hldsim::cpu::AccessKind;
using hldsim::cpu::Context;
using hldsim::cpu::Cpu;
using hldsim::cpu::Cpus;
using hldsim::cpu::End;
using hldsim::shim::Runtime;

#define HLDSIM_EXPORT extern "C" __attribute__((visibility("default"), used))

namespace {

inline Cpu& at(const void* pc) {
    Cpu& cpu = *Cpus::running();
    cpu.pc = pc;
    return cpu;
}

Runtime& runtime() { return *Runtime::current(); }

const hldsim::Timing& timing() { return runtime().cpus().timing(); }

Row row_of(hld_row row) {
    switch (row) {
        case HLD_ROW_NMI_ENTRY_SW:
            return Row::CpuNmiEntrySw;
        case HLD_ROW_NMI_EXIT_SW:
            return Row::CpuNmiExitSw;
        case HLD_ROW_HRTIMER_IRQ:
            return Row::SwHrtimerIrq;
        case HLD_ROW_MASK_CLEAR_TO_OFFLINE:
            return Row::HotplugMaskClearToOffline;
        case HLD_ROW_PMU_GRACE_EVERY:
            return Row::HotplugPmuGraceEvery;
        case HLD_ROW_PMU_GRACE_CORE:
            return Row::HotplugPmuGraceCore;
        case HLD_ROW_PMU_GRACE_DIE:
            return Row::HotplugPmuGraceDie;
        case HLD_ROW_RCU_GRACE:
            return Row::HotplugRcuGrace;
        case HLD_ROW_SCHED_DEACTIVATE:
            return Row::HotplugSchedDeactivate;
        case HLD_ROW_STOP_MACHINE:
            return Row::HotplugStopMachine;
        case HLD_ROW_FIXUP_DELAY:
            return Row::HotplugFixupDelay;
        case HLD_ROW_OFFLINE_TO_DEAD:
            return Row::HotplugOfflineToDead;
        case HLD_ROW_WBINVD:
            return Row::CpuWbinvd;
        case HLD_ROW_INIT_SIPI:
            return Row::HotplugInitSipi;
        case HLD_ROW_BOOT_AP:
            return Row::HotplugBootAp;
        case HLD_ROW_UART_CHAR:
            return Row::SwUartChar;
        case HLD_ROWS:
            break;
    }
    runtime().bad_access("hld_charge() of an unknown row");
    return Row::MemL1Hit;
}

// A row that counts grace periods lasts that many of them.
Duration length_of(hld_row name) {
    const Row row = row_of(name);
    if (timing().unit(row) == RowUnit::Count) {
        return timing().duration(Row::HotplugRcuGrace) * timing().amount(row);
    }
    return timing().duration(row);
}

Size size_of(hld_u32 size) {
    if (size != 1 && size != 2 && size != 4 && size != 8) {
        runtime().bad_access("a device access of a size that no instruction has");
    }
    return static_cast<Size>(size);
}

std::uint64_t physical_of(Cpu& cpu, const volatile void* cookie, hld_u32 size, const char* unmapped) {
    if (!runtime().memory().is_cookie(cookie)) {
        runtime().bad_access("a device access to an address that ioremap() did not return");
    }
    const std::uint64_t physical = runtime().memory().physical_of_cookie(cookie);
    if (!runtime().memory().is_mapped(physical, size)) {
        cpu.cluster.fault(cpu, unmapped);
    }
    return physical;
}

}  // namespace

#define HERE at(__builtin_return_address(0))

namespace {

// A task that runs on top of a sleeping one does so in the frame of an interrupt: the kernel's own count tells them
// apart.
hld_u32 note_sleep(Cpu& self, const char* function, unsigned long caller, const hld_preempt_count& count,
                   bool returned) {
    if (*count.state == 0) {
        return 0;  // SYSTEM_BOOTING: Linux, kernel/sched/core.c, __might_resched()
    }
    const std::uint64_t counted = self.stores.value_seen(count.count, sizeof *count.count);
    // Linux runs the stopper's functions with the count raised (cpu_stopper_thread()).
    const bool stopper =
        self.stores.value_seen(count.task, sizeof *count.task) == reinterpret_cast<std::uintptr_t>(count.stopper);
    const hld_u32 why = (counted != 0 || stopper || self.nesting.context() == Context::Nmi ? HLD_SLEEP_ATOMIC : 0U) |
                        (self.nesting.interrupts_enabled() ? 0U : HLD_SLEEP_IRQS_OFF) |
                        ((counted & count.interrupt) != 0 ? HLD_SLEEP_INTERRUPT : 0U) |
                        (*count.rcu != 0 ? HLD_SLEEP_RCU : 0U) | (stopper ? HLD_SLEEP_STOPPER : 0U);
    if (why != 0) {
        runtime().sleep.emit({self, function, why, returned, self.local.now(), reinterpret_cast<const void*>(caller)});
    }
    return why;
}

}  // namespace

// ---- the CPU

HLDSIM_EXPORT const struct hld_firmware* hld_firmware() { return &runtime().firmware(); }
HLDSIM_EXPORT hld_u32 hld_cpu() { return Cpus::running()->number.value; }
HLDSIM_EXPORT void hld_delay_ns(hld_u64 ns) {
    Cpu& cpu = HERE;
    cpu.cluster.delay(cpu, Duration{1'000'000} * static_cast<std::int64_t>(ns));
}
HLDSIM_EXPORT void hld_load_idt() {
    Cpu& cpu = HERE;
    cpu.cluster.load_idt(cpu);
}
HLDSIM_EXPORT void hld_halt() {
    Cpu& cpu = HERE;
    cpu.cluster.halt(cpu, false);
}
HLDSIM_EXPORT void hld_sti_halt() {
    Cpu& cpu = HERE;
    cpu.cluster.halt(cpu, true);
}
HLDSIM_EXPORT void hld_monitor(const void* p) {
    Cpu& cpu = HERE;
    cpu.cluster.monitor(cpu, const_cast<void*>(p));
}
HLDSIM_EXPORT void hld_mwait(hld_u32 eax, hld_u32 ecx) {
    Cpu& cpu = HERE;
    cpu.cluster.mwait(cpu, {eax, ecx});
}
HLDSIM_EXPORT void hld_sti_mwait(hld_u32 eax, hld_u32 ecx) {
    Cpu& cpu = HERE;
    cpu.cluster.mwait(cpu, {eax, ecx}, true);
}
HLDSIM_EXPORT hld_u64 hld_event_data() { return Cpus::event_data(*Cpus::running()); }
HLDSIM_EXPORT hld_u32 hld_irqs_enabled() { return Cpus::running()->nesting.interrupts_enabled() ? 1 : 0; }
HLDSIM_EXPORT void hld_irq_disable() {
    Cpu& cpu = HERE;
    cpu.cluster.set_interrupts(cpu, false);
}
HLDSIM_EXPORT void hld_irq_enable() {
    Cpu& cpu = HERE;
    if (cpu.nesting.context() == Context::Nmi) {
        runtime().sleep.emit({cpu, "local_irq_enable", HLD_SLEEP_ENABLES, false, cpu.local.now(), cpu.pc});
    }
    cpu.cluster.set_interrupts(cpu, true);
}
HLDSIM_EXPORT void hld_fence(enum hld_fence kind) {
    Cpu& cpu = HERE;
    if (kind == HLD_LFENCE) {
        cpu.cluster.spend(cpu, timing().cycles(Row::MemLfence));
    } else {
        cpu.cluster.fence(cpu, timing().cycles(kind == HLD_MFENCE ? Row::MemMfence : Row::MemSfence));
    }
}
HLDSIM_EXPORT hld_u64 hld_rdtsc() {
    Cpu& cpu = HERE;
    return cpu.cluster.rdtsc(cpu);
}
HLDSIM_EXPORT hld_u32 hld_rdmsr(hld_u32 msr, hld_u64* value) {
    Cpu& cpu = HERE;
    std::uint64_t read = 0;
    const bool done = cpu.cluster.rdmsr(cpu, msr, read);
    *value = read;
    return done ? 0 : 1;
}
HLDSIM_EXPORT hld_u32 hld_wrmsr(hld_u32 msr, hld_u64 value) {
    Cpu& cpu = HERE;
    runtime().msr.emit({cpu, msr});
    return cpu.cluster.wrmsr(cpu, msr, value) ? 0 : 1;
}
HLDSIM_EXPORT hld_u32 hld_inb(hld_u32 port) {
    Cpu& cpu = HERE;
    return static_cast<hld_u32>(cpu.cluster.port_in(cpu, static_cast<std::uint16_t>(port), Size::B1));
}
HLDSIM_EXPORT void hld_outb(hld_u32 port, hld_u32 value) {
    Cpu& cpu = HERE;
    cpu.cluster.port_out(cpu, static_cast<std::uint16_t>(port), Size::B1, value);
}

HLDSIM_EXPORT hld_u64 hld_local(void* p, hld_u32 size, hld_local_op op, hld_u64 value, hld_u64 expected) {
    Cpu& cpu = HERE;
    const AccessKind kind = op == HLD_LOCAL_READ ? AccessKind::Load : AccessKind::Store;
    runtime().local.emit({cpu, p, size, op});
    const hld_u64 old = cpu.cluster.local_operation(cpu, {kind, p, size_of(size) == Size::B1 ? 1 : size, true, cpu.pc});
    hld_u64 result = value;
    switch (op) {
        case HLD_LOCAL_READ:
            return old;
        case HLD_LOCAL_WRITE:
        case HLD_LOCAL_XCHG:
            break;
        case HLD_LOCAL_ADD:
            result = old + value;
            break;
        case HLD_LOCAL_OR:
            result = old | value;
            break;
        case HLD_LOCAL_AND:
            result = old & value;
            break;
        case HLD_LOCAL_CMPXCHG:
            result = old == expected ? value : old;
            break;
    }
    std::memcpy(p, &result, size);  // the store that was announced; the next hook settles it
    return old;
}

// A delay may be cut by an event; WBINVD is one instruction, at whose end an event is taken (CPU-20).
HLDSIM_EXPORT void hld_charge(hld_row row, hld_u32 times) {
    Cpu& cpu = HERE;
    if (row != HLD_ROW_WBINVD) {
        cpu.cluster.delay(cpu, length_of(row) * times);
        return;
    }
    constexpr std::uint64_t MOST = 1U << 30;  // cycles at a time, a third of a second: no machine's takes so long
    for (std::uint64_t left = timing().cycles(row_of(row)).count * times; left > 0; left -= std::min(left, MOST)) {
        cpu.cluster.spend(cpu, hldsim::Cycles{std::min(left, MOST)});
    }
}
HLDSIM_EXPORT void hld_charge_rest(hld_row row, hld_row paid) {
    Cpu& cpu = HERE;
    const Duration rest = length_of(row) - length_of(paid);
    if (rest > Duration{}) {
        cpu.cluster.delay(cpu, rest);
    }
}
HLDSIM_EXPORT hld_u64 hld_row_ns(hld_row row) {
    constexpr std::int64_t NS = 1'000'000;
    return static_cast<hld_u64>((length_of(row).fs + NS - 1) / NS);
}
HLDSIM_EXPORT hld_u64 hld_row_count(hld_row row) { return static_cast<hld_u64>(timing().amount(row_of(row))); }

// PAUSE pushes the registers that live across it, so that the snapshot of the stack holds the loop's whole state.
HLDSIM_EXPORT void hld_relax_at(const char* sp, const void* pc) {
    Cpu& cpu = at(pc);
    cpu.cluster.relax(cpu, sp);
}
asm(R"(
    .text
    .globl hld_relax
    .type hld_relax, @function
hld_relax:
    push %rbp
    push %rbx
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rsp, %rdi
    mov 48(%rsp), %rsi
    sub $8, %rsp
    call hld_relax_at@PLT
    add $8, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbx
    pop %rbp
    ret
    .size hld_relax, . - hld_relax
)");

// ---- memory and devices

HLDSIM_EXPORT void* hld_arena(hld_u64* size) {
    *size = hldsim::shim::Memory::ARENA - hldsim::shim::Memory::STRINGS;
    return runtime().memory().arena();
}
HLDSIM_EXPORT hld_u64 hld_virt_to_phys(const void* p) {
    const hld_u64 physical = runtime().memory().physical(p);
    if (physical == 0) {
        runtime().bad_access("virt_to_phys() of memory that no device can reach; expected memory of kmalloc()");
    }
    return physical;
}
HLDSIM_EXPORT hld_u64 hld_percpu_offset(hld_u32 cpu) {
    if (cpu >= runtime().cpus().count()) {
        runtime().bad_access("per-CPU memory of a CPU that does not exist");
    }
    return runtime().memory().per_cpu_offset(cpu);
}
HLDSIM_EXPORT void* hld_ioremap(hld_u64 physical, hld_u64 size) { return runtime().memory().map(physical, size); }
HLDSIM_EXPORT void hld_iounmap(const volatile void* cookie) { runtime().memory().unmap(cookie); }

HLDSIM_EXPORT hld_u64 hld_mmio_read(const volatile void* cookie, hld_u32 size) {
    Cpu& cpu = HERE;
    const std::uint64_t physical = physical_of(cpu, cookie, size, "reads from a page that ioremap() has not mapped");
    const Size width = size_of(size);
    cpu.cluster.settle(cpu);
    runtime().mmio.emit({cpu, physical, width, false, 0, cpu.pc, cpu.local.now()});
    return cpu.cluster.mmio_read(cpu, physical, width);
}
HLDSIM_EXPORT void hld_mmio_write(volatile void* cookie, hld_u32 size, hld_u64 value) {
    Cpu& cpu = HERE;
    const std::uint64_t physical = physical_of(cpu, cookie, size, "writes to a page that ioremap() has not mapped");
    const Size width = size_of(size);
    cpu.cluster.settle(cpu);
    runtime().mmio.emit({cpu, physical, width, true, value, cpu.pc, cpu.local.now()});
    cpu.cluster.mmio_write(cpu, physical, width, value);
}

// ---- tasks, initcalls, parameters

HLDSIM_EXPORT hld_u32 hld_task_take(hld_task* task) {
    Cpu& cpu = *Cpus::running();
    return runtime().take(cpu.number, *task) ? 1 : 0;
}
HLDSIM_EXPORT hld_initcall_t hld_initcall(hld_u32 index) {
    const auto& detector = runtime().detector();
    return index < detector.initcall_count() ? detector.initcalls()[index] : nullptr;
}
HLDSIM_EXPORT const struct hld_param* hld_param(hld_u32 index) {
    const auto& detector = runtime().detector();
    return index < detector.param_count() ? detector.params() + index : nullptr;
}

// ---- ends and notes

HLDSIM_EXPORT void hld_end(enum hld_end how, const char* why) {
    runtime().end(how == HLD_END_PANIC ? End::Panic : how == HLD_END_RESET ? End::Reset : End::Deadlock, why);
    __builtin_unreachable();
}
HLDSIM_EXPORT void hld_note_lock(hld_lock_op op, const void* lock, const char* name) {
    runtime().note_lock(HERE, op, lock, name, false);
}
HLDSIM_EXPORT void hld_note_sleeping_lock(hld_lock_op op, const void* lock, const char* name) {
    runtime().note_lock(HERE, op, lock, name, true);
}
HLDSIM_EXPORT void hld_note_life(hld_u32 cpu, hld_life life) {
    Cpu& self = HERE;
    runtime().note_life({CpuNumber{cpu}, life, self.local.now(), self.pc});
}
HLDSIM_EXPORT hld_u32 hld_note_silent(hld_u32 cpu) {
    return runtime().is_silent(*Cpus::running(), CpuNumber{cpu}) ? 1 : 0;
}
HLDSIM_EXPORT void hld_note_hotplug(hld_u32 cpu, hld_u32 state, hld_u32 bringup, const char* step) {
    Cpu& self = HERE;
    runtime().hotplug.emit({CpuNumber{cpu}, state, bringup != 0, step, self.local.now(), self.pc});
}
HLDSIM_EXPORT void hld_note_nmi(hld_nmi_fate fate, const char* handler, hld_u32 handled) {
    Cpu& self = HERE;
    runtime().nmi_fate.emit({self, fate, handler, handled, self.local.now(), self.pc});
}
HLDSIM_EXPORT hld_u32 hld_note_sleep(const char* function, unsigned long caller, const hld_preempt_count* count) {
    return note_sleep(HERE, function, caller, *count, false);
}
HLDSIM_EXPORT hld_u32 hld_note_return(const char* what, unsigned long function, const hld_preempt_count* count) {
    return note_sleep(HERE, what, function, *count, true);
}
HLDSIM_EXPORT void hld_note_rcu(int* nesting, int change) {
    Cpus::running()->cluster.touch(nesting, sizeof *nesting);  // no store of a CPU, so a power cycle would not see it
    *nesting = change == 0 ? 0 : *nesting + change;
}
HLDSIM_EXPORT void hld_note_print(hld_u32 level, const char* text, hld_u32 length) {
    Cpu& self = *Cpus::running();
    runtime().print.emit({self.number, level, {text, length}, self.local.now(), self.nesting.context()});
}
HLDSIM_EXPORT void hld_note_irte(hld_u32 index, hld_u64 low, hld_u64 high) {
    Cpu& self = HERE;
    runtime().irte.emit({self, index, low, high, self.local.now(), self.pc});
}
HLDSIM_EXPORT void hld_note_task(hld_u32 number, hld_u32 begun, long result) {
    Cpu& self = *Cpus::running();
    runtime().task.emit({self.number, number, begun != 0, result, self.local.now()});
}
