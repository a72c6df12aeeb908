// SPDX-License-Identifier: Apache-2.0
// The whole state as text. Slots have no names here: a request has its place in the order of arrival.
#include <algorithm>

#include "models/fabric/remapper_text.hpp"
#include "models/regs/print.hpp"
#include "models/vtd/vtd.hpp"

namespace hldsim {

using remapper_text::at;
using remapper_text::hex;
using remapper_text::named;

namespace {

std::string describe(const vtd::Table& table) {
    return "table " + hex(table.base) + named("entries", table.entries) + named("eime", table.eime ? 1 : 0);
}

std::string describe(const vtd::Request& request) {
    return "request of " + remapper_text::of(request.write) + named("index", request.index) +
           named("way", static_cast<std::uint64_t>(request.way)) + named("cached", request.lookup.cached ? 1 : 0) +
           named("stale", request.lookup.stale ? 1 : 0) + named("sampled", request.lookup.sampled ? 1 : 0) +
           named("keep", request.lookup.keep ? 1 : 0) + " " + hex(request.lookup.entry.high) + " " +
           hex(request.lookup.entry.low) + " arrived " + at(request.arrived) + " leaves " + at(request.leaves) +
           "\n    " + describe(request.table) + "\n";
}

std::string describe(const EntryCache<vtd::Irte>& cache) {
    std::string text;
    for (const auto& set : cache.sets()) {
        for (const auto& line : set) {
            text += "  cached" + named("number", line.number) + ": " + hex(line.entry.high) + " " +
                    hex(line.entry.low) + "\n";
        }
    }
    return text;
}

std::string describe(const vtd::Invalidation& invalidation, std::uint32_t wait) {
    return "invalidation" + named("entries", invalidation.entries ? 1 : 0) +
           named("all", invalidation.range.all ? 1 : 0) + named("first", invalidation.range.first) +
           named("count", invalidation.range.count) + named("wait", wait);
}

/// The register that was read last, if its completion pushes anything (VTD-34); else 0.
std::uint32_t pushing(std::uint32_t last_read) {
    for (const char* const name : {"FSTS", "FECTL", "ICS", "IECTL"}) {
        if (last_read == vtd::row(name).offset) {
            return last_read;
        }
    }
    return 0;
}

std::string describe(const vtd::Wait& wait) {
    const vtd::Descriptor& d = wait.command;
    return "wait" + named("number", wait.number) + " " + hex(d.low) + " " + hex(d.high) + " " + hex(d.more[0]) + " " +
           hex(d.more[1]) + remapper_text::of(wait.group) + named("ready", wait.ready ? 1 : 0) +
           named("held", wait.held ? 1 : 0) + named("writing", wait.writing ? 1 : 0) + "\n";
}

}  // namespace

std::string Vtd::describe_step(Step step, std::uint32_t slot) const {
    switch (step) {
        case Step::LookupDone: {
            const auto place = std::find(looking_up_.begin(), looking_up_.end(), slot) - looking_up_.begin();
            return "lookup of request" + named("place", static_cast<std::uint64_t>(place));
        }
        case Step::DescriptorUpdated:
            return "posted " + describe(requests_[slot]);
        case Step::Fetched:
            return "fetch" + named("generation", slot);
        case Step::InvalidationDone:
            return describe(waits_.invalidation(slot), waits_.wait_of(slot));
        case Step::StatusWritten:
            return "status of wait" + named("number", slot);
        case Step::CommandDone:
            return "command";
        case Step::WaitReady:
            return "ready: wait" + named("number", slot);
        case Step::CommandDrained:
            return "drained: command";
    }
    return {};
}

std::string Vtd::dump() const {
    std::string text = "vtd: " + std::string{remapping_ ? "remapping, " : "off, "} + describe(table_) +
                       named("ttm", translation_mode_) + named("last_read", pushing(last_read_)) + "\n" +
                       regs::dump(file_) + describe(cache_);
    for (const std::uint32_t slot : looking_up_) {
        text += describe(requests_[slot]);
    }
    text += remapper_text::of(order_) + remapper_text::of(departed_);
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
    text += "queue" + named("fetching", fetching_ ? 1 : 0) + named("generation", fetch_generation_) +
            named("waits", waits_.waits_fetched()) + remapper_text::of(waits_.group()) + " status written " +
            at(status_written_) + "\n";
    text += "events " + at(fault_event_.accepted) + " " + at(completion_event_.accepted) +
            named("next_record", next_record_) + named("stuck", stuck_ ? 1 : 0) + named("overdue", overdue_ ? 1 : 0) +
            "\n";
    for (const auto* steps : {&due_, &late_}) {
        for (const auto& next : steps->in_order()) {
            text +=
                (steps == &late_ ? "late " : "due ") + at(next.at) + ": " + describe_step(next.step, next.slot) + "\n";
        }
    }
    return text;
}

}  // namespace hldsim
