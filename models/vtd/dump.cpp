// SPDX-License-Identifier: Apache-2.0
// The whole state as text.
#include "models/regs/print.hpp"
#include "models/vtd/vtd.hpp"

namespace hldsim {

namespace {

std::string hex(std::uint64_t value) { return regs::hexadecimal(value, 64); }
std::string at(Instant t) { return t == Instant::never() ? "never" : std::to_string(t.fs); }
std::string named(const char* name, std::uint64_t value) {
    return " " + std::string{name} + "=" + std::to_string(value);
}

std::string describe(const vtd::Table& table) {
    return "table " + hex(table.base) + named("entries", table.entries) + named("eime", table.eime ? 1 : 0);
}

std::string describe(const vtd::Request& request) {
    return "request of " + regs::hexadecimal(request.write.requester.value, 16) + named("index", request.index) +
           named("way", static_cast<std::uint64_t>(request.way)) + named("cached", request.lookup.cached ? 1 : 0) +
           named("sampled", request.lookup.sampled ? 1 : 0) + named("keep", request.lookup.keep ? 1 : 0) + " " +
           hex(request.lookup.entry.high) + " " + hex(request.lookup.entry.low) + " leaves " + at(request.leaves) +
           "\n";
}

std::string describe(const EntryCache<vtd::Irte>& cache) {
    std::string text;
    for (const auto& set : cache.sets()) {
        for (const auto& line : set) {
            text += "  cached " + std::to_string(line.number) + ": " + hex(line.entry.high) + " " +
                    hex(line.entry.low) + "\n";
        }
    }
    return text;
}

std::string describe(const vtd::Wait& wait) {
    return "wait " + hex(wait.descriptor.low) + " " + hex(wait.descriptor.high) + named("open", wait.group.open) +
           " drained " + at(wait.group.drained) + named("ready", wait.ready ? 1 : 0) +
           named("held", wait.held ? 1 : 0) + named("writing", wait.writing ? 1 : 0) + "\n";
}

}  // namespace

std::string Vtd::dump() const {
    std::string text = "vtd: " + std::string{remapping_ ? "remapping, " : "off, "} + describe(table_) +
                       named("ttm", translation_mode_) + "\n" + regs::dump(file_) + describe(cache_);
    for (const std::uint32_t slot : looking_up_) {
        text += describe(requests_[slot]);
    }
    for (const Departed& departed : departed_) {
        text += "departed" + named("index", departed.entry) + named("remapped", departed.remapped ? 1 : 0) +
                " accepted " + at(departed.accepted) + "\n";
    }
    text += "requests" + named("under_way", requests_under_way_) + " switched " + at(switched_) + "\n";
    for (const Operation& operation : operations_) {
        text += "command" + named("kind", static_cast<std::uint64_t>(operation.command)) +
                named("on", operation.on ? 1 : 0) + "\n";
    }
    for (const std::uint32_t command : commands_) {
        text += "behind it " + regs::hexadecimal(command, 32) + "\n";
    }
    for (const vtd::Wait& wait : waits_) {
        text += describe(wait);
    }
    text += "queue" + named("fetching", fetching_ ? 1 : 0) + named("open", group_.open) + " drained " +
            at(group_.drained) + " status written " + at(status_written_) + "\n";
    text += "events " + at(fault_event_.accepted) + " " + at(completion_event_.accepted) +
            named("next_record", next_record_) + named("stuck", stuck_ ? 1 : 0) + named("overdue", overdue_ ? 1 : 0) +
            "\n";
    return text + "next step " + at(due_.next()) + ", late " + at(late_.next()) + "\n";
}

}  // namespace hldsim
