// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/window/edge.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tools/harness/report/device.hpp"
#include "tools/harness/report/names.hpp"
#include "tools/harness/report/remapper.hpp"
#include "tools/harness/value/span.hpp"
#include "tools/harness/window/order.hpp"

namespace hldsim::window {

namespace {

using trace::Record;
using trace::What;

constexpr std::uint64_t FIRST_INTERRUPT_VECTOR = 32;  // SDM vol. 3A, 6.2

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

std::size_t number_of(const trace::Log& log, const Record& record) {
    return static_cast<std::size_t>(&record - log.records.data());
}

std::string context_changes(const Record& record) {
    const char* const what = record.context == cpu::Context::Nmi     ? "NMI"
                             : record.context == cpu::Context::Smm   ? "SMI"
                             : record.value < FIRST_INTERRUPT_VECTOR ? "exception"
                                                                     : "interrupt";
    return fmt::format("{} {} an {}", cpu(record.cpu), record.what == What::ContextEntered ? "takes" : "returns from",
                       what);
}

std::string what_happens(const trace::Log& log, const Record& record) {
    switch (record.what) {
        case What::HopReached:
            return record.cpu == trace::NO_CPU ? std::string{hop_name(record.hop)}
                                               : fmt::format("{} on {}", hop_name(record.hop), cpu(record.cpu));
        case What::ContextEntered:
        case What::ContextLeft:
            return context_changes(record);
        case What::TimerMatched:
            return fmt::format("timer {} matches", record.value);
        case What::LockTaken:
            return fmt::format("{} takes {}", cpu(record.actor), log.text(record));
        case What::LockDropped:
            return fmt::format("{} drops {}", cpu(record.actor), log.text(record));
        case What::LockWaits:
            return fmt::format("{} waits for {}", cpu(record.actor), log.text(record));
        case What::LifeChanged:
            return fmt::format("{} becomes {}", cpu(record.cpu),
                               report::life_name(static_cast<trace::Life>(record.value)));
        case What::MaskCleared:
            return fmt::format("{} leaves the monitored mask", cpu(record.cpu));
        case What::MaskSet:
            return fmt::format("{} joins the monitored mask", cpu(record.cpu));
        case What::DeviceWrite:
        case What::DeviceRead:
            return fmt::format("{} makes {}", cpu(record.actor), report::access_text(log, number_of(log, record)));
        case What::RegisterEffect:
            return report::effect_text(log, number_of(log, record));
        case What::NmiClaimed:
            return fmt::format("{} claims the NMI", cpu(record.actor));
        case What::NmiNotMine:
        case What::NmiUnknown:
            return fmt::format("nobody on {} claims the NMI", cpu(record.actor));
        case What::NmiIgnored:
            return fmt::format("{} ignores the NMI: it is offline", cpu(record.actor));
        case What::DrainDone:
            return fmt::format("{} takes the timer for drained", cpu(record.actor));
        case What::Restarted:
            return fmt::format("{} starts the timer again", cpu(record.actor));
        case What::StuckBegan:
        case What::StuckEnded:
            return fmt::format("{} {}", cpu(record.cpu), record.what == What::StuckBegan ? "gets stuck" : "goes on");
        case What::TaskBegun:
        case What::TaskEnded:
            return fmt::format("the task of event {} {} on {}", record.value,
                               record.what == What::TaskBegun ? "begins" : "ends", cpu(record.cpu));
        case What::HotplugStep:
            return fmt::format("{} {}: {}", cpu(record.cpu), record.flag ? "comes up" : "goes down", log.text(record));
        case What::EntryUsed:
            return "the unit uses " + report::entry_words(record);
        case What::EntryWritten:
            return fmt::format("{} writes {}", cpu(record.actor), report::entry_words(record));
        case What::MessageLost:
            return "a message is lost: " + log.text(record);
        case What::RequestBlocked:
            return log.text(record);
        case What::Invalidated:
            return report::invalidation_words(record);
        case What::WaitCompleted:
            return "the wait descriptor completes";
        case What::RunEnded:
            return "the run ends";
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

/// What a record is about says more than how the code gets there.
bool decides(const Record& record) {
    switch (record.what) {
        case What::LockTaken:
        case What::LockDropped:
        case What::LockWaits:
        case What::TaskBegun:
        case What::TaskEnded:
        case What::HotplugStep:
        case What::StillInNmi:
        case What::StillInCode:
        case What::RunEnded:
            return false;
        default:
            return true;
    }
}

/// The first records, from the first difference on, in which one run does what the other one does not.
struct Difference {
    const Record* outside = nullptr;
    const Record* inside = nullptr;
};

Records deciding(const trace::Log& log) {
    Records records = in_order(log);
    records.erase(std::remove_if(records.begin(), records.end(), [](const Record* r) { return !decides(*r); }),
                  records.end());
    return records;
}

Difference first_difference(const Records& outside, const Records& inside) {
    const std::size_t count = std::min(outside.size(), inside.size());
    std::size_t i = 0;
    while (i < count && same(*outside[i], *inside[i]) && same_entry(*outside[i], *inside[i])) {
        ++i;
    }
    return {i < outside.size() ? outside[i] : nullptr, i < inside.size() ? inside[i] : nullptr};
}

std::string told(const trace::Log& outside, const trace::Log& inside, const Difference& difference,
                 const shim::Symbols& symbols) {
    std::string text = difference.inside == nullptr ? "" : with_place(inside, *difference.inside, symbols);
    if (difference.outside != nullptr) {
        const std::string other = with_place(outside, *difference.outside, symbols);
        text += (text.empty() ? "" : "; ") + std::string{"one cycle outside: "} +
                (other == text ? "the same, at another instruction of that line" : other);
    }
    return text;
}

/// Both runs do the same, and one of them is over before it shows.
std::string horizon(const trace::Log& outside, const trace::Log& inside) {
    return fmt::format(
        "nothing comes in another order: the run ends at {}, one cycle outside at {}; a longer 'until' "
        "moves this edge",
        value::readable_text(inside.ended_at - Instant{}), value::readable_text(outside.ended_at - Instant{}));
}

}  // namespace

std::string difference(const trace::Log& outside, const trace::Log& inside, const shim::Symbols& symbols) {
    const Records records_outside = in_order(outside);
    const Records records_inside = in_order(inside);
    const auto accesses = first_flip_of_accesses(outside, inside);
    const auto records = first_flip_of_records(records_outside, records_inside);
    if (accesses && (!records || accesses->at <= records->at)) {
        const std::string object = symbols.variable_at(accesses->first->object);
        std::string text = fmt::format("{} before {}", sentence(*accesses->first, object, symbols),
                                       sentence(*accesses->second, "it", symbols));
        // What the one that comes second makes of it, if it is an access to a device.
        const Difference first = first_difference(deciding(outside), deciding(inside));
        if (first.outside != nullptr && first.outside->what == What::DeviceWrite) {
            text += "; one cycle outside: " + with_place(outside, *first.outside, symbols);
        }
        return text;
    }
    if (records) {
        return fmt::format("{} before {}", with_place(inside, *records->first, symbols),
                           with_place(inside, *records->second, symbols));
    }
    const Difference first = first_difference(deciding(outside), deciding(inside));
    const std::string text = first.outside == nullptr && first.inside == nullptr
                                 ? told(outside, inside, first_difference(records_outside, records_inside), symbols)
                                 : told(outside, inside, first, symbols);
    return text.empty() ? horizon(outside, inside) : text;
}

}  // namespace hldsim::window
