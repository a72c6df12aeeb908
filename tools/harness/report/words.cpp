// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/report/words.hpp"

#include "detector/shim/abi.hpp"
#include "tools/harness/report/device.hpp"
#include "tools/harness/report/evidence.hpp"
#include "tools/harness/report/remapper.hpp"
#include "tools/harness/report/text.hpp"

namespace hldsim::report {
namespace {

using run::Outcome;
using trace::Record;
using trace::What;

std::string cpu_words(unsigned cpu) { return "CPU " + std::to_string(cpu); }

std::string last_component(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

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

std::string timer_words(const Record& match) { return "timer " + std::to_string(match.value) + " matches"; }

/// What asked for the interrupt.
std::string match_words(const Record& record) {
    switch (record.token.source) {
        case Source::Hpet:
            return record.what == What::TimerMatched ? timer_words(record) : "timer matches";
        case Source::Ioapic:
            return "pin of the I/O APIC is asserted";
        case Source::Ipi:
            return cpu_words(record.cpu) + " writes its ICR";
        case Source::Perf:
            return "performance counter overflows";
        case Source::Lint1:
            return "LINT1 pin is asserted";
        case Source::Serr:
            return "SERR# is asserted: NMI# of the chipset";
        case Source::Iochk:
            return "IOCHK# is asserted: NMI# of the chipset";
        case Source::LapicTimer:
            return "local timer fires";
        case Source::LapicTimer2:
            return "local timer 2 fires";
        case Source::Remapper:
            return "remapping unit has an event to tell";
        case Source::Pit:
            return "OUT 0 of the 8254 rises";
        case Source::Operator:
        case Source::None:
            break;
    }
    return "interrupt is raised";
}

/// How the request set out. What a local vector table's entry lets pass is no message on a bus.
std::string post_words(const Record& record, const std::string& to) {
    switch (record.token.source) {
        case Source::Ipi:
            return "IPI" + to + " leaves";
        case Source::Lint1:
        case Source::Serr:
        case Source::Iochk:
            return "LINT1's entry says NMI";
        case Source::Perf:
        case Source::LapicTimer2:
            return "its entry says NMI";
        default:
            return record.cpu == trace::NO_CPU ? "message" + to + " leaves" : "its entry lets it pass";
    }
}

std::string hop_words(const Outcome& outcome, std::size_t index) {
    const Record& record = outcome.log.records[index];
    const unsigned target = target_of(outcome.log, record.token);
    const std::string to = target == trace::NO_CPU ? "" : " to " + cpu_words(target);
    switch (record.hop) {
        case Hop::Matched:
            // Which timer it was, its own record says.
            return match_words(outcome.log.records[canonical(outcome.log, index)]);
        case Hop::Posted:
            return post_words(record, to);
        case Hop::Remapped:
            return "message" + to + " is remapped";
        case Hop::Accepted:
            return "local APIC accepts" + std::string{accepted_as(record)};
        case Hop::Taken:
            return record.context == cpu::Context::Interrupt ? "<IRQ>" : "<NMI>";
        case Hop::Returned:
            break;
    }
    return record.context == cpu::Context::Interrupt ? "</IRQ>" : "</NMI>";
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
    return cpu_words(record.cpu) + " is " + std::string{life_name(static_cast<trace::Life>(record.value))};
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

/// What a record says by its text.
std::string text_words(const Outcome& outcome, const Record& record) {
    if (record.what == What::MessageFaulted) {
        return "the scenario's " + std::string{scenario::name_of(static_cast<scenario::MessageFault>(record.value))} +
               " meets it";
    }
    const std::string& text = outcome.log.text(record);
    return record.what == What::MessageLost     ? "lost: " + text
           : record.what == What::WaitCompleted ? "wait descriptor completes"
           : record.what == What::RunEnded      ? "end: " + text
           : record.what == What::StillInNmi    ? "still in the NMI"
           : record.what == What::SleepRefused  ? text + (record.flag                               ? " has returned"
                                                          : (record.value & HLD_SLEEP_ENABLES) != 0 ? "()"
                                                                                                    : "() may sleep")
                                                : text;
}

}  // namespace

std::string Lane::name() const {
    switch (kind) {
        case Kind::Operator:
            return "operator";
        case Kind::Hpet:
            return "HPET";
        case Kind::Remapper:
            return "remapper";
        case Kind::Cpu:
            break;
    }
    return "CPU" + std::to_string(cpu);
}

Lane lane_of(const Outcome& outcome, std::size_t index) {
    const Record& record = outcome.log.records[index];
    const auto on = [](unsigned cpu) {
        return cpu == trace::NO_CPU ? Lane{Lane::Kind::Operator, 0} : Lane{Lane::Kind::Cpu, cpu};
    };
    switch (record.what) {
        case What::TimerMatched:
            return {Lane::Kind::Hpet, 0};
        case What::RegisterEffect: {
            const std::optional<RegisterAt> at = register_at(record.address);
            return at && !at->hpet ? on(record.cpu) : Lane{Lane::Kind::Hpet, 0};
        }
        case What::EntryUsed:
        case What::RequestBlocked:
        case What::Invalidated:
        case What::WaitCompleted:
            return {Lane::Kind::Remapper, 0};
        case What::HopReached:
            if (record.hop == Hop::Remapped) {
                return {Lane::Kind::Remapper, 0};
            }
            return record.hop < Hop::Accepted && record.token.source == Source::Hpet ? Lane{Lane::Kind::Hpet, 0}
                                                                                     : on(record.cpu);
        default:
            return on(record.actor != trace::NO_CPU ? record.actor : record.cpu);
    }
}

std::string words_of(const Outcome& outcome, std::size_t index) {
    const Record& record = outcome.log.records[index];
    switch (record.what) {
        case What::HopReached:
            return hop_words(outcome, index);
        case What::ContextEntered:
        case What::ContextLeft:
        case What::Initialized:
            return context_words(record);
        case What::LockWaits:
            return "spins on " + lock_name(outcome, index);
        case What::LockTaken:
            return (record.flag ? "trylock " : "lock ") + lock_name(outcome, index);
        case What::LockDropped:
            return "unlock " + lock_name(outcome, index);
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
            return timer_words(record);
        case What::MaskSet:
        case What::MaskCleared:
            return mask_words(outcome, index);
        case What::StuckBegan:
        case What::StuckEnded:
            return stuck_words(record);
        case What::DrainDone:
        case What::Restarted:
            return record.what == What::DrainDone ? "drained, says the detector" : "restarted, says the detector";
        case What::LineMoved:
            return line_name(record) + (record.flag ? " rises" : " falls");
        case What::EntryUsed:
        case What::EntryWritten:
            return entry_words(record);
        case What::Invalidated:
            return invalidation_words(record);
        case What::WaitCompleted:
        case What::MessageFaulted:
        case What::MessageLost:
        case What::RequestBlocked:
        case What::Diagnosed:
        case What::SleepRefused:
        case What::StillInNmi:
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

unsigned target_of(const trace::Log& log, Token token) {
    for (const Record& record : log.records) {
        const bool sender = token.source == Source::Ipi && record.hop < Hop::Accepted;
        if (record.what == What::HopReached && record.token.id == token.id && record.cpu != trace::NO_CPU && !sender) {
            return record.cpu;
        }
    }
    return trace::NO_CPU;
}

std::string action_words(const scenario::SimpleAction& action) {
    if (const auto* const hotplug = std::get_if<scenario::Hotplug>(&action)) {
        return std::string{"echo "} + (hotplug->online ? "1" : "0") + " > cpu" +
               std::to_string(hotplug->cpu.value.value) + "/online";
    }
    if (const auto* const file = std::get_if<scenario::WriteFile>(&action)) {
        return "echo " + file->value.value + " > " + last_component(file->file.value);
    }
    if (const auto* const stuck = std::get_if<scenario::Stuck>(&action)) {
        return cpu_words(stuck->cpu.value.value) + " gets stuck (" + std::string{scenario::name_of(stuck->kind)} + ")";
    }
    if (std::holds_alternative<scenario::Smi>(action)) {
        return "SMI";
    }
    if (const auto* const exception = std::get_if<scenario::Exception>(&action)) {
        const std::string cpu = cpu_words(exception->cpu.value.value);
        return exception->at_iret ? "the IRET of " + cpu + "'s next NMI handler faults" : "exception on " + cpu;
    }
    if (const auto* const nmi = std::get_if<scenario::Nmi>(&action)) {
        return "NMI (" + std::string{scenario::name_of(nmi->source)} + ") for " + cpu_words(nmi->cpu.value.value);
    }
    if (const auto* const tsc = std::get_if<scenario::Tsc>(&action)) {
        const std::string counter = "the TSC of " + cpu_words(tsc->cpu.value.value);
        if (tsc->step) {
            return "firmware moves " + counter + " by " + value::exact_text(tsc->step->value);
        }
        return counter + (tsc->stop ? " stops" : " goes on");
    }
    const auto& message = std::get<scenario::Message>(action);
    return "next message of " + std::string{scenario::name_of(message.source)} + ": " +
           std::string{scenario::name_of(message.fault)};
}

std::string event_words(const scenario::Scenario& scenario, std::uint64_t number) {
    if (number == HLD_TASK_BOOT) {
        return "boot";
    }
    if (number == 0 || number > scenario.events.size()) {
        return "event " + std::to_string(number);
    }
    const scenario::Action& action = scenario.events[number - 1].action;
    const auto simple = [&](const auto& one) -> std::string {
        if constexpr (std::is_same_v<std::decay_t<decltype(one)>, scenario::Repeat>) {
            return one.actions.size() == 1 ? action_words(one.actions.front())
                                           : "repeat, event " + std::to_string(number);
        } else {
            return action_words(one);
        }
    };
    return std::visit(simple, action);
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
