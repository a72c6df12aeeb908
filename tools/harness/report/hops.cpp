// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/report/hops.hpp"

#include <set>

#include "tools/harness/report/names.hpp"

namespace hldsim::report {

using trace::Log;
using trace::Record;
using trace::What;

namespace {

/// " to CPU 2", or " to 4 CPUs" of a broadcast.
std::string to_whom(const Log& log, Token token) {
    std::set<unsigned> takers;
    for (const Record& record : log.records) {
        if (record.what == What::HopReached && record.token.id == token.id && record.hop == Hop::Accepted) {
            takers.insert(record.cpu);
        }
    }
    const unsigned target = target_of(log, token);
    return takers.size() > 1         ? " to " + std::to_string(takers.size()) + " CPUs"
           : target == trace::NO_CPU ? ""
                                     : " to " + cpu_name(target);
}

/// What asked for the interrupt.
std::string source_words(const Record& record) {
    switch (record.token.source) {
        case Source::Hpet:
            return record.what == What::TimerMatched ? match_words(record) : "timer matches";
        case Source::Ioapic:
            return "pin of the I/O APIC is asserted";
        case Source::Ipi:
            return cpu_name(record.cpu) + " writes its ICR";
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

}  // namespace

std::size_t canonical(const Log& log, std::size_t index) {
    constexpr std::size_t NEAR = 16;
    const Record& record = log.records[index];
    if (record.what != What::HopReached) {
        return index;
    }
    const auto search = [&](What what, std::size_t from, auto fits) {
        for (std::size_t i = from; i < log.records.size() && i < index + NEAR; ++i) {
            if (log.records[i].what == what && fits(log.records[i])) {
                return i;
            }
        }
        return index;
    };
    const auto same_cpu = [&](const Record& r) { return r.actor == record.cpu && r.at == record.at; };
    switch (record.hop) {
        case Hop::Matched:
            return search(What::TimerMatched, index < NEAR ? 0 : index - NEAR,
                          [&](const Record& r) { return r.token.id == record.token.id; });
        case Hop::Taken:
            return search(What::ContextEntered, index, same_cpu);
        case Hop::Returned:
            return search(What::ContextLeft, index, same_cpu);
        default:
            return index;
    }
}

std::vector<std::size_t> hops_of(const Log& log, Token token) {
    std::vector<std::size_t> hops;
    for (std::size_t i = 0; token && i < log.records.size(); ++i) {
        if (log.records[i].what == What::HopReached && log.records[i].token.id == token.id) {
            hops.push_back(i);
        }
    }
    return hops;
}

unsigned target_of(const Log& log, Token token) {
    for (const Record& record : log.records) {
        const bool sender = token.source == Source::Ipi && record.hop < Hop::Accepted;
        if (record.what == What::HopReached && record.token.id == token.id && record.cpu != trace::NO_CPU && !sender) {
            return record.cpu;
        }
    }
    return trace::NO_CPU;
}

std::string match_words(const Record& match) { return "timer " + std::to_string(match.value) + " matches"; }

std::string hop_words(const Log& log, std::size_t index) {
    const Record& record = log.records[index];
    const std::string to = to_whom(log, record.token);
    switch (record.hop) {
        case Hop::Matched:
            // Which timer it was, its own record says.
            return source_words(log.records[canonical(log, index)]);
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

std::string_view accepted_as(const Record& accepted) {
    switch (static_cast<DeliveryMode>(accepted.value)) {
        case DeliveryMode::Smi:
            return " SMI";
        case DeliveryMode::Init:
            return " INIT";
        case DeliveryMode::Sipi:
            return " SIPI";
        default:
            return "";
    }
}

}  // namespace hldsim::report
