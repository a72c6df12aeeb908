// SPDX-License-Identifier: Apache-2.0
// The local APICs on the bus: who is addressed, and who wins an arbitration.
//
//   Matching   every APIC decides for itself (LAPIC-7). The table of ids only saves asking those that cannot match
//   Cost       a physical destination: the APICs of that id; an x2APIC cluster: 16; anything else: all
#pragma once
#include <cstdint>
#include <vector>

#include "models/base/choice.hpp"
#include "models/base/state_copy.hpp"
#include "models/fabric/msi.hpp"
#include "models/fabric/ports.hpp"
#include "models/fabric/profile.hpp"

namespace hldsim {

/// Does the destination name every APIC, whatever its ids?
constexpr bool is_broadcast(const InterruptMessage& message) {
    return message.destination == (message.wide ? ~std::uint32_t{0} : msi::BROADCAST);
}

class Receivers {
public:
    Receivers(ChoiceSource& choices, const FabricProfile& profile) : choices_{choices}, profile_{profile} {}

    void add(CpuNumber cpu, MessageReceiver& receiver);
    void identified(CpuNumber cpu, ApicId id, bool x2apic);
    void reset() { last_winner_ = NOBODY; }
    void copy_state(StateCopy& s) { s(first_, next_, id_, x2apic_, unlisted_, xapics_, last_winner_); }

    MessageReceiver& operator[](CpuNumber cpu) const { return *receivers_[cpu.value]; }
    bool has(CpuNumber cpu) const { return cpu.value < receivers_.size() && receivers_[cpu.value] != nullptr; }

    /// Calls visit(CpuNumber) for each APIC that matches, in ascending order of CPU numbers per id.
    template <class Visitor>
    void each_match(const InterruptMessage& message, Visitor visit) const;
    /// Calls visit(CpuNumber) for each APIC.
    template <class Visitor>
    void each(Visitor visit) const;

    /// Hands the message to all that match, or to the winner of the arbitration. How many got it.
    unsigned hand_over(const InterruptMessage& message);
    /// The winner among those that match and satisfy `eligible`; false: there is none.
    template <class Predicate>
    bool arbitrate(const InterruptMessage& message, Predicate eligible, CpuNumber& winner);

private:
    static constexpr std::uint32_t NOBODY = ~std::uint32_t{0};
    static constexpr std::uint32_t LISTED_IDS = 1U << 16;

    template <class Visitor>
    void each_of_id(std::uint32_t id, const InterruptMessage& message, Visitor& visit) const;
    void unlist(std::uint32_t cpu);
    CpuNumber pick(std::vector<std::uint32_t>& equals);

    ChoiceSource& choices_;
    const FabricProfile& profile_;
    std::vector<MessageReceiver*> receivers_;  // by CPU number
    std::vector<std::uint32_t> first_;         // by id: the first CPU with it
    std::vector<std::uint32_t> next_;          // by CPU number: the next CPU with the same id
    std::vector<std::uint32_t> id_;            // by CPU number; NOBODY: never identified
    std::vector<bool> x2apic_;
    unsigned unlisted_ = 0;  // receivers that the table does not know
    unsigned xapics_ = 0;    // of the listed ones
    std::uint32_t last_winner_ = NOBODY;
    std::vector<std::uint32_t> best_;  // of the arbitration under way
};

template <class Visitor>
void Receivers::each(Visitor visit) const {
    for (std::uint32_t cpu = 0; cpu < receivers_.size(); ++cpu) {
        if (receivers_[cpu] != nullptr) {
            visit(CpuNumber{cpu});
        }
    }
}

template <class Visitor>
void Receivers::each_of_id(std::uint32_t id, const InterruptMessage& message, Visitor& visit) const {
    if (id >= first_.size()) {
        return;
    }
    for (std::uint32_t cpu = first_[id]; cpu != NOBODY; cpu = next_[cpu]) {
        if (receivers_[cpu]->matches(message)) {
            visit(CpuNumber{cpu});
        }
    }
}

template <class Visitor>
void Receivers::each_match(const InterruptMessage& message, Visitor visit) const {
    const bool listed = unlisted_ == 0 && !is_broadcast(message);
    if (listed && !message.logical) {
        each_of_id(message.destination, message, visit);
        return;
    }
    if (listed && message.wide && xapics_ == 0) {
        // x2APIC: the logical id of the APIC with id n is bit n[3:0] of cluster n[31:4]. SDM vol. 3A, 10.12.10.2.
        std::uint32_t members = message.destination & 0xffff;
        for (; members != 0; members &= members - 1) {
            const auto bit = static_cast<std::uint32_t>(__builtin_ctz(members));
            each_of_id((message.destination >> 16 << 4) | bit, message, visit);
        }
        return;
    }
    each([&](CpuNumber cpu) {
        if (receivers_[cpu.value]->matches(message)) {
            visit(cpu);
        }
    });
}

template <class Predicate>
bool Receivers::arbitrate(const InterruptMessage& message, Predicate eligible, CpuNumber& winner) {
    best_.clear();
    unsigned lowest = ~0U;
    each_match(message, [&](CpuNumber cpu) {
        if (!eligible(cpu)) {
            return;
        }
        const unsigned priority =
            profile_.arbiter == Arbiter::Rotating ? 0 : receivers_[cpu.value]->processor_priority();
        if (priority < lowest) {
            lowest = priority;
            best_.clear();
        }
        if (priority == lowest) {
            best_.push_back(cpu.value);
        }
    });
    if (best_.empty()) {
        return false;
    }
    winner = pick(best_);
    return true;
}

}  // namespace hldsim
