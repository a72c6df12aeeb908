// SPDX-License-Identifier: Apache-2.0
// Every NMI in every trace of scenarios/ has all its hops, or a record says where its way ended; what lies between two
// hops are rows of the scenario's profile.
#include <algorithm>
#include <map>

#include "models/base/clock_domain.hpp"
#include "tests/support/catch.hpp"
#include "tools/harness/execute/execute.hpp"
#include "tools/harness/installation.hpp"
#include "tools/harness/scenario/files.hpp"

using namespace hldsim;
using trace::Record;
using trace::What;

namespace {

/// An NMI or SMI handler of one CPU, from entry to return; Task: in which the CPU is stuck.
struct Span {
    cpu::Context context;
    Instant from;
    Instant to = Instant::never();
    Instant opened = Instant::never();  // an IRET, or RSM, has unblocked NMIs although it goes on; at the latest `to`
};

struct CpuStory {
    std::vector<Span> handlers;
    std::vector<std::pair<Instant, trace::Life>> lives;

    /// Does its local APIC accept for a CPU that executes nothing?
    bool is_off(Instant at) const {
        const auto later = std::find_if(lives.begin(), lives.end(), [&](const auto& life) { return life.first > at; });
        const trace::Life life = later == lives.begin() ? trace::Life::WaitForSipi : std::prev(later)->second;
        return life == trace::Life::Dead || life == trace::Life::WaitForSipi || life == trace::Life::Coming;
    }
};

struct Trail {
    Token token;
    std::vector<const Record*> hops;
    const Record* stopped = nullptr;  // blocked by the remapper, or lost
    std::vector<bool> cached;         // of each entry that the remapper used
    unsigned size() const { return static_cast<unsigned>(hops.size()); }
    const Record& last() const { return *hops.back(); }
    const Record* at(Hop hop) const {
        const auto found = std::find_if(hops.begin(), hops.end(), [&](const Record* r) { return r->hop == hop; });
        return found == hops.end() ? nullptr : *found;
    }
};

/// One run with what it shows of its CPUs and tokens, and the rows that it was made with.
struct Trace {
    Trace(const run::Outcome& outcome, const profile::Profile& profile)
        : timing{profile.timing},
          core{ClockDomain::of_frequency(profile.core)},
          end{outcome.end},
          ended{outcome.log.ended_at},
          nmi_passes{outcome.scenario.machine.remapping.value_or(profile.remapping) == scenario::Remapping::Amd} {
        cpus.resize(outcome.log.cpus);
        for (const scenario::Event& event : outcome.scenario.events) {
            if (const auto* const smi = std::get_if<scenario::Smi>(&event.action); smi != nullptr && smi->iret_after) {
                iret_in_smm = row(Row::SmmEntryExit) + Duration{smi->iret_after->value.amount};
            }
        }
        for (const Record& record : outcome.log.records) {
            add(record);
        }
    }

    void add(const Record& record) {
        switch (record.what) {
            case What::HopReached:
                trails[record.token.id].hops.push_back(&record);
                break;
            case What::RequestBlocked:
            case What::MessageLost:
                trails[record.token.id].stopped = &record;
                break;
            case What::EntryUsed:
                trails[record.token.id].cached.push_back(record.flag);
                break;
            case What::ContextEntered:
                if (record.context != cpu::Context::Interrupt) {
                    cpus[record.cpu].handlers.push_back({record.context, record.at});
                }
                if (record.context == cpu::Context::Smm && iret_in_smm) {
                    open(record.cpu, record.at + *iret_in_smm);
                }
                unblocked(record);
                break;
            case What::ContextLeft:
                left(record);
                unblocked(record);
                break;
            case What::StuckBegan:
            case What::StuckEnded:
                stuck(record);
                break;
            case What::LifeChanged:
                cpus[record.cpu].lives.emplace_back(record.at, static_cast<trace::Life>(record.value));
                break;
            case What::LineMoved:
                lines.push_back(record.at);
                break;
            default:
                break;
        }
        if (record.token) {
            trails[record.token.id].token = record.token;
        }
    }

    // A CPU that is stuck in a handler is as one that has entered it: neither has a context of its own in the log.
    void stuck(const Record& record) {
        const auto kind = static_cast<cpu::StuckKind>(record.value);
        if (record.what == What::StuckEnded) {
            left(record);
        } else if (kind == cpu::StuckKind::InNmi || kind == cpu::StuckKind::InSmm) {
            cpus[record.cpu].handlers.push_back({record.context, record.at});
        }
    }

    /// What runs on that CPU keeps no NMI out from then on.
    void open(unsigned cpu, Instant at) {
        for (Span& span : cpus[cpu].handlers) {
            if (span.to == Instant::never()) {
                span.opened = std::min(span.opened, at);
            }
        }
    }

    // CPU-3, CPU-4, CPU-13: an exception returns, an IRET has faulted, RSM.
    void unblocked(const Record& record) {
        const bool exception = record.context == cpu::Context::Interrupt && record.value < 32;
        const bool rsm = record.context == cpu::Context::Smm && record.what == What::ContextLeft;
        if (!record.flag && (exception || rsm)) {
            open(record.cpu, record.at);
        }
    }

    void left(const Record& record) {
        std::vector<Span>& handlers = cpus[record.cpu].handlers;
        const auto open = std::find_if(handlers.rbegin(), handlers.rend(), [&](const Span& span) {
            return span.context == record.context && span.to == Instant::never();
        });
        if (open != handlers.rend()) {
            open->to = record.at;
            open->opened = std::min(open->opened, record.at);
        }
    }

    Duration row(Row row) const { return timing.duration(row); }
    Instant on_core_edge(Instant at) const { return core.edge(core.first_at(at)); }

    Timing timing;
    ClockDomain core;
    cpu::End end;
    Instant ended;
    bool nmi_passes;
    std::optional<Duration> iret_in_smm;  // behind the entry
    std::vector<CpuStory> cpus;
    std::vector<Instant> lines;
    std::map<std::uint32_t, Trail> trails;
};

bool is_nmi(const Trace& trace, const Trail& trail) {
    switch (trail.token.source) {
        case Source::Hpet:
        case Source::Lint1:
        case Source::Serr:
        case Source::Iochk:
        case Source::Perf:
        case Source::LapicTimer2:
            return true;
        default:
            break;
    }
    const Record* const taken = trail.at(Hop::Taken);
    return taken != nullptr &&
           std::any_of(trace.cpus[taken->cpu].handlers.begin(), trace.cpus[taken->cpu].handlers.end(),
                       [&](const Span& span) { return span.context == cpu::Context::Nmi && span.from == taken->at; });
}

// ---- rows between two hops

using Durations = std::vector<Duration>;

Durations to_apic(const Trace& trace, const Trail& trail) {
    const Duration accept = trace.row(Row::LapicAccept);
    const Duration message = trace.row(Row::MsiRootToLapic) + accept;
    switch (trail.token.source) {
        case Source::Hpet:
            break;
        case Source::Ipi:
            return {trace.row(Row::IpiWire) + accept,
                    trace.row(Row::IpiWire) + trace.row(Row::IpiCrossSocketAdd) + accept};
        default:
            return {accept};  // of a CPU's own sources and of pins
    }
    if (trail.at(Hop::Remapped) != nullptr) {
        return {message};
    }
    const Duration sum = trace.row(Row::MsiDeviceToRoot) + message;
    if (trace.nmi_passes) {  // the unit looks at the device's entry and lets the NMI pass: no hop of its own
        return {sum + trace.row(Row::VtdIecHit), sum + trace.row(Row::VtdIecMiss)};
    }
    return {sum};
}

Durations between(const Trace& trace, const Trail& trail, Hop earlier, Hop later) {
    if (later == Hop::Posted) {
        return {trail.token.source == Source::Hpet ? trace.row(Row::HpetMatchToMsi) : Duration{}};
    }
    if (later == Hop::Remapped) {
        REQUIRE(trail.cached.size() == 1);
        return {trace.row(Row::MsiDeviceToRoot) + trace.row(trail.cached[0] ? Row::VtdIecHit : Row::VtdIecMiss)};
    }
    REQUIRE(later == Hop::Accepted);
    REQUIRE(earlier < Hop::Accepted);
    return to_apic(trace, trail);
}

bool is_one_of(const Durations& sums, Duration length) {
    // A clock's edge is rounded up to 1 fs.
    return std::any_of(sums.begin(), sums.end(), [&](Duration sum) { return std::abs((sum - length).fs) <= 1; });
}

/// The end of what keeps the NMI out at `at`: an NMI or SMI handler that runs there, and those that follow at once.
Instant behind_handlers(const Trace& trace, unsigned cpu, Instant at) {
    Instant free = at;
    for (const Span& span : trace.cpus[cpu].handlers) {
        if (span.from < free && free < span.opened) {
            free = span.opened;
        }
    }
    return free;
}

/// Is that wait made of rows? A CPU that executes takes the NMI at its next boundary, one that sleeps behind the exit.
bool taken_in_time(const Trace& trace, unsigned cpu, Instant accepted, Instant taken) {
    const Instant due = accepted + trace.row(Row::CpuEventBoundary);
    for (const Row exit : {Row::CpuCstateExitC1, Row::CpuCstateExitC1e, Row::CpuCstateExitC6, Row::CpuCstateExitC10}) {
        if (taken == trace.on_core_edge(due + trace.row(exit))) {
            return true;
        }
    }
    // The longest instruction is a read from a device.
    const auto at_once_from = [&](Instant free) {
        return free <= taken && taken <= trace.on_core_edge(free) + trace.row(Row::HpetRead);
    };
    if (behind_handlers(trace, cpu, due) == due) {
        return at_once_from(due);
    }
    const std::vector<Span>& handlers = trace.cpus[cpu].handlers;
    return std::any_of(handlers.begin(), handlers.end(),
                       [&](const Span& span) { return due < span.opened && at_once_from(span.opened); });
}

void check_taken(const Trace& trace, const Trail& trail) {
    const Record* const accepted = trail.at(Hop::Accepted);
    const Record* const taken = trail.at(Hop::Taken);
    CHECK(accepted->cpu == taken->cpu);
    if (taken_in_time(trace, taken->cpu, accepted->at, taken->at)) {
        return;
    }
    // It came to a latch that held another one by then: both are taken at the first one's boundary.
    const bool merged = std::any_of(trace.trails.begin(), trace.trails.end(), [&](const auto& other) {
        const Record* const its = other.second.at(Hop::Taken);
        return its != nullptr && its->at == taken->at && its->cpu == taken->cpu && its->token.id != taken->token.id &&
               other.second.at(Hop::Accepted)->at < accepted->at &&
               taken_in_time(trace, its->cpu, other.second.at(Hop::Accepted)->at, its->at);
    });
    CHECK(merged);
}

void check_returned(const Trace& trace, const Trail& trail) {
    const Record* const taken = trail.at(Hop::Taken);
    const std::vector<Span>& handlers = trace.cpus[taken->cpu].handlers;
    const auto own = std::find_if(handlers.begin(), handlers.end(), [&](const Span& span) {
        return span.context == cpu::Context::Nmi && span.from == taken->at;
    });
    if (own == handlers.end()) {
        CHECK(trace.end == cpu::End::TripleFault);  // CPU-16: it came before the CPU had loaded an IDT
    } else if (const Record* const returned = trail.at(Hop::Returned)) {
        CHECK(returned->at == own->to);
        const bool in_smm = std::any_of(handlers.begin(), handlers.end(), [&](const Span& span) {
            return span.context == cpu::Context::Smm && span.from < taken->at && taken->at < span.to;
        });
        const Duration least = in_smm ? Duration{} : trace.row(Row::CpuNmiEntrySw) + trace.row(Row::CpuNmiExitSw);
        CHECK(returned->at - taken->at > least);
    } else {
        CHECK(own->to == Instant::never());  // the run ends in the handler
    }
}

// ---- where a way ends

void check_end(const Trace& trace, const Trail& trail) {
    if (trail.stopped != nullptr) {
        CHECK(trail.stopped->at >= trail.last().at);
        CHECK(trail.last().hop < Hop::Accepted);
        return;
    }
    switch (trail.last().hop) {
        case Hop::Matched:  // the timer drives a pin, and the I/O APIC sends no message for it
            CHECK(std::count(trace.lines.begin(), trace.lines.end(), trail.last().at) > 0);
            return;
        case Hop::Posted:
        case Hop::Remapped:  // the run ends while it is on its way
            CHECK(trace.ended < trail.last().at + trace.row(Row::MsiDeviceToRoot) + trace.row(Row::VtdIecMiss) +
                                    trace.row(Row::MsiRootToLapic) + trace.row(Row::LapicAccept));
            return;
        case Hop::Accepted: {
            const Instant due = trail.last().at + trace.row(Row::CpuEventBoundary);
            const bool waits_for_handler = behind_handlers(trace, trail.last().cpu, due) == Instant::never();
            const bool off = trace.cpus[trail.last().cpu].is_off(trail.last().at);
            CHECK((waits_for_handler || off || trace.ended < due + trace.row(Row::CpuCstateExitC10)));
            return;
        }
        case Hop::Taken:
        case Hop::Returned:
            return;
    }
}

void check_way(const Trace& trace, const Trail& trail) {
    for (unsigned i = 1; i < trail.size(); ++i) {
        const Record& earlier = *trail.hops[i - 1];
        const Record& later = *trail.hops[i];
        CHECK(earlier.hop < later.hop);
        if (later.hop <= Hop::Accepted) {
            const Duration length = later.at - earlier.at;
            INFO("hop " << static_cast<int>(later.hop) << " after " << length.fs << " fs");
            CHECK(is_one_of(between(trace, trail, earlier.hop, later.hop), length));
        }
    }
    if (trail.at(Hop::Taken) != nullptr) {
        check_taken(trace, trail);
        check_returned(trace, trail);
    }
    check_end(trace, trail);
}

}  // namespace

TEST_CASE("every NMI of every scenario has all its hops, and rows of the profile lie between them", "[hops]") {
    std::map<Hop, unsigned> ends;
    std::map<Source, unsigned> sources;
    for (const std::string& file : scenario::files({std::string{HLDSIM_SOURCE_DIR} + "/scenarios"})) {
        for (const scenario::Scenario& scenario : scenario::load(file, {})) {
            const run::Outcome outcome = execute::execute(scenario, {});
            const Trace trace{outcome, profile::load(scenario.machine, installation::profiles())};
            for (const auto& [id, trail] : trace.trails) {
                if (trail.hops.empty() || !is_nmi(trace, trail)) {
                    continue;
                }
                INFO(file << ", token " << id << ", which " << trail.size() << " hops are known of");
                check_way(trace, trail);
                ++ends[trail.last().hop];
                ++sources[trail.token.source];
            }
        }
    }
    CHECK(ends[Hop::Returned] > 5'000);
    CHECK(ends[Hop::Accepted] > 0);
    for (const Source source :
         {Source::Hpet, Source::Ipi, Source::Perf, Source::Lint1, Source::Serr, Source::LapicTimer2}) {
        CHECK(sources[source] > 0);
    }
}
