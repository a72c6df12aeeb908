// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/report/words.hpp"

#include "detector/shim/abi.hpp"
#include "tools/harness/report/device.hpp"
#include "tools/harness/report/events.hpp"
#include "tools/harness/report/hops.hpp"
#include "tools/harness/report/names.hpp"
#include "tools/harness/report/remapper.hpp"
#include "tools/harness/report/text.hpp"

namespace hldsim::report {
namespace {

using run::Outcome;
using trace::Record;
using trace::What;

// "hld.monitored_mask" -> "monitored_mask": the table has no room for what the reader knows.
std::string mask_name(const Outcome& outcome, std::size_t record) {
    const auto found = outcome.objects.find(record);
    return found == outcome.objects.end() ? "the monitored mask"
                                          : found->second.substr(found->second.find_last_of('.') + 1);
}

std::string lock_name(const Outcome& outcome, std::size_t record) {
    const std::string& own = outcome.log.text(outcome.log.records[record]);
    const auto found = outcome.objects.find(record);
    const std::string name = found != outcome.objects.end() ? found->second : own;
    return name.empty() ? "lock" : name;
}

std::string lock_words(const Outcome& outcome, std::size_t index) {
    const Record& record = outcome.log.records[index];
    const bool sleeps = (record.value & trace::LOCK_THAT_SLEEPS) != 0;
    return (record.what == What::LockWaits     ? (sleeps ? "waits for " : "spins on ")
            : record.what == What::LockDropped ? "unlock "
            : record.flag                      ? "trylock "
                                               : "lock ") +
           lock_name(outcome, index);
}

std::string context_words(const Record& record) {
    if (record.what == What::Initialized) {
        return record.actor == 0 ? "INIT: begins at the reset vector" : "INIT: waits for SIPI";
    }
    constexpr std::uint64_t BREAKPOINT = 3;
    constexpr std::uint64_t PAGE_FAULT = 14;
    const std::string name = record.context == cpu::Context::Nmi         ? "NMI>"
                             : record.context == cpu::Context::Smm       ? "SMM>"
                             : record.context != cpu::Context::Interrupt ? "task>"
                             : record.value == BREAKPOINT                ? "#BP>"
                             : record.value == PAGE_FAULT                ? "#PF>"
                                                                         : "IRQ>";
    return (record.what == What::ContextEntered ? "<" : "</") + name;
}

std::string handler_words(const Outcome& outcome, const Record& record) {
    const std::string& name = outcome.log.text(record);
    return (name.empty() ? "handler" : "handler " + name) +
           (record.what == What::NmiClaimed ? ": NMI_HANDLED" : ": NMI_DONE");
}

std::string mask_words(const Outcome& outcome, std::size_t index) {
    const Record& record = outcome.log.records[index];
    const bool set = record.what == What::MaskSet;
    return (set ? "set" : "clear") + (" bit " + std::to_string(record.cpu)) + (set ? " in " : " of ") +
           mask_name(outcome, index);
}

std::string life_words(const Record& record) {
    return cpu_name(record.cpu) + " is " + std::string{life_name(static_cast<trace::Life>(record.value))};
}

std::string printed(const Outcome& outcome, const Record& record) {
    std::string text = ascii(outcome.log.text(record));
    while (!text.empty() && (text.back() == '?' || text.back() == ' ')) {
        text.pop_back();  // the line's end
    }
    return "printk: " + text;
}

std::string line_name(const Record& record) {
    switch (static_cast<trace::Line>(record.address)) {
        case trace::Line::IoapicInput:
            return "input " + std::to_string(record.value % 256) + " of I/O APIC " + std::to_string(record.value / 256);
        case trace::Line::InterruptLine:
            return "INTR of the 8259";
        case trace::Line::Nmi:
            return "NMI# of the chipset";
        case trace::Line::Timer:
            break;
    }
    return "the 8254's output";
}

std::string task_end(const Record& record) {
    return record.result == 0 ? "done" : "ends with " + error_words(record.result);
}

std::string_view stuck_name(std::uint64_t kind) { return scenario::name_of(static_cast<scenario::StuckKind>(kind)); }

std::string stuck_words(const Record& record) {
    return record.what == What::StuckEnded ? "goes on" : "stuck (" + std::string{stuck_name(record.value)} + ")";
}

/// "msleep() may sleep": a call that was refused, or what came back with something left.
std::string refusal_words(const std::string& text, const Record& record) {
    if (record.flag) {
        return text + " has returned";
    }
    if ((record.value & HLD_SLEEP_ENABLES) != 0) {
        return text + "()";
    }
    return text + (trace::is_for_tasks_alone(text) ? "() is for tasks alone" : "() may sleep");
}

/// What a record says by its text.
std::string text_words(const Outcome& outcome, const Record& record) {
    if (record.what == What::MessageFaulted) {
        return "the scenario's " + std::string{scenario::name_of(static_cast<scenario::MessageFault>(record.value))} +
               " meets it";
    }
    const std::string& text = outcome.log.text(record);
    switch (record.what) {
        case What::MessageLost:
            return "lost: " + text;
        case What::WaitCompleted:
            return "wait descriptor completes";
        case What::DrainDone:
            return "drained, says the detector";
        case What::Restarted:
            return "restarted, says the detector";
        case What::RunEnded:
            return "end: " + text;
        case What::StillInNmi:
            return "still in the NMI";
        case What::StillInCode:
            return record.context == cpu::Context::Interrupt ? "still in the interrupt" : "has not returned";
        case What::SleepRefused:
            return refusal_words(text, record);
        default:
            return text;
    }
}

}  // namespace

std::string words_of(const Outcome& outcome, std::size_t index) {
    const Record& record = outcome.log.records[index];
    switch (record.what) {
        case What::HopReached:
            return hop_words(outcome.log, index);
        case What::ContextEntered:
        case What::ContextLeft:
        case What::Initialized:
            return context_words(record);
        case What::IretInSmm:
            return "IRET in SMM: NMIs are taken";
        case What::LockWaits:
        case What::LockTaken:
        case What::LockDropped:
            return lock_words(outcome, index);
        case What::LifeChanged:
            return life_words(record);
        case What::HotplugStep:
            return (record.flag ? "up: " : "down: ") + outcome.log.text(record);
        case What::NmiClaimed:
        case What::NmiNotMine:
            return handler_words(outcome, record);
        case What::NmiUnknown:
            return "nobody claims it: unknown NMI";
        case What::NmiIgnored:
            return "CPU is offline: NMI ignored";
        case What::NmiSwallowed:
            return "taken for back-to-back: swallowed";
        case What::Printed:
            return printed(outcome, record);
        case What::TaskBegun:
        case What::EventBegan:
            return event_words(outcome.scenario, record.value);
        case What::TaskEnded:
            return task_end(record);
        case What::DeviceWrite:
        case What::DeviceRead:
            return access_text(outcome.log, index);
        case What::RegisterEffect:
            return effect_text(outcome.log, index);
        case What::TimerMatched:
            return match_words(record);
        case What::MaskSet:
        case What::MaskCleared:
            return mask_words(outcome, index);
        case What::StuckBegan:
        case What::StuckEnded:
            return stuck_words(record);
        case What::LineMoved:
            return line_name(record) + (record.flag ? " rises" : " falls");
        case What::EntryUsed:
        case What::EntryWritten:
            return entry_words(record);
        case What::Invalidated:
            return invalidation_words(record);
        case What::DrainDone:
        case What::Restarted:
        case What::WaitCompleted:
        case What::MessageFaulted:
        case What::MessageLost:
        case What::RequestBlocked:
        case What::Diagnosed:
        case What::SleepRefused:
        case What::StillInNmi:
        case What::StillInCode:
        case What::RunEnded:
            break;
    }
    return text_words(outcome, record);
}

std::string function_of(const Outcome& outcome, std::size_t index) {
    switch (outcome.log.records[index].what) {
        case What::LockWaits:
        case What::LockTaken:
        case What::LockDropped:
        case What::StillInNmi:
        case What::StillInCode:
        case What::NmiUnknown:
        case What::NmiIgnored:
        case What::DeviceWrite:
        case What::DeviceRead:
        case What::MaskSet:
        case What::MaskCleared:
        case What::EntryWritten:
        case What::DrainDone:
        case What::Restarted: {
            const auto found = outcome.places.find(index);
            return found == outcome.places.end() ? "" : found->second.function;
        }
        default:
            return "";
    }
}

std::string place_words(const Outcome& outcome, std::size_t record, bool with_function) {
    const auto found = outcome.places.find(record);
    if (found == outcome.places.end() || found->second.file.empty()) {
        return "";
    }
    const run::Place& place = found->second;
    return place.file + ":" + std::to_string(place.line) +
           (with_function && !place.function.empty() ? " in " + place.function : "");
}

}  // namespace hldsim::report
