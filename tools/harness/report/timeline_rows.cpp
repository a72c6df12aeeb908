// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/report/timeline_rows.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "detector/shim/abi.hpp"
#include "tools/harness/report/device.hpp"
#include "tools/harness/report/hops.hpp"

namespace hldsim::report {
namespace {

using run::Outcome;
using trace::Record;
using trace::What;

constexpr std::size_t FIRST_AROUND = 40;         // records before and after each piece of evidence of the first finding
constexpr std::size_t BEFORE_EVENT = 8;          // records before an event that hits at once
constexpr Duration AFTER_EVENT{10'000'000'000};  // 10 us
constexpr std::size_t OTHERS_AROUND = 6;
constexpr std::uint64_t WARNING = 4;       // KERN_WARNING and worse are told wherever they are ...
constexpr std::size_t WARNINGS = 8;        // ... the first of them: faults come in floods
constexpr std::size_t PRINTED = 40;        // lines of a run
constexpr std::size_t BROUGHT_ABOUT = 60;  // rows of one event ...
constexpr std::size_t OF_ALL = 160;        // ... and of all of them together
constexpr std::size_t AT_LEAST = 8;
constexpr std::size_t FIRST_ROUND = 5;  // NMIs of a run in which nothing is to be seen else

const scenario::Action* action_of(const Outcome& outcome, const Record& record) {
    const auto& events = outcome.scenario.events;
    return record.what == What::EventBegan && record.value >= 1 && record.value <= events.size()
               ? &events[record.value - 1].action
               : nullptr;
}

// An event that hits at once, and no task and no condition that lasts: what comes of it is what the scenario is about.
bool hits_at_once(const scenario::Action& action) {
    return !std::holds_alternative<scenario::Hotplug>(action) && !std::holds_alternative<scenario::WriteFile>(action) &&
           !std::holds_alternative<scenario::Stuck>(action) && !std::holds_alternative<scenario::Repeat>(action);
}

void keep_around(const Outcome& outcome, std::size_t event, std::vector<bool>& keep) {
    const std::vector<Record>& records = outcome.log.records;
    const Instant end = records[event].at + AFTER_EVENT;
    const std::size_t begin = event > BEFORE_EVENT ? event - BEFORE_EVENT : 0;
    for (std::size_t i = begin; i < std::min(records.size(), event + FIRST_AROUND); ++i) {
        keep[i] = keep[i] || records[i].at <= end;
    }
}

// What an operator asks for and what the detector does, without the kernel's daily business.
bool tells(const Record& record) {
    switch (record.what) {
        case What::HopReached:
            return record.token.source == Source::Hpet;
        case What::ContextEntered:
        case What::ContextLeft:
            return record.context == cpu::Context::Nmi || record.context == cpu::Context::Smm;
        case What::EntryUsed:
        case What::Invalidated:
        case What::WaitCompleted:
        case What::LockWaits:
        case What::LineMoved:
        case What::DeviceRead:
            return false;
        default:
            return true;
    }
}

// The last word of what was asked: it is drawn even where the rows before it are too many.
bool ends_something(const Record& record) {
    return record.what == What::LifeChanged || record.what == What::TaskEnded || record.what == What::StuckEnded;
}

// What an event has brought about: until its task or its stuckness has ended, and an NMI has gone through after that.
class Consequences {
public:
    Consequences(const Outcome& outcome, std::vector<bool>& keep) : outcome_{outcome}, keep_{keep} {
        const auto& records = outcome.log.records;
        const auto events = static_cast<std::size_t>(
            std::count_if(records.begin(), records.end(), [](const Record& r) { return r.what == What::EventBegan; }));
        room_ = std::min(BROUGHT_ABOUT, std::max(AT_LEAST, OF_ALL / std::max<std::size_t>(1, events)));
    }

    void of(std::size_t event) {
        keep_nmi_before(event);
        const auto& records = outcome_.log.records;
        const std::size_t end = end_of(event);
        const bool lasts = end == records.size();
        bool returned = false;
        std::size_t rows = 0;
        for (std::size_t i = event + 1; i < records.size() && !(i > end && returned); ++i) {
            const Record& record = records[i];
            if (record.what == What::EventBegan && record.at != records[event].at) {
                break;  // from there on it is told with the other one
            }
            returned = i > end && record.what == What::ContextLeft && record.context == cpu::Context::Nmi;
            if (!tells(record) || !drawn(record) || keep_[i]) {
                continue;
            }
            keep_[i] = rows < (lasts ? std::min(room_, BRIEF) : room_) || ends_something(record);
            rows += keep_[i] ? 1 : 0;
        }
    }

private:
    static constexpr std::size_t BRIEF = 24;  // of what never ends: it is always the same

    // The last one that was taken: where the detector stood.
    void keep_nmi_before(std::size_t event) {
        const auto& records = outcome_.log.records;
        std::size_t rows = 0;
        for (std::size_t i = event; i-- > 0 && rows < AT_LEAST;) {
            if (records[i].what == What::EventBegan) {
                return;
            }
            if (tells(records[i]) && drawn(records[i])) {
                keep_[i] = true;
                ++rows;
                if (records[i].what == What::TimerMatched) {
                    return;
                }
            }
        }
    }

    std::size_t end_of(std::size_t event) const {
        const auto& records = outcome_.log.records;
        const scenario::Action* const action = action_of(outcome_, records[event]);
        const auto* const stuck = action == nullptr ? nullptr : std::get_if<scenario::Stuck>(action);
        if (action == nullptr || hits_at_once(*action)) {
            return event;
        }
        for (std::size_t i = event + 1; i < records.size(); ++i) {
            const Record& later = records[i];
            if (stuck != nullptr ? later.what == What::StuckEnded && later.cpu == stuck->cpu.value.value
                                 : later.what == What::TaskEnded && later.value == records[event].value) {
                return i;
            }
        }
        return records.size();
    }

    const Outcome& outcome_;
    std::vector<bool>& keep_;
    std::size_t room_ = 0;
};

// All lines after boot; those of boot, too, where the scenario expects lines or boot has failed.
void keep_printed(const Outcome& outcome, std::vector<bool>& keep) {
    const auto& records = outcome.log.records;
    const bool boots = std::any_of(records.begin(), records.end(), [](const Record& record) {
        return record.what == What::TaskEnded && record.value == HLD_TASK_BOOT && record.result == 0;
    });
    bool booted = !boots || !outcome.scenario.expect.prints.empty();
    std::size_t warnings = 0;
    std::size_t lines = 0;
    for (std::size_t i = 0; i < keep.size(); ++i) {
        const Record& record = outcome.log.records[i];
        booted = booted || (record.what == What::TaskEnded && record.value == HLD_TASK_BOOT);
        if (record.what == What::Printed) {
            const bool warns = record.value <= WARNING && ++warnings <= WARNINGS;
            const bool told = booted && ++lines <= PRINTED;
            keep[i] = keep[i] || warns || told;
        }
    }
}

void keep_findings(const Outcome& outcome, std::vector<bool>& keep, std::vector<bool>& evidence) {
    const std::size_t count = keep.size();
    for (const check::Finding& finding : outcome.findings) {
        const std::size_t around = &finding == &outcome.findings.front() ? FIRST_AROUND : OTHERS_AROUND;
        for (const std::size_t record : finding.evidence) {
            const std::size_t begin = record > around ? record - around : 0;
            for (std::size_t i = begin; i < std::min(count, record + around); ++i) {
                keep[i] = true;
            }
            if (record < count) {
                evidence[record] = true;
            }
        }
    }
}

// The first NMI of each CPU that takes one, from its match to its return: so it goes as long as nothing happens.
void keep_first_round(const Outcome& outcome, std::vector<bool>& keep) {
    const auto& log = outcome.log;
    std::map<unsigned, std::size_t> entries;  // by CPU
    for (std::size_t hop = 0; hop < log.records.size(); ++hop) {
        const Record& taken = log.records[hop];
        const std::size_t entry = canonical(log, hop);
        if (taken.what != What::HopReached || taken.hop != Hop::Taken ||
            log.records[entry].context != cpu::Context::Nmi ||
            (entries.size() == FIRST_ROUND && entries.count(taken.cpu) == 0) ||
            entries.try_emplace(taken.cpu, entry).first->second != entry) {
            continue;
        }
        std::size_t end = std::min(log.records.size(), entry + FIRST_AROUND) - 1;
        for (const std::size_t reached : hops_of(log, taken.token)) {
            const std::size_t stands = canonical(log, reached);
            keep[stands] = true;
            end = log.records[reached].hop == Hop::Returned ? stands : end;
        }
        for (std::size_t i = 0; i < log.records.size(); ++i) {
            const bool within = entry <= i && i <= end && log.records[i].actor == taken.cpu;
            if (within || (log.records[i].what == What::EntryUsed && log.records[i].token.id == taken.token.id)) {
                keep[i] = true;
                keep[log.records[i].what == What::DeviceWrite ? effect_of(log, i) : i] = true;
            }
        }
    }
}

// What came before an end that nobody asked for.
void keep_last(const Outcome& outcome, std::vector<bool>& keep) {
    std::size_t rows = 0;
    for (std::size_t i = keep.size(); i-- > 0 && rows < AT_LEAST;) {
        if (drawn(outcome.log.records[i])) {
            keep[i] = true;
            ++rows;
        }
    }
}

// Lines of the kernel draw no lane.
bool draws_nothing(const Outcome& outcome, const std::vector<bool>& keep) {
    for (std::size_t i = 0; i < keep.size(); ++i) {
        if (keep[i] && outcome.log.records[i].what != What::Printed) {
            return false;
        }
    }
    return true;
}

}  // namespace

// Locks and the local APICs' registers are the kernel's daily business, unless a finding names them.
bool drawn(const Record& record) {
    switch (record.what) {
        case What::HopReached:
            return record.hop != Hop::Taken && record.hop != Hop::Returned && record.hop != Hop::Matched;
        case What::LockTaken:
        case What::LockDropped:
        case What::EntryWritten:
        case What::StillInNmi:
        case What::StillInCode:
        case What::RunEnded:
            return false;
        case What::DeviceWrite:
        case What::DeviceRead: {
            const std::optional<RegisterAt> at = register_at(record.address);
            return at && at->hpet;
        }
        default:
            return true;
    }
}

std::vector<bool> wanted_rows(const Outcome& outcome) {
    const std::vector<Record>& records = outcome.log.records;
    const std::size_t count = records.size();
    std::vector<bool> keep(count, count <= 2 * FIRST_AROUND);
    std::vector<bool> evidence(count, false);
    keep_findings(outcome, keep, evidence);
    Consequences consequences{outcome, keep};
    for (std::size_t i = 0; i < count; ++i) {
        if (records[i].what != What::EventBegan) {
            continue;
        }
        const scenario::Action* const action = action_of(outcome, records[i]);
        if (action != nullptr && hits_at_once(*action)) {
            keep_around(outcome, i, keep);
        }
        if (outcome.findings.empty()) {
            consequences.of(i);
        }
    }
    keep_printed(outcome, keep);
    if (outcome.end != cpu::End::Time && outcome.findings.empty()) {
        keep_last(outcome, keep);
    }
    if (draws_nothing(outcome, keep)) {
        keep_first_round(outcome, keep);
    }
    for (std::size_t i = 0; i < count; ++i) {
        keep[i] = (keep[i] && drawn(records[i])) || evidence[i] || records[i].what == What::EventBegan ||
                  records[i].what == What::StuckBegan;
    }
    return keep;
}

}  // namespace hldsim::report
