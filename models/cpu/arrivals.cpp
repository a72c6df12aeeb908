// SPDX-License-Identifier: Apache-2.0
// What the local APIC does to its CPU: events are latched, and whoever sleeps is woken; SIPI.
#include <algorithm>
#include <cassert>

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

void Cpu::init(const TokenSet& /*tokens*/) {
    if (state == State::WaitForSipi) {
        return;  // CPU-16: only SIPI ends it
    }
    nesting.latch_init(cluster.timeline_.now() + cluster.timing_.duration(Row::CpuEventBoundary));
    cluster.arrived(*this);
}

// LAPIC-42: any state but wait-for-SIPI discards it. Behind an INIT that waits for the boundary it waits, too, as the
// local APIC has both in order; not in SMM, where INIT is blocked (KVM: kvm_apic_accept_events()).
void Cpu::sipi(std::uint8_t vector, const TokenSet& /*tokens*/) {
    if (state == State::WaitForSipi) {
        sipi_vector = vector;
        cluster.start(*this);
    } else if (nesting.init_latched() && !nesting.in_smm() && held_sipi == NO_SIPI) {
        held_sipi = vector;
    }
}

void Cpu::completed(std::uint64_t value) {
    assert(state == State::WaitsForRead);  // INIT, too, waits for the boundary behind the read
    read_value = value;
    cluster.ready(*this, cluster.timeline_.now());
}

// CPU-8: leaving the C-state comes before delivery. INIT needs no way out: it ends what the CPU would come back to.
Instant Cpus::leaves_sleep(const Cpu& cpu, Instant due) const {
    return cpu.nesting.next(due) == Nesting::Event::Init ? due : due + timing_.duration(cpu.exit);
}

// An event has been latched now, due a little later. Whoever sleeps and can take it is woken.
void Cpus::arrived(Cpu& cpu) {
    const bool masked_too = cpu.monitor.waiting && cpu.monitor.masked_interrupt;
    const Instant due = masked_too ? std::min(cpu.nesting.due(), cpu.nesting.interrupt_due()) : cpu.nesting.due();
    if (due == Instant::never()) {
        return;
    }
    switch (cpu.state) {
        case Cpu::State::Halted:
            ready(cpu, leaves_sleep(cpu, due));
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
