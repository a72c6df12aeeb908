// SPDX-License-Identifier: Apache-2.0
// Logs told by hand: four CPUs that are up and monitored, and what then happens to them.
#pragma once
#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "detector/shim/abi.hpp"
#include "tests/support/catch.hpp"
#include "tools/harness/check/finding.hpp"

namespace hldsim::check {

using namespace hldsim::literals;
using cpu::Context;
using trace::What;

class Story {
public:
    static constexpr std::uint64_t CONF = 0xfed0'0100;
    static constexpr std::uint64_t COMP = 0xfed0'0108;
    static constexpr std::uint64_t ROUTE = 0xfed0'0114;  // the address half
    static constexpr std::uint64_t ON = 0x4;

    explicit Story(unsigned cpus = 4) {
        log.cpus = cpus;
        options.described = {true, true, 20_s, 0U, 2U};
        options.threshold = 10_s;
        options.heartbeat = 4_s;
        options.end = cpu::End::Time;
        for (unsigned n = 0; n < cpus; ++n) {
            life(0_s, n, trace::Life::Up);
            record(1_us, What::MaskSet, n);
        }
        effect(1_us, CONF, ON);
    }

    trace::Record& record(Duration at, What what, unsigned cpu = trace::NO_CPU, Context context = Context::Task) {
        trace::Record& made = log.records.emplace_back();
        made.what = what;
        made.cpu = made.actor = cpu;
        made.context = context;
        made.depth = context == Context::Task ? 0 : 1;
        made.at = Instant{} + at;
        return made;
    }

    // ---- an NMI
    Story& hop(Duration at, std::uint32_t id, Hop which, unsigned cpu = trace::NO_CPU, Source source = Source::Hpet) {
        trace::Record& made = record(at, What::HopReached, cpu);
        made.token = {id, source};
        made.hop = which;
        made.value = which == Hop::Accepted ? static_cast<std::uint64_t>(DeliveryMode::Nmi) : 0;
        return *this;
    }
    Story& match(Duration at, std::uint32_t id) {
        trace::Record& made = record(at, What::TimerMatched);
        made.token = {id, Source::Hpet};
        return hop(at, id, Hop::Matched);
    }
    Story& accept(Duration at, std::uint32_t id, unsigned cpu) { return hop(at, id, Hop::Accepted, cpu); }
    /// The last one, as a message of another delivery mode.
    Story& as(DeliveryMode mode) {
        log.records.back().value = static_cast<std::uint64_t>(mode);
        return *this;
    }
    Story& take(Duration at, std::uint32_t id, unsigned cpu, Source source = Source::Hpet) {
        hop(at, id, Hop::Taken, cpu, source);
        record(at, What::ContextEntered, cpu, Context::Nmi);
        return *this;
    }
    Story& fate(Duration at, What what, unsigned cpu, const std::string& handler = "hld") {
        trace::Record& made = record(at, what, cpu, Context::Nmi);
        made.text = text(handler);
        made.flag = handler == "hld";
        return *this;
    }
    Story& leave(Duration at, std::uint32_t id, unsigned cpu, Source source = Source::Hpet) {
        hop(at, id, Hop::Returned, cpu, source);
        record(at, What::ContextLeft, cpu, Context::Nmi);
        return *this;
    }
    /// Matched, taken, claimed and returned within 2 us.
    Story& checked(Duration at, std::uint32_t id, unsigned cpu) {
        match(at, id);
        accept(at + 1_us, id, cpu);
        take(at + 1100_ns, id, cpu);
        fate(at + 1500_ns, What::NmiClaimed, cpu);
        return leave(at + 2_us, id, cpu);
    }
    /// Matched, taken and claimed by nobody.
    Story& unclaimed(Duration matched, Duration taken, std::uint32_t id, unsigned cpu) {
        match(matched, id);
        accept(taken, id, cpu);
        take(taken, id, cpu);
        fate(taken + 200_ns, What::NmiNotMine, cpu);
        fate(taken + 800_ns, What::NmiUnknown, cpu);
        return leave(taken + 1_us, id, cpu);
    }

    // ---- software
    Story& clear(Duration at, unsigned cpu) {
        record(at, What::MaskCleared, cpu);
        return *this;
    }
    Story& set(Duration at, unsigned cpu) {
        record(at, What::MaskSet, cpu);
        return *this;
    }
    Story& life(Duration at, unsigned cpu, trace::Life now) {
        record(at, What::LifeChanged, cpu).value = static_cast<std::uint64_t>(now);
        return *this;
    }
    Story& step(Duration at, unsigned cpu, bool up) {
        record(at, What::HotplugStep, cpu).flag = up;
        return *this;
    }
    Story& write(Duration at, unsigned cpu, Context context, std::uint64_t address, std::uint64_t value) {
        trace::Record& made = record(at, What::DeviceWrite, cpu, context);
        made.address = address;
        made.value = value;
        return *this;
    }
    Story& read(Duration at, unsigned cpu, Context context, std::uint64_t address) {
        record(at, What::DeviceRead, cpu, context).address = address;
        return *this;
    }
    Story& sleeps(Duration at, unsigned cpu, Context context, const std::string& function,
                  unsigned why = HLD_SLEEP_ATOMIC, bool returned = false) {
        const std::uint32_t kept = text(function);
        trace::Record& made = record(at, What::SleepRefused, cpu, context);
        made.text = kept;
        made.value = why;
        made.flag = returned;
        return *this;
    }
    Story& effect(Duration at, std::uint64_t address, std::uint64_t value) {
        trace::Record& made = record(at, What::RegisterEffect);
        made.address = address & ~std::uint64_t{7};
        made.value = (address & 4) != 0 ? value << 32 : value;
        return *this;
    }
    /// Locks of these names are the kernel's.
    std::set<std::string> kernel_locks{"desc->lock",    "tmp_mask_lock", "vector_lock",
                                       "stopper->lock", "irq_2_ir_lock", "qi->q_lock"};
    unsigned own = 0;  // of the locks with one name, which one
    Story& lock(Duration at, What what, unsigned cpu, Context context, const std::string& name, bool trylock = false) {
        trace::Record& made = record(at, what, cpu, context);
        made.text = text(name);
        made.object = &objects_[name + std::to_string(own)];
        made.value = kernel_locks.count(name);
        made.flag = trylock;
        return *this;
    }
    /// The last one, by one who may sleep with it.
    Story& asleep() {
        log.records.back().value |= trace::LOCK_THAT_SLEEPS;
        return *this;
    }
    Story& reads(Duration at, What what, unsigned cpu, Context context, const std::string& name) {
        lock(at, what, cpu, context, name);
        log.records.back().value |= trace::LOCK_FOR_READING;
        return *this;
    }
    Story& stuck(Duration at, unsigned cpu, cpu::StuckKind kind) {
        record(at, What::StuckBegan, cpu).value = static_cast<std::uint64_t>(kind);
        return *this;
    }
    Story& released(Duration at, unsigned cpu) {
        record(at, What::StuckEnded, cpu);
        return *this;
    }
    Story& reported(Duration at, unsigned by, unsigned names) {
        record(at, What::Printed, by, Context::Nmi).text =
            text("hld: Watchdog detected hard LOCKUP on cpu " + std::to_string(names));
        return *this;
    }
    Story& says(Duration at, unsigned by, const std::string& line) {
        record(at, What::Printed, by, Context::Nmi).text = text(line);
        return *this;
    }
    Story& drained(Duration at, unsigned cpu) {
        record(at, What::DrainDone, cpu);
        return *this;
    }
    Story& restarted(Duration at, unsigned cpu) {
        record(at, What::Restarted, cpu);
        return *this;
    }
    Story& task(Duration at, What what, unsigned cpu, unsigned number) {
        record(at, what, cpu).value = number;
        return *this;
    }
    Story& ends(Duration at) {
        log.ended_at = Instant{} + at;
        auto& records = log.records;
        records.erase(std::remove_if(records.begin(), records.end(),
                                     [](const trace::Record& made) { return made.what == What::RunEnded; }),
                      records.end());
        record(at, What::RunEnded);
        return *this;
    }

    Verdict verdict() const { return check(log, options); }
    /// "HAZARD (INV-a INV-b)" of each finding, in order.
    std::vector<std::string> names() const {
        std::vector<std::string> list;
        for (const Finding& finding : verdict().findings) {
            list.push_back(finding.hazard);
        }
        return list;
    }

    trace::Log log;
    Options options;

private:
    std::uint32_t text(const std::string& line) {
        log.texts.push_back(line);
        return static_cast<std::uint32_t>(log.texts.size() - 1);
    }
    std::map<std::string, char> objects_;
};

using Names = std::vector<std::string>;

/// CPU 1 checks itself at 5 s and sends the route to CPU 2, in force from 5.0000017 s on.
inline Story routed_to_2() {
    Story story;
    story.match(5_s, 1);
    story.accept(5_s + 1_us, 1, 1);
    story.take(5_s + 1100_ns, 1, 1);
    story.write(5_s + 1300_ns, 1, Context::Nmi, Story::ROUTE, 0xfee0'2000);
    story.fate(5_s + 1500_ns, What::NmiClaimed, 1);
    story.effect(5_s + 1700_ns, Story::ROUTE, 0xfee0'2000);
    story.leave(5_s + 2_us, 1, 1);
    return story;
}

}  // namespace hldsim::check
