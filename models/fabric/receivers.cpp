// SPDX-License-Identifier: Apache-2.0
#include "models/fabric/receivers.hpp"

#include <algorithm>
#include <cassert>

namespace hldsim {

void Receivers::add(CpuNumber cpu, MessageReceiver& receiver) {
    if (cpu.value >= receivers_.size()) {
        const std::size_t size = cpu.value + std::size_t{1};
        receivers_.resize(size, nullptr);
        next_.resize(size, NOBODY);
        id_.resize(size, NOBODY);
        x2apic_.resize(size, false);
    }
    assert(receivers_[cpu.value] == nullptr);
    receivers_[cpu.value] = &receiver;
    ++unlisted_;
}

void Receivers::unlist(std::uint32_t cpu) {
    if (id_[cpu] == NOBODY) {
        return;
    }
    std::uint32_t* link = &first_[id_[cpu]];
    while (*link != cpu) {
        link = &next_[*link];
    }
    *link = next_[cpu];
    next_[cpu] = NOBODY;
    id_[cpu] = NOBODY;
    xapics_ -= x2apic_[cpu] ? 0 : 1;
    ++unlisted_;
}

// The chain of an id is in ascending order of CPU numbers, whoever came first.
void Receivers::identified(CpuNumber cpu, ApicId id, bool x2apic) {
    if (!has(cpu) || (id_[cpu.value] == id.value && x2apic_[cpu.value] == x2apic)) {
        return;
    }
    unlist(cpu.value);
    if (id.value >= LISTED_IDS) {
        return;
    }
    if (id.value >= first_.size()) {
        first_.resize(id.value + std::size_t{1}, NOBODY);
    }
    std::uint32_t* link = &first_[id.value];
    while (*link != NOBODY && *link < cpu.value) {
        link = &next_[*link];
    }
    next_[cpu.value] = *link;
    *link = cpu.value;
    id_[cpu.value] = id.value;
    x2apic_[cpu.value] = x2apic;
    xapics_ += x2apic ? 0 : 1;
    --unlisted_;
}

// Among equals: the next after the last winner, rotating; or, in exploration, any of them.
CpuNumber Receivers::pick(std::vector<std::uint32_t>& equals) {
    std::sort(equals.begin(), equals.end());
    const auto after =
        last_winner_ == NOBODY ? equals.begin() : std::upper_bound(equals.begin(), equals.end(), last_winner_);
    std::rotate(equals.begin(), after == equals.end() ? equals.begin() : after, equals.end());
    last_winner_ = equals[choices_.choose("fabric.arbiter", static_cast<std::uint32_t>(equals.size()))];
    return {last_winner_};
}

unsigned Receivers::hand_over(const InterruptMessage& message) {
    if (is_arbitrated(message)) {
        CpuNumber winner;
        if (!arbitrate(
                message, [](CpuNumber) { return true; }, winner)) {
            return 0;
        }
        receivers_[winner.value]->receive(message);
        return 1;
    }
    unsigned count = 0;
    each_match(message, [&](CpuNumber cpu) {
        receivers_[cpu.value]->receive(message);
        ++count;
    });
    return count;
}

}  // namespace hldsim
