// SPDX-License-Identifier: Apache-2.0
// The whole state as text. Slots have no names here: a request has its place in the order of arrival.
#include <algorithm>

#include "models/amdvi/amdvi.hpp"
#include "models/fabric/remapper_text.hpp"
#include "models/regs/print.hpp"

namespace hldsim {

using remapper_text::at;
using remapper_text::hex;
using remapper_text::named;

namespace {

std::string words(const amdvi::Dte& entry) {
    return hex(entry.words[3]) + " " + hex(entry.words[2]) + " " + hex(entry.words[1]) + " " + hex(entry.words[0]);
}
std::string words(const amdvi::Irte& entry) { return hex(entry.high) + " " + hex(entry.low); }

template <class Entry>
std::string describe(const char* kind, const EntryCache<Entry>& cache) {
    std::string text;
    for (const auto& set : cache.sets()) {
        for (const auto& line : set) {
            text += std::string{"  cached "} + kind + named("number", line.number) + ": " + words(line.entry) + "\n";
        }
    }
    return text;
}

template <class Entry>
std::string describe(const EntryLookup<Entry>& lookup) {
    return words(lookup.entry) + named("cached", lookup.cached ? 1 : 0) + named("stale", lookup.stale ? 1 : 0) +
           named("sampled", lookup.sampled ? 1 : 0) + named("keep", lookup.keep ? 1 : 0);
}

std::string describe(const amdvi::Request& request) {
    return "request of " + remapper_text::of(request.write) + named("index", request.index) +
           named("unchecked", request.unchecked ? 1 : 0) + named("remaps", request.remaps ? 1 : 0) +
           named("ga", request.format.ga ? 1 : 0) + named("xt", request.format.xt ? 1 : 0) + " leaves " +
           at(request.leaves) + "\n    " + hex(request.device_table) + " " + describe(request.device) + "\n    " +
           hex(request.table) + " " + describe(request.entry) + "\n";
}

std::string describe(const amdvi::Invalidation& invalidation, std::uint32_t wait) {
    return "invalidation" + named("devices", invalidation.devices ? 1 : 0) +
           named("entries", invalidation.entries ? 1 : 0) + named("all", invalidation.all ? 1 : 0) + " of " +
           bus_name(invalidation.device) + named("wait", wait);
}

std::string describe(const amdvi::Wait& wait) {
    return "wait" + named("number", wait.number) + " " + hex(wait.command.low) + " " + hex(wait.command.high) +
           remapper_text::of(wait.group) + named("ready", wait.ready ? 1 : 0) + named("writing", wait.writing ? 1 : 0) +
           "\n";
}

}  // namespace

std::string Amdvi::describe_step(Step step, std::uint32_t slot) const {
    switch (step) {
        case Step::ControlDone:
            return "CONTROL takes effect";
        case Step::LookupDone: {
            const auto place = std::find(looking_up_.begin(), looking_up_.end(), slot) - looking_up_.begin();
            return "lookup of request" + named("place", static_cast<std::uint64_t>(place));
        }
        case Step::Fetched:
            return "fetch" + named("generation", slot);
        case Step::InvalidationDone:
            return describe(waits_.invalidation(slot), waits_.wait_of(slot));
        case Step::Stored:
            return "store";
        case Step::WaitReady:
            return "ready: wait" + named("number", slot);
    }
    return {};
}

std::string Amdvi::dump() const {
    std::string text = "amdvi: control " + hex(control_);
    for (const std::uint64_t control : controls_) {
        text += ", then " + hex(control);
    }
    text += named("status_read", last_read_ == amdvi::row("STATUS").offset ? 1 : 0) + "\n" + regs::dump(file_) +
            describe("device", devices_) + describe("entry", entries_);
    for (const std::uint32_t slot : looking_up_) {
        text += describe(requests_[slot]);
    }
    text += remapper_text::of(order_) + remapper_text::of(departed_);
    for (const amdvi::Wait& wait : waits_) {
        text += describe(wait);
    }
    text += "commands" + named("fetching", fetching_ ? 1 : 0) + named("generation", fetch_generation_) +
            named("waits", waits_.waits_fetched()) + remapper_text::of(waits_.group()) + " stored " + at(stored_) +
            " interrupt " + at(interrupt_accepted_) + "\n";
    for (const auto* steps : {&due_, &late_}) {
        for (const auto& next : steps->in_order()) {
            text +=
                (steps == &late_ ? "late " : "due ") + at(next.at) + ": " + describe_step(next.step, next.slot) + "\n";
        }
    }
    return text;
}

}  // namespace hldsim
