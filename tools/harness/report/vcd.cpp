// SPDX-License-Identifier: Apache-2.0
// Value change dump: IEEE 1364-2005, chapter 18. What is drawn comes from the run's log, as everything in a report.
//
//   timer<n>_match      event: the main counter reached comparator n
//   message             event: an interrupt message left its device
//   under_way           messages between their device and a local APIC; lost: event, one gets to no CPU
//   remapped, blocked   events: the remapping unit let a request pass, or not
//   ioapic<n>_in<pin>   input that moved at least once; intr, nmi, timer_out likewise
//   intr                INTR of the 8259 pair: one wire to LINT0 of every local APIC
//   nmi                 NMI# of the chipset: one wire to LINT1 of every local APIC. A pulse that a scenario makes
//                       on the LINT1 of one CPU has no width: it shows as nmi_latched of that CPU, or as lost
//   timer_out           OUT 0 of the 8254, which is input 2 of the first I/O APIC and IRQ 0 of the 8259
//   cpu<n>.context      0 task, 1 interrupt, 2 NMI, 3 SMM
//   cpu<n>.nmi_latched  accepted, not taken; nmi_in_service: taken, not returned
//   cpu<n>.nmi_blocked  what is latched is not taken: until IRET, whosever that is (CPU-4), and in SMM up to an IRET of
//                       firmware's (CPU-12)
//   cpu<n>.life         0 waits for SIPI, 1 coming, 2 up, 3 leaving, 4 offline, 5 dead
//   cpu<n>.stuck        by a fault of the scenario
#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "tools/harness/report/report.hpp"

namespace hldsim::report {
namespace {

using run::Outcome;
using trace::Record;
using trace::What;

/// Identifier codes are printable ASCII: 18.2.1.
std::string code_of(std::size_t number) {
    constexpr std::size_t FIRST = '!';
    constexpr std::size_t CODES = '~' - '!' + 1;
    std::string code;
    do {
        code += static_cast<char>(FIRST + number % CODES);
        number /= CODES;
    } while (number != 0);
    return code;
}

struct Signal {
    std::string scope;
    std::string name;
    unsigned bits = 1;  // 0: an event
};

struct Change {
    Instant at;
    std::size_t signal = 0;
    std::uint64_t value = 0;
};

class Dump {
public:
    explicit Dump(const Outcome& outcome) : log_{outcome.log} {}

    std::string text(std::string_view version);

private:
    std::size_t signal(const std::string& scope, const std::string& name, unsigned bits) {
        const auto [place, added] = numbers_.try_emplace(scope + "." + name, signals_.size());
        if (added) {
            signals_.push_back({scope, name, bits});
            values_.push_back(0);
        }
        return place->second;
    }
    std::size_t of_cpu(unsigned cpu, const char* name, unsigned bits = 1) {
        return signal("cpu" + std::to_string(cpu), name, bits);
    }
    void change(Instant at, std::size_t which, std::uint64_t value) {
        if (signals_[which].bits == 0 || values_[which] != value) {
            values_[which] = value;
            changes_.push_back({at, which, value});
        }
    }
    void find_nmis();
    void follow(const Record& record);
    void follow_hop(const Record& record);
    void arrive(const Record& record);
    void follow_context(const Record& record);
    void unblock(const Record& record);
    void follow_stick(const Record& record);
    void follow_line(const Record& record);
    static std::string shown(const Signal& signal, const std::string& code, std::uint64_t value);
    std::string header(std::string_view version) const;

    const trace::Log& log_;
    std::vector<Signal> signals_;
    std::vector<std::uint64_t> values_;
    std::map<std::string, std::size_t> numbers_;
    std::vector<Change> changes_;
    std::set<std::uint32_t> nmis_;  // tokens that were taken as NMIs, or are the HPET's and were not taken at all
    std::map<unsigned, std::set<std::uint32_t>> latched_;
    std::map<unsigned, std::vector<std::uint64_t>> contexts_;
    std::map<unsigned, bool> blocked_;  // NMIs, by what the CPU does, not by a fault
    std::set<std::uint32_t> under_way_;
};

// A token was taken as what its CPU entered next.
void Dump::find_nmis() {
    std::map<unsigned, std::vector<std::uint32_t>> taken;
    std::set<std::uint32_t> interrupts;
    for (const Record& record : log_.records) {
        if (record.what == What::HopReached && record.hop == Hop::Taken) {
            taken[record.cpu].push_back(record.token.id);
        } else if (record.what == What::ContextEntered && record.context != cpu::Context::Smm) {
            auto& tokens = taken[record.cpu];
            (record.context == cpu::Context::Nmi ? nmis_ : interrupts).insert(tokens.begin(), tokens.end());
            tokens.clear();
        }
    }
    for (const Record& record : log_.records) {
        if (record.what == What::HopReached && record.token.source == Source::Hpet &&
            interrupts.count(record.token.id) == 0) {
            nmis_.insert(record.token.id);
        }
    }
}

void Dump::follow_hop(const Record& record) {
    const std::uint32_t id = record.token.id;
    switch (record.hop) {
        case Hop::Matched:
        case Hop::Returned:
            return;
        case Hop::Remapped:
            return change(record.at, signal("remapper", "remapped", 0), 1);
        case Hop::Posted:
            if (nmis_.count(id) != 0) {
                under_way_.insert(id);
                change(record.at, signal("messages", "message", 0), 1);
                change(record.at, signal("messages", "under_way", 16), under_way_.size());
            }
            return;
        case Hop::Accepted:
            if (nmis_.count(id) != 0) {
                arrive(record);
                latched_[record.cpu].insert(id);
                change(record.at, of_cpu(record.cpu, "nmi_latched"), 1);
            }
            return;
        case Hop::Taken:
            if (latched_[record.cpu].erase(id) != 0) {
                change(record.at, of_cpu(record.cpu, "nmi_latched"), latched_[record.cpu].empty() ? 0 : 1);
            }
            return;
    }
}

void Dump::arrive(const Record& record) {
    if (under_way_.erase(record.token.id) != 0) {
        change(record.at, signal("messages", "under_way", 16), under_way_.size());
    }
}

void Dump::follow_context(const Record& record) {
    auto& nested = contexts_[record.cpu];
    if (record.what == What::ContextEntered) {
        nested.push_back(static_cast<std::uint64_t>(record.context));
    } else if (record.what == What::Initialized) {
        nested.clear();
    } else if (!nested.empty()) {
        nested.pop_back();
    }
    change(record.at, of_cpu(record.cpu, "context", 2), nested.empty() ? 0 : nested.back());
    const auto nmis = std::count(nested.begin(), nested.end(), static_cast<std::uint64_t>(cpu::Context::Nmi));
    change(record.at, of_cpu(record.cpu, "nmi_in_service"), nmis != 0 ? 1 : 0);
    blocked_[record.cpu] = record.flag;
    change(record.at, of_cpu(record.cpu, "nmi_blocked"), record.flag ? 1 : 0);
}

// Before the context of what it lets in.
void Dump::unblock(const Record& record) {
    blocked_[record.cpu] = false;
    change(record.at, of_cpu(record.cpu, "nmi_blocked"), 0);
}

void Dump::follow_stick(const Record& record) {
    const bool began = record.what == What::StuckBegan;
    const bool as_in_nmi = began && static_cast<cpu::StuckKind>(record.value) == cpu::StuckKind::InNmi;
    change(record.at, of_cpu(record.cpu, "stuck"), began ? 1 : 0);
    change(record.at, of_cpu(record.cpu, "nmi_blocked"), as_in_nmi || blocked_[record.cpu] ? 1 : 0);
}

void Dump::follow_line(const Record& record) {
    switch (static_cast<trace::Line>(record.address)) {
        case trace::Line::IoapicInput: {
            const std::string name =
                "ioapic" + std::to_string(record.value / 256) + "_in" + std::to_string(record.value % 256);
            return change(record.at, signal("pins", name, 1), record.flag ? 1 : 0);
        }
        case trace::Line::InterruptLine:
            return change(record.at, signal("pins", "intr", 1), record.flag ? 1 : 0);
        case trace::Line::Nmi:
            return change(record.at, signal("pins", "nmi", 1), record.flag ? 1 : 0);
        case trace::Line::Timer:
            return change(record.at, signal("pins", "timer_out", 1), record.flag ? 1 : 0);
    }
}

void Dump::follow(const Record& record) {
    switch (record.what) {
        case What::HopReached:
            return follow_hop(record);
        case What::RequestBlocked:
            change(record.at, signal("remapper", "blocked", 0), 1);
            return arrive(record);
        case What::MessageLost:
            change(record.at, signal("messages", "lost", 0), 1);
            return arrive(record);
        case What::LineMoved:
            return follow_line(record);
        case What::TimerMatched:
            return change(record.at, signal("hpet", "timer" + std::to_string(record.value) + "_match", 0), 1);
        case What::ContextEntered:
        case What::ContextLeft:
        case What::Initialized:
            return follow_context(record);
        case What::IretInSmm:
            return unblock(record);
        case What::LifeChanged:
            return change(record.at, of_cpu(record.cpu, "life", 3), record.value);
        case What::StuckBegan:
        case What::StuckEnded:
            return follow_stick(record);
        default:
            return;
    }
}

std::string Dump::shown(const Signal& signal, const std::string& code, std::uint64_t value) {
    if (signal.bits <= 1) {
        return (value != 0 ? "1" : "0") + code + "\n";
    }
    std::string digits;
    for (unsigned bit = signal.bits; bit-- > 0;) {
        digits += (value >> bit & 1U) != 0 ? '1' : '0';
    }
    return "b" + digits + " " + code + "\n";
}

std::string Dump::header(std::string_view version) const {
    std::string text = "$version hldsim " + std::string{version} + " $end\n$timescale 1 fs $end\n";
    std::map<std::string, std::vector<std::size_t>> scopes;
    for (std::size_t i = 0; i < signals_.size(); ++i) {
        scopes[signals_[i].scope].push_back(i);
    }
    text += "$scope module hldsim $end\n";
    for (const auto& [scope, members] : scopes) {
        text += "$scope module " + scope + " $end\n";
        for (const std::size_t i : members) {
            const Signal& signal = signals_[i];
            text += "$var " + std::string{signal.bits == 0 ? "event" : "wire"} + " " +
                    std::to_string(std::max(signal.bits, 1U)) + " " + code_of(i) + " " + signal.name +
                    (signal.bits > 1 ? " [" + std::to_string(signal.bits - 1) + ":0]" : "") + " $end\n";
        }
        text += "$upscope $end\n";
    }
    return text + "$upscope $end\n$enddefinitions $end\n";
}

std::string Dump::text(std::string_view version) {
    for (unsigned cpu = 0; cpu < log_.cpus; ++cpu) {
        of_cpu(cpu, "context", 2);
        of_cpu(cpu, "nmi_latched");
        of_cpu(cpu, "nmi_in_service");
        of_cpu(cpu, "nmi_blocked");
        of_cpu(cpu, "life", 3);
    }
    find_nmis();
    // The log is in the order of happening, which a CPU's run-ahead may turn: a dump is in the order of time.
    std::vector<const Record*> in_time;
    for (const Record& record : log_.records) {
        in_time.push_back(&record);
    }
    std::stable_sort(in_time.begin(), in_time.end(), [](const Record* a, const Record* b) { return a->at < b->at; });
    for (const Record* const record : in_time) {
        follow(*record);
    }
    std::string text = header(version) + "#0\n$dumpvars\n";
    for (std::size_t i = 0; i < signals_.size(); ++i) {
        text += signals_[i].bits == 0 ? "" : shown(signals_[i], code_of(i), 0);
    }
    text += "$end\n";
    Instant now;
    for (const Change& change : changes_) {
        if (change.at != now) {
            now = change.at;
            text += "#" + std::to_string(now.fs) + "\n";
        }
        text += shown(signals_[change.signal], code_of(change.signal), change.value);
    }
    if (log_.ended_at > now) {
        text += "#" + std::to_string(log_.ended_at.fs) + "\n";
    }
    return text;
}

}  // namespace

std::string vcd(const Outcome& outcome, std::string_view version) { return Dump{outcome}.text(version); }

}  // namespace hldsim::report
