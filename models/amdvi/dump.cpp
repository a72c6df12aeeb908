// SPDX-License-Identifier: Apache-2.0
// The whole state as text.
#include "models/amdvi/amdvi.hpp"
#include "models/regs/print.hpp"

namespace hldsim {

namespace {

std::string hex(std::uint64_t value) { return regs::hexadecimal(value, 64); }
std::string at(Instant t) { return t == Instant::never() ? "never" : std::to_string(t.fs); }
std::string flag(const char* name, bool on) { return std::string{" "} + name + (on ? "=1" : "=0"); }

std::string words(const amdvi::Dte& entry) {
    return hex(entry.words[3]) + " " + hex(entry.words[2]) + " " + hex(entry.words[1]) + " " + hex(entry.words[0]);
}
std::string words(const amdvi::Irte& entry) { return hex(entry.high) + " " + hex(entry.low); }

template <class Entry>
std::string describe(const char* kind, const EntryCache<Entry>& cache) {
    std::string text;
    for (const auto& set : cache.sets()) {
        for (const auto& line : set) {
            text +=
                std::string{"  cached "} + kind + " " + std::to_string(line.number) + ": " + words(line.entry) + "\n";
        }
    }
    return text;
}

template <class Entry>
std::string describe(const EntryLookup<Entry>& lookup) {
    return words(lookup.entry) + flag("cached", lookup.cached) + flag("sampled", lookup.sampled) +
           flag("keep", lookup.keep);
}

std::string describe(const amdvi::Request& request) {
    return "request of " + regs::hexadecimal(request.write.requester.value, 16) + " index " +
           std::to_string(request.index) + flag("unchecked", request.unchecked) + flag("remaps", request.remaps) +
           "\n    " + describe(request.device) + "\n    " + describe(request.entry) + " leaves " + at(request.leaves) +
           "\n";
}

std::string describe(const amdvi::Wait& wait) {
    return "wait " + hex(wait.command.low) + " " + hex(wait.command.high) + " open " + std::to_string(wait.group.open) +
           " drained " + at(wait.group.drained) + flag("ready", wait.ready) + flag("writing", wait.writing) + "\n";
}

}  // namespace

std::string Amdvi::dump() const {
    std::string text = "amdvi: control " + hex(control_);
    for (const std::uint64_t control : controls_) {
        text += ", then " + hex(control);
    }
    text += "\n" + regs::dump(file_) + describe("device", devices_) + describe("entry", entries_);
    for (const std::uint32_t slot : looking_up_) {
        text += describe(requests_[slot]);
    }
    for (const Departed& departed : departed_) {
        text += "departed entry " + std::to_string(departed.entry) + flag("remapped", departed.remapped) +
                " accepted " + at(departed.accepted) + "\n";
    }
    for (const amdvi::Wait& wait : waits_) {
        text += describe(wait);
    }
    text += std::string{"commands"} + flag("fetching", fetching_) + " open " + std::to_string(group_.open) +
            " drained " + at(group_.drained) + " stored " + at(stored_) + "\n";
    return text + "interrupt " + at(interrupt_accepted_) + " next step " + at(due_.next()) + ", late " +
           at(late_.next()) + "\n";
}

}  // namespace hldsim
