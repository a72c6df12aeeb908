// SPDX-License-Identifier: Apache-2.0
// Instructions that software reaches by a call: HLT, RDTSC, MSRs, uncached accesses, CLI and STI.
#include "models/cpu/cpus.hpp"

namespace hldsim::cpu {

namespace {

constexpr std::uint64_t LAPIC_PAGE_SIZE = 0x1000;
constexpr std::uint32_t LAPIC_ICR_LOW = 0x300;
constexpr std::uint8_t NMI_VECTOR = 2;
constexpr std::uint32_t MSR_X2APIC_ICR = 0x830;
constexpr std::uint32_t MSR_TSC_DEADLINE = 0x6e0;
constexpr std::uint32_t MSR_SMI_COUNT = 0x34;  // SDM vol. 4, 2.2

// Each CPU decodes the page of its own APIC, which software may move: SDM vol. 3A, 10.4.5.
bool is_lapic(const Cpu& cpu, std::uint64_t address) {
    return cpu.apic_registers != nullptr && address - cpu.apic_registers->page() < LAPIC_PAGE_SIZE;
}

// SDM vol. 3A, 10.5.4.1: in xAPIC mode MFENCE must stand between this store and WRMSR of IA32_TSC_DEADLINE.
bool selects_deadline(std::uint32_t offset, std::uint64_t value) {
    constexpr std::uint32_t LVT_TIMER = 0x320;
    constexpr std::uint64_t MODE = 3U << 17U;
    constexpr std::uint64_t DEADLINE = 2U << 17U;
    return offset == LVT_TIMER && (value & MODE) == DEADLINE;
}

}  // namespace

// A loop of reads goes on for ever as well, and takes long: each goes to the device and back.
void Cpus::count_device_read(Cpu& cpu) {
    if (++cpu.effort.now.device_reads > options_.most_device_reads) {
        fault(cpu, "polls a register a million times in a row", End::AccessLimit);
    }
}

void Cpus::halt(Cpu& cpu, bool enabling_interrupts, Row exit) {
    settle(cpu);
    cpu.effort.slept();
    cpu.awake_since = cpu.local.now();
    release_store(cpu);
    cpu.exit = exit;
    cpu.spin.disturb();
    if (enabling_interrupts) {
        cpu.nesting.restore_interrupts(true);  // the shadow of STI covers HLT itself: no wake-up is lost (CPU-7)
    }
    if (timed()) {  // where all interleavings are explored it is no step: it commutes with all others
        pump(cpu);
    }
    made(cpu, Effect::Halt, nullptr, 0, true);
    for (;;) {
        if (cpu.stick.requested) {
            be_stuck(cpu);
        }
        if (take_all_due(cpu) || cpu.woken) {
            cpu.woken = false;
            return;
        }
        if (const Instant due = cpu.nesting.due(); due != Instant::never()) {  // latched before: nobody tells again
            cpu.local.to_at_or_after(leaves_sleep(cpu, due));
            pump(cpu);
            continue;
        }
        sleep(cpu);
    }
}

void Cpus::set_interrupts(Cpu& cpu, bool enabled) {
    settle(cpu);
    cpu.nesting.enable_interrupts(enabled);
    arrive(cpu);
    if (enabled) {
        arrive(cpu);  // behind the instruction that the shadow covers
    }
}

void Cpus::move_to_ss(Cpu& cpu) {
    settle(cpu);
    const bool behind_another = cpu.nesting.shadowed();
    arrive(cpu);
    cpu.nesting.move_to_ss(behind_another);
}

// SDM vol. 3A, 6.7.1: INT 2 calls the handler; what the processor does for a real NMI it does not do.
void Cpus::software_nmi(Cpu& cpu) {
    settle(cpu);
    arrive(cpu);
    if (!cpu.idt_loaded) {
        shut_down(cpu, "INT 2, beyond the limit of the IDT: #GP, #DF, shutdown", {});
    }
    const bool interrupts = cpu.nesting.interrupts_enabled();
    cpu.spin.disturb();
    cpu.nesting.enter_interrupt();
    cpu.nesting.restore_interrupts(false);
    context(cpu, Context::Interrupt, true, cpu.pc, NMI_VECTOR);
    cpu.local.advance(event_entry().count);
    pump(cpu);
    software_->nmi(cpu.number, cpu.pc, interrupts);
    settle(cpu);
    drain_all(cpu);
    cpu.local.advance(event_exit().count);
    pump(cpu);
    cpu.nesting.leave_interrupt();
    cpu.nesting.restore_interrupts(interrupts);
    cpu.spin.disturb();
    context(cpu, Context::Interrupt, false, cpu.pc, NMI_VECTOR);
}

void Cpus::load_idt(Cpu& cpu) {
    settle(cpu);
    arrive(cpu);  // what is latched comes before it
    cpu.idt_loaded = true;
}

std::uint64_t Cpus::rdtsc(Cpu& cpu) {
    ++free_accesses_;
    count_access(cpu);  // as an access: a loop of it alone goes on for ever as well
    spend(cpu, timing_.cycles(Row::CpuRdtsc));
    cpu.spin.disturb();
    return tsc(cpu);
}

std::uint64_t Cpus::local_operation(Cpu& cpu, const Access& access) {
    settle(cpu);
    if (timed()) {
        cpu.local.advance(timing_.cycles(Row::MemL1Hit).count);
    }
    arrive(cpu, cpu.stores.full() || cpu.stores.cover(access.at, access.size) == StoreBuffer::Cover::Partial);
    count_access(cpu);
    if (cpu.stores.cover(access.at, access.size) == StoreBuffer::Cover::Whole) {
        cpu.stores.patch_load(access.at, access.size);
    }
    std::uint64_t value = 0;
    std::memcpy(&value, access.at, access.size);
    settle(cpu);  // takes the patch out again
    if (access.kind == AccessKind::Store) {
        cpu.spin.disturb();
        begin_store(cpu, access.at, access.size, access.marked, map_.line(access.at));
    } else if (const unsigned line = map_.line(access.at); line != NO_LINE && !cpu.spin.disturbed()) {
        cpu.spin.read({access.at, access.size, line, value, false});
    }
    return value;
}

std::uint64_t Cpus::mmio_read(Cpu& cpu, std::uint64_t address, Size size) {
    settle(cpu);
    arrive(cpu, true);  // an uncached load waits for the stores before it
    cpu.spin.disturb();
    count_device_read(cpu);
    if (is_lapic(cpu, address)) {
        spend(cpu, timing_.cycles(Row::LapicEoiWrite));
        timeline_.actor_at(cpu.local.now());
        const std::uint64_t value =
            cpu.apic_registers->mmio_read(static_cast<std::uint32_t>(address % LAPIC_PAGE_SIZE), size);
        timeline_.update_horizon();
        return value;
    }
    timeline_.actor_at(cpu.local.now());
    bus_.read(cpu.number, address, size, cpu);
    timeline_.update_horizon();
    suspend(cpu, Cpu::State::WaitsForRead);
    cpu.spin.disturb();
    made(cpu, Effect::Device, nullptr, cpu.read_value, true);
    const std::uint64_t value = cpu.read_value;
    arrive(cpu);  // what became due meanwhile is taken when the completion is there
    return value;
}

void Cpus::mmio_write(Cpu& cpu, std::uint64_t address, Size size, std::uint64_t value) {
    const void* const pc = cpu.pc;  // of a handler, if one comes first
    settle(cpu);
    if (is_lapic(cpu, address)) {
        const auto offset = static_cast<std::uint32_t>(address % LAPIC_PAGE_SIZE);
        cpu.local.advance(timing_.cycles(offset == LAPIC_ICR_LOW ? Row::CpuIpiXapic : Row::LapicEoiWrite).count);
        arrive(cpu, true);
        cpu.spin.disturb();
        device_stored.emit({cpu.number, address, bytes(size), value, pc, cpu.local.now()});
        if (options_.tso && timed() && selects_deadline(offset, value)) {
            hold_store(cpu, offset, size, value);
        } else {
            write_own_apic(cpu, offset, size, value);
        }
        return;
    }
    arrive(cpu, true);  // an uncached store waits for the stores before it
    cpu.spin.disturb();
    device_stored.emit({cpu.number, address, bytes(size), value, pc, cpu.local.now()});
    made(cpu, Effect::Device, nullptr, value, true);
    timeline_.actor_at(cpu.local.now());
    bus_.post_write(cpu.number, address, size, value);
    timeline_.update_horizon();
    cpu.local.advance(timing_.cycles(Row::FabricUcWriteGap).count);
}

// IN and OUT: the CPU pays for the whole way there and back, and the access happens when it has (SDM vol. 1, 18.6: an
// OUT is complete before the next instruction begins).
std::uint64_t Cpus::port_in(Cpu& cpu, std::uint16_t port, Size size) {
    release_store(cpu);
    spend(cpu, timing_.cycles(Row::IoPort61Read));
    cpu.spin.disturb();
    count_device_read(cpu);
    timeline_.actor_at(cpu.local.now());
    const std::uint64_t value = ports_ != nullptr ? ports_->in(port, size) : byte_mask(bytes(size));
    timeline_.update_horizon();
    return value;
}

void Cpus::port_out(Cpu& cpu, std::uint16_t port, Size size, std::uint64_t value) {
    release_store(cpu);
    spend(cpu, timing_.cycles(Row::IoPort61Read));
    cpu.spin.disturb();
    timeline_.actor_at(cpu.local.now());
    if (ports_ != nullptr) {
        ports_->out(port, size, value);
    }
    timeline_.update_horizon();
}

bool Cpus::rdmsr(Cpu& cpu, std::uint32_t msr, std::uint64_t& value) {
    spend(cpu, timing_.cycles(Row::LapicEoiWrite));
    cpu.spin.disturb();
    count_device_read(cpu);
    if (msr == MSR_SMI_COUNT) {
        value = cpu.smis;
        return true;
    }
    if (is_tsc_msr(msr)) {
        value = read_tsc_msr(cpu, msr);
        return true;
    }
    timeline_.actor_at(cpu.local.now());
    const bool done =
        (cpu.counters != nullptr && cpu.counters->rdmsr(msr, value)) || cpu.apic_registers->rdmsr(msr, value);
    timeline_.update_horizon();
    return done;
}

// Not serialising for the x2APIC registers: the store buffer is not drained (LAPIC-17).
bool Cpus::wrmsr(Cpu& cpu, std::uint32_t msr, std::uint64_t value) {
    settle(cpu);
    cpu.held_store.overtaken = msr == MSR_TSC_DEADLINE && cpu.local.now() < cpu.held_store.until;
    if (!cpu.held_store.overtaken) {
        release_store(cpu);
    }
    spend(cpu, timing_.cycles(msr == MSR_X2APIC_ICR ? Row::CpuIpiX2apic : Row::LapicEoiWrite));
    cpu.spin.disturb();
    if (is_tsc_msr(msr)) {
        write_tsc_msr(cpu, msr, value);
        return true;
    }
    timeline_.actor_at(cpu.local.now());
    const bool done =
        (cpu.counters != nullptr && cpu.counters->wrmsr(msr, value)) || cpu.apic_registers->wrmsr(msr, value);
    timeline_.update_horizon();
    cpu.held_store.overtaken = false;
    return done;
}

}  // namespace hldsim::cpu
