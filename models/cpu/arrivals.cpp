// SPDX-License-Identifier: Apache-2.0
// What the local APIC does to its CPU: events are latched, and whoever sleeps is woken; INIT and SIPI.
#include <algorithm>

#include "models/cpu/cpus.hpp"

namespace hldsim::cpu {

void Cpu::nmi(const TokenSet& tokens, std::uint8_t vector) {
    const Instant now = cluster.timeline_.now();
    if (state == State::WaitForSipi && !cluster.options_.profile.wfs_nmi_latches) {
        return;  // CPU-16, the other reading
    }
    nesting.latch_nmi(tokens, now + cluster.timing_.duration(Row::CpuEventBoundary), Nesting::source_of(vector));
    cluster.arrived(*this);
}

// LAPIC-5, `wake_only`: the CPU leaves HLT and handles nothing.
void Cpu::wake(const TokenSet& /*tokens*/) {
    if (state == State::Halted) {
        woken = true;
        cluster.ready(*this, cluster.timeline_.now() + cluster.timing_.duration(Row::CpuEventBoundary) +
                                 cluster.timing_.duration(exit));
    }
}

void Cpu::smi(const TokenSet& /*tokens*/) {
    nesting.latch_smi(cluster.timeline_.now() + cluster.timing_.duration(Row::CpuEventBoundary));
    cluster.arrived(*this);
}

void Cpu::interrupt_request(bool active) {
    nesting.interrupt_line(active, cluster.timeline_.now() + cluster.timing_.duration(Row::CpuEventBoundary));
    if (active) {
        cluster.arrived(*this);
    }
}

void Cpu::external_interrupt(bool /*active*/) {
    // The local APIC requests an interrupt for it, as it does for its own.
}

// SDM vol. 3A, 10.4.7.3 and CPU-15: what was under way is gone; stores that have been made stay made.
void Cpu::init(const TokenSet& /*tokens*/) {
    if (state == State::WaitForSipi) {
        return;  // CPU-16: only SIPI ends it
    }
    // CPU-11: in SMM one is latched, and RSM lets it act. CPU-5: an SMI that is latched comes before it.
    if (nesting.in_smm() || nesting.smi_latched()) {
        init_pending = true;
        return;
    }
    init_pending = false;
    cluster.disarm(*this);
    if (monitor.waiting) {
        monitor.waiting = false;
        cluster.tell_sleep(*this, false);
    }
    while (!stores.empty()) {
        cluster.drain_head(number.value, cluster.timeline_.now());
    }
    cluster.heap_.remove_if([&](const Key& k) { return k.rank() != Rank::Device && k.cpu() == number.value; });
    for (const unsigned line : spin.watched) {
        cluster.lines_.unwatch(line, number.value);
    }
    const std::size_t depth = nesting.depth();
    nesting.init(cluster.options_.profile.init_clears_nmi);
    spin.reset();
    stick = {};
    exception = iret_fault = {};
    held_store = {};  // the local APIC is reset, too
    interruptible = false;
    local.to(cluster.core_clock_.first_at(cluster.timeline_.now()));  // a delay has been left before its end
    drain.to(local.place());
    visible_at = Instant{};
    state = State::WaitForSipi;
    if (counters != nullptr && counters->count_cycles()) {
        counters->asleep(true);
    }
    apic->init_reset();
    cluster.initialized.emit({number, cluster.timeline_.now(), depth});
}

void Cpu::sipi(std::uint8_t vector, const TokenSet& /*tokens*/) {
    if (state == State::WaitForSipi) {  // LAPIC-42: any other state discards it
        sipi_vector = vector;
        cluster.start(*this);
    }
}

void Cpu::completed(std::uint64_t value) {
    if (state != State::WaitsForRead) {
        return;  // INIT came meanwhile: nobody waits for the value
    }
    read_value = value;
    cluster.ready(*this, cluster.timeline_.now());
}

// An event has been latched now, due a little later. Whoever sleeps and can take it is woken.
void Cpus::arrived(Cpu& cpu) {
    const bool masked_too = cpu.monitor.waiting && cpu.monitor.masked_interrupt;
    const Instant due = masked_too ? std::min(cpu.nesting.due(), cpu.nesting.interrupt_due()) : cpu.nesting.due();
    if (due == Instant::never()) {
        return;
    }
    switch (cpu.state) {
        case Cpu::State::Halted:  // CPU-8: leaving the C-state comes before delivery
            ready(cpu, due + timing_.duration(cpu.exit));
            break;
        case Cpu::State::Stuck:
            ready(cpu, due);
            break;
        case Cpu::State::Parked:  // as of now, not of `due`: until then it goes on spinning and may see a store
            unpark(cpu, {timeline_.now(), Rank::Drain, 0});
            break;
        case Cpu::State::Ready:
            if (cpu.interruptible && due < cpu.local.now()) {
                rekey(cpu, due);
            }
            break;
        case Cpu::State::Running:
        case Cpu::State::WaitForSipi:
        case Cpu::State::WaitsForRead:
            break;
    }
}

}  // namespace hldsim::cpu
