// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/window/edge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
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
        case What::TimerMatched:
            return fmt::format("timer {} matches", record.value);
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

// ---- accesses

const char* verb(cpu::AccessKind kind) {
    switch (kind) {
        case cpu::AccessKind::Load:
            return "reads";
        case cpu::AccessKind::Store:
            return "writes";
        case cpu::AccessKind::Rmw:
            return "updates";
        default:
            return "copies";
    }
}

std::string sentence(const trace::MemoryAccess& access, const std::string& object, const shim::Symbols& symbols) {
    const auto frame = symbols.place_at(access.pc);
    const char* const in_nmi = access.context == cpu::Context::Nmi ? "'s NMI" : "";
    return fmt::format("CPU {}{} {} {} in {} {}:{}", access.cpu, in_nmi, verb(access.kind), object, frame.function,
                       frame.file, frame.line);
}

using Sequence = std::vector<const trace::MemoryAccess*>;

std::map<const void*, Sequence> by_object(const trace::Log& log) {
    Sequence all;
    for (const trace::MemoryAccess& access : log.accesses) {
        all.push_back(&access);
    }
    std::stable_sort(all.begin(), all.end(), [](const auto* a, const auto* b) { return a->at < b->at; });
    std::map<const void*, Sequence> objects;
    for (const trace::MemoryAccess* const access : all) {
        objects[access->object].push_back(access);
    }
    return objects;
}

bool same(const trace::MemoryAccess& a, const trace::MemoryAccess& b) {
    return a.cpu == b.cpu && a.context == b.context && a.kind == b.kind && a.pc == b.pc;
}

// Two accesses to one object, one of them a write, that change their order.
struct Swap {
    const trace::MemoryAccess* inside = nullptr;
    const trace::MemoryAccess* outside = nullptr;
};

Swap first_swap(const trace::Log& outside, const trace::Log& inside) {
    Swap first;
    const auto objects_outside = by_object(outside);
    for (const auto& [object, sequence] : by_object(inside)) {
        const auto other = objects_outside.find(object);
        if (other == objects_outside.end()) {
            continue;
        }
        const std::size_t count = std::min(sequence.size(), other->second.size());
        for (std::size_t i = 0; i < count; ++i) {
            const trace::MemoryAccess& a = *sequence[i];
            const trace::MemoryAccess& b = *other->second[i];
            if (same(a, b)) {
                continue;
            }
            const bool conflict = a.kind != cpu::AccessKind::Load || b.kind != cpu::AccessKind::Load;
            const bool two_parties = a.cpu != b.cpu || a.context != b.context;
            if (conflict && two_parties && (first.inside == nullptr || a.at < first.inside->at)) {
                first = {&a, &b};
            }
            break;
        }
    }
    return first;
}

}  // namespace

std::string difference(const trace::Log& outside, const trace::Log& inside, const shim::Symbols& symbols) {
    const auto before = in_order(outside);
    const auto after = in_order(inside);
    const std::size_t count = std::min(before.size(), after.size());
    std::size_t i = 0;
    while (i < count && same(*before[i], *after[i])) {
        ++i;
    }
    const Swap swap = first_swap(outside, inside);
    if (swap.inside != nullptr && (i == count || swap.inside->at <= after[i]->at)) {
        const std::string object = symbols.variable_at(swap.inside->object);
        return fmt::format("{} before {}", sentence(*swap.inside, object, symbols),
                           sentence(*swap.outside, "it", symbols));
    }
    return i == count ? std::string{}
                      : fmt::format("{}; one cycle outside: {}", with_place(inside, *after[i], symbols),
                                    with_place(outside, *before[i], symbols));
}

}  // namespace hldsim::window
