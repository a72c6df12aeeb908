// SPDX-License-Identifier: Apache-2.0
// The figures of a log.
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "models/machine/machine.hpp"
#include "tools/harness/catalogue/catalogue.hpp"
#include "tools/harness/execute/actions.hpp"
#include "tools/harness/execute/judge.hpp"

namespace hldsim::execute {

namespace {

using trace::Record;
using trace::What;

using Statistics = std::map<std::string, std::uint64_t>;

bool accepted_as_nmi(const Record& r) {
    return r.hop == Hop::Accepted && r.value == static_cast<std::uint64_t>(DeliveryMode::Nmi);
}

void count_hop(Statistics& stats, const Record& r) {
    const bool nmi = r.token.source != Source::LapicTimer && r.token.source != Source::Operator &&
                     r.token.source != Source::Ipi && r.token.source != Source::Remapper;
    const auto count = [&](const char* name, bool one) { stats[name] += one ? 1 : 0; };
    count("nmi.matched", nmi && r.hop == Hop::Matched);
    count("nmi.posted", nmi && r.hop == Hop::Posted);
    count("nmi.accepted", accepted_as_nmi(r));
    count("ipi.sent", r.token.source == Source::Ipi && r.hop == Hop::Matched);
    count("heartbeat.taken", r.token.source == Source::LapicTimer && r.hop == Hop::Taken);
}

// What a CPU's local APIC accepted and the CPU has not taken: the next NMI takes it all, and all but one have merged.
class Latched {
public:
    void add(const Record& hop) { latched_[hop.cpu] += accepted_as_nmi(hop) ? 1 : 0; }
    void count(Statistics& stats, const Record& entered) {
        if (entered.context == cpu::Context::Nmi) {
            ++stats["nmi.taken"];
            const std::uint64_t taken = std::exchange(latched_[entered.actor], 0);
            stats["nmi.coalesced"] += taken > 0 ? taken - 1 : 0;
        }
    }

private:
    std::map<unsigned, std::uint64_t> latched_;  // by CPU
};

void count_access(Statistics& stats, const Record& r) {
    const bool hpet = r.address - Machine::HPET_BASE < 0x500 && r.address != 0;
    const bool read = r.what == What::DeviceRead;
    stats[read ? "hpet.reads" : "hpet.writes"] += hpet ? 1 : 0;
    stats[read ? "hpet.nmi_reads" : "hpet.nmi_writes"] += hpet && r.context == cpu::Context::Nmi ? 1 : 0;
}

// Which hotplug a task that has ended was: a CPU does those of one event that are given to it in their order.
class Hotplugs {
public:
    explicit Hotplugs(const scenario::Scenario& scenario) : scenario_{scenario} {}

    void begin(const Record& task) { moved_[task.actor].clear(); }
    void step(const Record& step) {
        for (auto& of : moved_) {
            of.second.insert(step.cpu);
        }
    }
    /// Told of each task's end, in order. One whose CPU is there already is answered with 0, and moves nobody.
    void end(Statistics& stats, const Record& task) {
        const std::optional<CpuNumber> cpu = cpu_of(task);
        if (!cpu) {
            return;
        }
        if (task.result != 0) {
            ++stats["hotplug.failed"];
        } else if (moved_[task.actor].count(cpu->value) > 0) {
            ++stats["hotplug.completed"];
            for (auto& of : moved_) {  // the kernel does one after the other: others waited meanwhile
                of.second.erase(cpu->value);
            }
        }
    }

private:
    std::optional<CpuNumber> cpu_of(const Record& ended) {
        if (ended.value == 0 || ended.value > scenario_.events.size()) {
            return std::nullopt;  // the boot has a number beyond all events
        }
        const auto hotplug_of = [](const auto& action) {
            const auto* const hotplug = std::get_if<scenario::Hotplug>(&action);
            return hotplug == nullptr ? std::nullopt : std::optional{hotplug->cpu.value};
        };
        const scenario::Action& action = scenario_.events[ended.value - 1].action;
        const auto* const repeat = std::get_if<scenario::Repeat>(&action);
        if (repeat == nullptr) {
            return hotplug_of(action);
        }
        std::vector<std::optional<CpuNumber>> given;
        for (const scenario::SimpleAction& simple : repeat->actions) {
            if (runner_of(simple) == CpuNumber{ended.actor}) {
                given.push_back(hotplug_of(simple));
            }
        }
        return given.empty() ? std::nullopt : given[done_[{ended.value, ended.actor}]++ % given.size()];
    }

    const scenario::Scenario& scenario_;
    std::map<unsigned, std::set<unsigned>> moved_;  // by who does a task: the CPUs that took a step since it began
    std::map<std::pair<std::uint64_t, unsigned>, std::size_t> done_;
};

}  // namespace

std::map<std::string, std::uint64_t> statistics(const scenario::Scenario& scenario, const trace::Log& log) {
    Statistics stats;
    for (const catalogue::Stat& stat : catalogue::stats()) {
        stats[std::string{stat.name}] = 0;
    }
    Hotplugs hotplugs{scenario};
    Latched latched;
    for (const Record& r : log.records) {
        switch (r.what) {
            case What::HopReached:
                count_hop(stats, r);
                latched.add(r);
                break;
            case What::ContextEntered:
                latched.count(stats, r);
                break;
            case What::NmiClaimed:
                stats["nmi.claimed"] += r.flag ? 1 : 0;
                break;
            case What::NmiUnknown:
                ++stats["nmi.unknown"];
                break;
            case What::NmiIgnored:
                ++stats["nmi.ignored"];
                break;
            case What::TaskBegun:
                hotplugs.begin(r);
                break;
            case What::HotplugStep:
                hotplugs.step(r);
                break;
            case What::TaskEnded:
                hotplugs.end(stats, r);
                break;
            case What::Printed:
                stats["report.lockup"] += check::lockup_reported(log.text(r)) ? 1 : 0;
                stats["kernel.warnings"] += log.is_warning(r) ? 1 : 0;
                break;
            case What::EntryUsed:
                ++stats[r.flag ? "remap.hits" : "remap.misses"];
                stats["remap.stale"] += r.flag && r.stale ? 1 : 0;
                break;
            case What::RequestBlocked:
                ++stats["remap.blocked"];
                stats["remap.recorded"] += r.flag ? 1 : 0;
                break;
            case What::Invalidated:
                ++stats["remap.invalidations"];
                break;
            case What::DeviceRead:
            case What::DeviceWrite:
                count_access(stats, r);
                break;
            default:
                break;
        }
    }
    return stats;
}

}  // namespace hldsim::execute
