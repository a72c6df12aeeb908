// SPDX-License-Identifier: Apache-2.0
// The queue and register accesses. Messages are in the file beside.
#include "models/fabric/fabric.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "models/regs/print.hpp"

namespace hldsim {

Fabric::Fabric(sc_core::sc_module_name name, sim::Timeline& timeline, const Timing& timing, ChoiceSource& choices,
               const FabricProfile& profile, std::vector<unsigned> packages)
    : sc_module{name},
      timeline_{timeline},
      timing_{timing},
      profile_{profile},
      packages_{std::move(packages)},
      several_packages_{
          std::any_of(packages_.begin(), packages_.end(), [&](unsigned p) { return p != packages_.front(); })},
      receivers_{choices, profile_},
      compatibility_{profile_},
      route_{&compatibility_},
      alarm_{timeline, sim::Priority::Fabric, [this] { ring(); }} {
    compatibility_.connect(*this);
}

void Fabric::add(CpuNumber cpu, MessageReceiver& receiver) {
    receivers_.add(cpu, receiver);
    // A CPU beyond the list of packages is in package 0.
    several_packages_ = several_packages_ || (!packages_.empty() && package_of(cpu) != packages_.front());
}

void Fabric::route_through(MessageRoute* route) {
    route_ = route != nullptr ? route : &compatibility_;
    route_->connect(*this);
}

// ---- the queue

void Fabric::ring() {
    ringing_ = true;
    while (due_.next() <= timeline_.now()) {
        const auto entry = due_.pop();
        take_step(entry.step, entry.slot);
    }
    ringing_ = false;
    arm();
}

void Fabric::arm() { alarm_.at(due_.next()); }

void Fabric::push(Instant at, Step step, std::uint32_t slot) {
    due_.push(at, step, slot);
    if (!ringing_ && at < alarm_.due()) {
        alarm_.at(at);
    }
}

void Fabric::take_step(Step step, std::uint32_t slot) {
    switch (step) {
        case Step::WriteArrives: {
            const Access access = accesses_[slot];
            accesses_.release(slot);
            --accesses_under_way_;
            return write_arrives(access);
        }
        case Step::ReadArrives:
            return read_arrives(slot);
        case Step::ServiceBegins:
            return service_begins(slot);
        case Step::CompletionLeaves:
            return completion_leaves(slot);
        case Step::ReadCompletes:
            return read_completes(slot);
        case Step::MessageAtRoot:
        case Step::MessageAtLapics:
        case Step::IpiArrivesAtOne: {
            const Message message = messages_[slot];
            messages_.release(slot);
            --messages_under_way_;
            if (step == Step::MessageAtRoot) {
                message_at_root(message.write);
            } else if (step == Step::MessageAtLapics) {
                message_at_lapics(message.message);
            } else {
                receivers_[message.winner].receive(message.message);
            }
            return;
        }
        case Step::IpiArrives:
            return ipi_arrives(slot);
        case Step::IpiArrivesAcross:
            return ipi_arrives_across(slot);
        case Step::EoiArrives:
            for (EoiReceiver* receiver : eoi_receivers_) {
                receiver->end_of_interrupt(static_cast<std::uint8_t>(slot));
            }
            return;
    }
}

void Fabric::reset_enter() {
    alarm_.cancel();
    due_.clear();
    accesses_.clear();
    messages_.clear();
    for (Target& target : targets_) {
        target.busy_until = Instant{};
        std::fill(target.last_arrival.begin(), target.last_arrival.end(), Instant{});
    }
    last_at_root_.clear();
    faults_.clear();
    pushed_.reset();
    waiting_completions_.clear();
    receivers_.reset();
    messages_under_way_ = 0;
    accesses_under_way_ = 0;
}

void Fabric::copy_state(StateCopy& s) {
    s(receivers_, due_, accesses_, messages_, targets_, last_at_root_, faults_, pushed_, waiting_completions_,
      messages_under_way_, accesses_under_way_, ringing_);
}

std::string Fabric::dump() const {
    std::string text = "fabric: " + std::to_string(accesses_under_way_) + " accesses, " +
                       std::to_string(messages_under_way_) + " messages under way, " + std::to_string(faults_.size()) +
                       " faults armed\n";
    for (const Target& target : targets_) {
        const bool busy = target.busy_until > timeline_.now();
        text += "  device at " + regs::hexadecimal(target.base, 64) + (busy ? ": busy\n" : ": idle\n");
    }
    return text;
}

// ---- register accesses

void Fabric::map(std::uint64_t base, std::uint64_t size, MmioTarget& target, Row service) {
    for (const Target& other : targets_) {
        assert(base + size <= other.base || other.base + other.size <= base);
        static_cast<void>(other);
    }
    targets_.push_back({base, size, &target, service, Instant{}, {}});
}

unsigned Fabric::target_at(std::uint64_t address, Size size) const {
    for (unsigned i = 0; i < targets_.size(); ++i) {
        const Target& target = targets_[i];
        if (address >= target.base && address - target.base <= target.size - bytes(size)) {
            return i;
        }
    }
    return NO_TARGET;
}

// When something that this CPU sends now is at the device: never before what it sent earlier.
Instant Fabric::arrival(Target& target, CpuNumber cpu, Duration leg) {
    if (cpu.value >= target.last_arrival.size()) {
        target.last_arrival.resize(cpu.value + std::size_t{1});
    }
    Instant& last = target.last_arrival[cpu.value];
    last = std::max(last, timeline_.now() + leg);
    return last;
}

void Fabric::post_write(CpuNumber cpu, std::uint64_t address, Size size, std::uint64_t value) {
    const unsigned target = target_at(address, size);
    if (target == NO_TARGET) {
        unmapped_access.emit({cpu, address, size, true, value, timeline_.now()});
        return;
    }
    const auto offset = static_cast<std::uint32_t>(address - targets_[target].base);
    const Instant at = arrival(targets_[target], cpu, timing_.duration(Row::FabricPostedWrite));
    ++accesses_under_way_;
    push(at, Step::WriteArrives, accesses_.take({cpu, target, offset, size, value, nullptr}));
}

void Fabric::read(CpuNumber cpu, std::uint64_t address, Size size, ReadCompletion& completion) {
    ++accesses_under_way_;
    const unsigned target = target_at(address, size);
    const Duration request = timing_.duration(Row::FabricReadRequest);
    if (target == NO_TARGET) {
        unmapped_access.emit({cpu, address, size, false, byte_mask(bytes(size)), timeline_.now()});
        const Instant at = timeline_.now() + request + timing_.duration(Row::FabricReadResponse);
        push(at, Step::ReadCompletes, accesses_.take({cpu, target, 0, size, byte_mask(bytes(size)), &completion}));
        return;
    }
    const auto offset = static_cast<std::uint32_t>(address - targets_[target].base);
    const Instant at = arrival(targets_[target], cpu, request);
    push(at, Step::ReadArrives, accesses_.take({cpu, target, offset, size, 0, &completion}));
}

void Fabric::write_arrives(const Access& access) {
    targets_[access.target].device->write(access.offset, access.size, access.value);
}

void Fabric::read_arrives(std::uint32_t slot) {
    Target& target = targets_[accesses_[slot].target];
    const Instant begin = std::max(timeline_.now(), target.busy_until);
    target.busy_until = begin + timing_.duration(target.service);
    if (begin > timeline_.now()) {
        push(begin, Step::ServiceBegins, slot);
    } else {
        service_begins(slot);
    }
}

// The device sees the read when its service begins. Its completion does not pass messages that were on their way out
// then (M-13, H-39): proof that they left the device, and no more.
void Fabric::service_begins(std::uint32_t slot) {
    const Access access = accesses_[slot];
    const Target& target = targets_[access.target];
    const Instant now = timeline_.now();
    const std::uint64_t value = target.device->read(access.offset, access.size);
    const Instant leaves = std::max(now + timing_.duration(target.service), target.device->completion_may_leave(now));
    accesses_[slot].value = value;
    if (route_->orders_completions()) {
        push(leaves, Step::CompletionLeaves, slot);
    } else {
        push(leaves + timing_.duration(Row::FabricReadResponse), Step::ReadCompletes, slot);
    }
}

void Fabric::completion_leaves(std::uint32_t slot) {
    accesses_[slot].behind = pushed_.last();
    push(timeline_.now() + timing_.duration(Row::FabricReadResponse), Step::ReadCompletes, slot);
}

void Fabric::read_completes(std::uint32_t slot) {
    const Access access = accesses_[slot];
    if (access.behind != 0) {
        const Instant passable = pushed_.passable(access.behind, *targets_[access.target].device);
        if (passable == Instant::never()) {
            waiting_completions_.push_back(slot);
            return;
        }
        if (passable > timeline_.now()) {
            push(passable, Step::ReadCompletes, slot);
            return;
        }
    }
    accesses_.release(slot);
    --accesses_under_way_;
    access.completion->completed(access.value);
}

// The route knows the end of a message that read completions may wait for.
void Fabric::finished(const MessageWrite& write, Instant passable) {
    pushed_.finished(write.number, passable);
    for (const std::uint32_t slot : waiting_completions_) {
        push(timeline_.now(), Step::ReadCompletes, slot);
    }
    waiting_completions_.clear();
}

}  // namespace hldsim
