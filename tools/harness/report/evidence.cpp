// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/report/evidence.hpp"

#include <algorithm>

#include "tools/harness/report/device.hpp"
#include "tools/harness/report/hops.hpp"
#include "tools/harness/report/nesting.hpp"
#include "tools/harness/report/rows.hpp"

namespace hldsim::report {
namespace {

using run::Outcome;
using trace::Log;
using trace::Record;
using trace::What;
using Indices = std::vector<std::size_t>;

void sort_by_time(const Log& log, Indices& records) {
    std::sort(records.begin(), records.end(), [&](std::size_t a, std::size_t b) {
        const Instant at = log.records[a].at;
        const Instant bt = log.records[b].at;
        return at != bt ? at < bt : a < b;
    });
    records.erase(std::unique(records.begin(), records.end()), records.end());
}

bool writes_hpet(const Record& record) {
    const std::optional<RegisterAt> at =
        record.what == What::DeviceWrite ? register_at(record.address) : std::optional<RegisterAt>{};
    return at && at->hpet;
}

class Chooser {
public:
    Chooser(const Outcome& outcome, const check::Finding& finding, std::size_t limit)
        : outcome_{outcome}, log_{outcome.log}, finding_{finding}, limit_{limit} {}

    Chosen run() {
        chosen_.cpus = {finding_.cpu, target_of(log_, finding_.token)};
        take_evidence();
        add_mask_change();
        const Indices evidence = chosen_.records;
        for (const std::size_t record : evidence) {
            add_contexts(record);
        }
        add_token();
        add_lives();
        for (const std::size_t record : evidence) {
            add_causes(record);
        }
        add_request();
        add_between(evidence);
        sort_by_time(log_, chosen_.records);
        return chosen_;
    }

private:
    bool add(Indices group) {
        Indices more = chosen_.records;
        more.insert(more.end(), group.begin(), group.end());
        sort_by_time(log_, more);
        if (rows_of(outcome_, more).size() > limit_) {
            return false;
        }
        chosen_.records = std::move(more);
        return true;
    }

    void take_evidence() {
        Indices evidence;
        for (const std::size_t record : finding_.evidence) {
            if (record < log_.records.size()) {
                evidence.push_back(canonical(log_, record));
            }
        }
        sort_by_time(log_, evidence);
        chosen_.central = central_of(evidence);
        if (chosen_.central) {
            add({*chosen_.central});
        }
        // What led to it and how it ended tell more than the middle.
        while (!evidence.empty()) {
            const bool from_end = chosen_.records.size() % 2 == 1;
            const std::size_t next = from_end ? evidence.back() : evidence.front();
            evidence.erase(from_end ? evidence.end() - 1 : evidence.begin());
            if (std::find(chosen_.records.begin(), chosen_.records.end(), next) == chosen_.records.end() &&
                !add({next})) {
                ++chosen_.left_out;
            }
        }
    }

    std::optional<std::size_t> central_of(const Indices& evidence) const {
        const auto first = [&](auto wanted) -> std::optional<std::size_t> {
            const auto found = std::find_if(evidence.begin(), evidence.end(),
                                            [&](std::size_t record) { return wanted(log_.records[record]); });
            return found == evidence.end() ? std::nullopt : std::optional<std::size_t>{*found};
        };
        if (const auto own =
                first([&](const Record& r) { return r.what == What::MaskCleared && r.cpu == finding_.cpu; })) {
            return own;
        }
        for (const What what : {What::MaskCleared, What::LockWaits, What::StuckBegan, What::DrainDone}) {
            if (const auto found = first([&](const Record& r) { return r.what == what; })) {
                return found;
            }
        }
        if (const auto stuck = stuck_behind()) {
            return stuck;
        }
        if (const auto hop = last_hop_of_chain(evidence)) {
            return hop;
        }
        const std::size_t where = finding_.where < log_.records.size() ? canonical(log_, finding_.where) : 0;
        const What here = log_.records[where].what;
        if (here == What::StillInNmi ||
            here == What::StillInCode) {  // the source is where it stands, zero its beginning
            if (const auto entry = first([&](const Record& r) {
                    return r.what == What::ContextEntered && r.cpu == log_.records[where].cpu;
                })) {
                return entry;
            }
        }
        if (std::find(evidence.begin(), evidence.end(), where) != evidence.end()) {
            return where;
        }
        return evidence.empty() ? std::nullopt : std::optional<std::size_t>{evidence.front()};
    }

    // That the chain has broken shows long after its last NMI: where that one got to is what matters.
    std::optional<std::size_t> last_hop_of_chain(const Indices& evidence) const {
        std::optional<std::size_t> last;
        if (finding_.hazard == "rotation-chain-break") {
            for (const std::size_t hop : hops_of(log_, finding_.token)) {
                const std::size_t record = canonical(log_, hop);
                if (std::find(evidence.begin(), evidence.end(), record) != evidence.end()) {
                    last = record;
                }
            }
        }
        return last;
    }

    template <typename Wanted>
    std::optional<std::size_t> last_before(Instant at, Wanted wanted) const {
        std::optional<std::size_t> found;
        for (std::size_t i = 0; i < log_.records.size(); ++i) {
            const Record& record = log_.records[i];
            if (record.at <= at && wanted(record) && (!found || log_.records[*found].at <= record.at)) {
                found = i;
            }
        }
        return found;
    }

    // The finding's CPU, or the one that should have taken its NMI, is stuck: since when? An NMI that was taken is
    // another story.
    std::optional<std::size_t> stuck_behind() const {
        Instant until = finding_.at;
        for (const std::size_t hop : hops_of(log_, finding_.token)) {
            if (log_.records[hop].hop == Hop::Taken) {
                return std::nullopt;
            }
            until = std::min(until, log_.records[hop].at);
        }
        const auto of_finding = [&](const Record& r) { return r.cpu == chosen_.cpus[0] || r.cpu == chosen_.cpus[1]; };
        const auto began =
            last_before(finding_.at, [&](const Record& r) { return r.what == What::StuckBegan && of_finding(r); });
        const bool ended = began && last_before(until, [&](const Record& r) {
                               return r.what == What::StuckEnded && r.cpu == log_.records[*began].cpu &&
                                      r.at > log_.records[*began].at;
                           });
        return ended ? std::nullopt : began;
    }

    // The CPU has left the mask: since when?
    void add_mask_change() {
        if (!finding_.phase || *finding_.phase == trace::Life::Up || *finding_.phase == trace::Life::Coming) {
            return;
        }
        const auto cleared = last_before(
            finding_.at, [&](const Record& r) { return r.what == What::MaskCleared && r.cpu == finding_.cpu; });
        if (cleared && add({*cleared}) &&
            (!chosen_.central || log_.records[*chosen_.central].what != What::MaskCleared)) {
            chosen_.central = cleared;
        }
    }

    void add_contexts(std::size_t record) {
        Indices group;
        if (log_.records[record].what == What::ContextEntered) {
            group.push_back(record);
        } else if (log_.records[record].what != What::ContextLeft) {
            group = entries_around(log_, record);
        }
        const Indices entries = group;
        for (const std::size_t entry : entries) {
            if (const auto left = exit_of(log_, entry)) {
                group.push_back(*left);
            }
        }
        add(group);
    }

    void add_token() {
        Indices way;
        Indices taken;
        for (const std::size_t hop : hops_of(log_, finding_.token)) {
            const Hop to = log_.records[hop].hop;
            if (to == Hop::Taken || to == Hop::Returned) {
                taken.push_back(canonical(log_, hop));
            } else if (to != Hop::Accepted) {
                way.push_back(canonical(log_, hop));
            }
        }
        add(taken);
        add(way);
        if (taken.size() == 2) {
            for (std::size_t i = taken[0]; i < taken[1]; ++i) {
                const Record& record = log_.records[i];
                if (record.actor == log_.records[taken[0]].actor && record.what >= What::NmiClaimed &&
                    record.what <= What::NmiSwallowed) {
                    add({i});
                }
            }
        }
    }

    void add_lives() {
        if (!finding_.phase || *finding_.phase < trace::Life::Offline) {
            return;
        }
        const auto life = last_before(finding_.at, [&](const Record& r) {
            return r.what == What::LifeChanged && r.cpu == finding_.cpu &&
                   static_cast<trace::Life>(r.value) == *finding_.phase;
        });
        if (life) {
            add({*life});
        }
    }

    // Who holds what is waited for; where a write took effect.
    void add_causes(std::size_t record) {
        const Record& self = log_.records[record];
        if (self.what == What::DeviceWrite) {
            add({effect_of(log_, record)});
        } else if (self.what == What::LockWaits) {
            const auto taken = last_before(
                self.at, [&](const Record& r) { return r.what == What::LockTaken && r.object == self.object; });
            if (taken && add({*taken})) {
                add_contexts(*taken);
            }
        }
    }

    void add_request() {
        if (chosen_.records.empty()) {
            return;
        }
        const Instant first = log_.records[chosen_.central ? *chosen_.central : chosen_.records.front()].at;
        const auto task = last_before(first, [](const Record& r) { return r.what == What::TaskBegun && r.value != 0; });
        const auto event = last_before(first, [](const Record& r) { return r.what == What::EventBegan; });
        if (task && event && log_.records[*task].value == log_.records[*event].value) {
            add({*task});
        } else if (event) {
            add({*event});
        }
    }

    // Between the first and the last piece of evidence: what its CPUs did to masks and devices.
    void add_between(Indices evidence) {
        sort_by_time(log_, evidence);
        if (evidence.size() < 2) {
            return;
        }
        constexpr Duration NEAR{10'000'000'000};  // 10 us from the central event; the rest is another story
        const Instant zero = log_.records[chosen_.central ? *chosen_.central : evidence.front()].at;
        const Instant begin = std::max(log_.records[evidence.front()].at, zero - NEAR);
        const Instant end = std::min(log_.records[evidence.back()].at, zero + NEAR);
        for (std::size_t i = 0; i < log_.records.size(); ++i) {
            const Record& record = log_.records[i];
            const bool mask = record.what == What::MaskCleared || record.what == What::MaskSet;
            if (record.at < begin || end < record.at || (!mask && !writes_hpet(record))) {
                continue;
            }
            const bool known = std::any_of(evidence.begin(), evidence.end(), [&](std::size_t e) {
                return log_.records[e].actor == record.actor && record.actor != trace::NO_CPU;
            });
            if (!known) {
                continue;
            }
            Indices group = entries_around(log_, i);
            for (const std::size_t entry : Indices{group}) {
                if (const auto left = exit_of(log_, entry)) {
                    group.push_back(*left);
                }
            }
            group.push_back(i);
            if (!mask) {
                group.push_back(effect_of(log_, i));
            }
            if (!add(std::move(group))) {
                return;
            }
        }
    }

    const Outcome& outcome_;
    const Log& log_;
    const check::Finding& finding_;
    std::size_t limit_;
    Chosen chosen_;
};

}  // namespace

Chosen choose(const Outcome& outcome, const check::Finding& finding, std::size_t limit) {
    return Chooser{outcome, finding, limit}.run();
}

}  // namespace hldsim::report
