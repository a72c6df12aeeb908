// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/window/edge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace hldsim::window {

namespace {

using trace::Record;
using trace::What;

std::string cpu(unsigned n) { return n == trace::NO_CPU ? std::string{"the HPET"} : fmt::format("CPU {}", n); }

const char* hop_name(Hop hop) {
    switch (hop) {
        case Hop::Matched:
            return "a timer matches";
        case Hop::Posted:
            return "the message leaves the HPET";
        case Hop::Remapped:
            return "the message is remapped";
        case Hop::Accepted:
            return "the local APIC accepts the NMI";
        case Hop::Taken:
            return "the NMI is taken";
        case Hop::Returned:
            break;
    }
    return "the NMI returns";
}

std::string what_happens(const trace::Log& log, const Record& record) {
    switch (record.what) {
        case What::HopReached:
            return record.cpu == trace::NO_CPU ? std::string{hop_name(record.hop)}
                                               : fmt::format("{} on {}", hop_name(record.hop), cpu(record.cpu));
        case What::ContextEntered:
        case What::ContextLeft:
            return fmt::format("{} {} an interrupt", cpu(record.cpu),
                               record.what == What::ContextEntered ? "takes" : "returns from");
        case What::LockTaken:
            return fmt::format("{} takes {}", cpu(record.actor), log.text(record));
        case What::LockDropped:
            return fmt::format("{} drops {}", cpu(record.actor), log.text(record));
        case What::LockWaits:
            return fmt::format("{} waits for {}", cpu(record.actor), log.text(record));
        case What::LifeChanged:
            return fmt::format("the life of {} changes", cpu(record.cpu));
        case What::MaskCleared:
            return fmt::format("{} leaves the monitored mask", cpu(record.cpu));
        case What::MaskSet:
            return fmt::format("{} joins the monitored mask", cpu(record.cpu));
        case What::DeviceWrite:
            return fmt::format("{} writes a device register", cpu(record.actor));
        case What::DeviceRead:
            return fmt::format("{} reads a device register", cpu(record.actor));
        case What::RegisterEffect:
            return "a register write takes effect";
        case What::NmiClaimed:
            return fmt::format("{} claims the NMI", cpu(record.actor));
        case What::NmiNotMine:
        case What::NmiUnknown:
            return fmt::format("nobody on {} claims the NMI", cpu(record.actor));
        case What::NmiIgnored:
            return fmt::format("{} ignores the NMI: it is offline", cpu(record.actor));
        default:
            break;
    }
    return fmt::format("{}: {}", cpu(record.actor), log.text(record));
}

std::string with_place(const trace::Log& log, const Record& record, const shim::Symbols& symbols) {
    std::string text = what_happens(log, record);
    if (record.pc != nullptr) {
        const auto frame = symbols.place_at(record.pc);
        if (!frame.file.empty()) {
            text += fmt::format(", in {} {}:{}", frame.function, frame.file, frame.line);
        }
    }
    return text;
}

// The order in which things happened: what runs ahead is put back into its place.
std::vector<const Record*> in_order(const trace::Log& log) {
    std::vector<const Record*> records;
    for (const Record& record : log.records) {
        if (record.what != What::EventBegan && record.what != What::Printed) {
            records.push_back(&record);
        }
    }
    std::stable_sort(records.begin(), records.end(), [](const Record* a, const Record* b) { return a->at < b->at; });
    return records;
}

bool same(const Record& a, const Record& b) {
    return a.what == b.what && a.cpu == b.cpu && a.actor == b.actor && a.hop == b.hop && a.context == b.context &&
           a.pc == b.pc && a.token.source == b.token.source;
}

}  // namespace

std::string difference(const trace::Log& outside, const trace::Log& inside, const shim::Symbols& symbols) {
    const auto before = in_order(outside);
    const auto after = in_order(inside);
    const std::size_t count = std::min(before.size(), after.size());
    for (std::size_t i = 0; i < count; ++i) {
        if (!same(*before[i], *after[i])) {
            return fmt::format("{}; one cycle outside: {}", with_place(inside, *after[i], symbols),
                               with_place(outside, *before[i], symbols));
        }
    }
    return {};
}

}  // namespace hldsim::window
