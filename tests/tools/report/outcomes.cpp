// SPDX-License-Identifier: Apache-2.0
#include "tests/tools/report/outcomes.hpp"

namespace hldsim::report {

using trace::Life;
using trace::What;

Made::Made() {
    outcome.scenario.file = "scenarios/claims/stop-before-mask/drain-ipi.yaml";
    outcome.scenario.sources = {std::make_shared<const diagnostic::Source>(
        diagnostic::Source{outcome.scenario.file, "title: With \"quotes\" and\n\ttabs\n"})};
    outcome.scenario.title =
        "With the timer stopped and drained, no NMI can be taken on CPU 2 after its bit is cleared";
    outcome.scenario.claim = "C7";
    outcome.profile_name = "desktop-2018";
    outcome.end = cpu::End::Time;
    outcome.detector_build_id = "5f0c91e2a7b3";
    outcome.detector_compiler = "gcc 12.2.0";
    outcome.log.cpus = 4;
    scenario::Event event;
    event.at = scenario::Marked<value::Span>{{value::Span::Unit::Time, 5 * FS_PER_S}, {}};
    scenario::Hotplug offline;
    offline.cpu.value = CpuNumber{2};
    event.action = offline;
    outcome.scenario.events.push_back(event);
}

std::size_t Made::add(What what, std::int64_t ps, unsigned actor) {
    outcome.log.records.emplace_back();
    trace::Record& record = outcome.log.records.back();
    record.what = what;
    record.at = zero + Duration{ps * 1'000};
    record.actor = record.cpu = actor;
    if (actor < 8) {
        record.depth = static_cast<std::uint8_t>(contexts_[actor].size());
        record.context = contexts_[actor].empty() ? cpu::Context::Task : contexts_[actor].back();
    }
    return outcome.log.records.size() - 1;
}

std::size_t Made::hop(Hop hop, std::int64_t ps, std::uint32_t token, unsigned cpu) {
    const std::size_t record = add(What::HopReached, ps);
    at(record).hop = hop;
    at(record).token = {token, Source::Hpet};
    at(record).cpu = cpu;
    return record;
}

std::size_t Made::match(std::int64_t ps, std::uint32_t token, unsigned timer) {
    hop(Hop::Matched, ps, token);
    const std::size_t record = add(What::TimerMatched, ps);
    at(record).token = {token, Source::Hpet};
    at(record).value = timer;
    return record;
}

std::size_t Made::enter(cpu::Context context, std::int64_t ps, unsigned cpu, std::uint32_t token) {
    const std::size_t taken = token != 0 ? hop(Hop::Taken, ps, token, cpu) : 0;
    contexts_[cpu].push_back(context);
    const std::size_t record = add(What::ContextEntered, ps, cpu);
    return token != 0 ? taken : record;
}

std::size_t Made::leave(cpu::Context context, std::int64_t ps, unsigned cpu, std::uint32_t token) {
    if (token != 0) {
        hop(Hop::Returned, ps, token, cpu);
    }
    contexts_[cpu].pop_back();
    const std::size_t record = add(What::ContextLeft, ps, cpu);
    at(record).context = context;
    return record;
}

std::size_t Made::write(std::int64_t ps, unsigned cpu, std::uint64_t address, std::uint64_t value) {
    const std::size_t record = add(What::DeviceWrite, ps, cpu);
    at(record).address = address;
    at(record).value = value;
    return record;
}

std::size_t Made::effect(std::int64_t ps, std::uint64_t address, std::uint64_t value) {
    const std::size_t record = add(What::RegisterEffect, ps);
    at(record).address = address;
    at(record).value = value;
    return record;
}

std::size_t Made::mask_cleared(std::int64_t ps, unsigned cpu, unsigned by) {
    const std::size_t record = add(What::MaskCleared, ps, by);
    at(record).cpu = cpu;
    outcome.objects[record] = "hld.monitored_mask";
    return record;
}

std::size_t Made::text(What what, std::int64_t ps, unsigned actor, const std::string& words) {
    const std::size_t record = add(what, ps, actor);
    outcome.log.texts.push_back(words);
    at(record).text = static_cast<std::uint32_t>(outcome.log.texts.size() - 1);
    return record;
}

void Made::place(std::size_t record, const std::string& function, const std::string& file, unsigned line) {
    outcome.places[record] = {function, file, line};
}

check::Finding& Made::find(const std::string& hazard, unsigned cpu, Life phase, bool expected) {
    outcome.findings.emplace_back();
    outcome.finding_expected.push_back(expected);
    check::Finding& finding = outcome.findings.back();
    finding.hazard = hazard;
    finding.cpu = cpu;
    finding.phase = phase;
    finding.at = zero;
    return finding;
}

Made late_nmi() {
    Made made;
    made.effect(-2'000'000'000, TIM0_CONF, 0x404c);
    const std::size_t event = made.add(What::EventBegan, -40'119'667);
    made.at(event).value = 1;
    const std::size_t task = made.add(What::TaskBegun, -39'800'000, 0);
    made.at(task).value = 1;
    made.match(-387'700, 57);
    made.hop(Hop::Posted, -346'000, 57);
    const std::size_t write = made.write(-97'400, 2, TIM0_CONF, 0x4048);
    made.place(write, "hld_cpu_offline", "detector/designs/stop_drain.c", 71);
    made.hop(Hop::Accepted, -6'000, 57, 2);
    const std::size_t cleared = made.mask_cleared(0, 2, 2);
    made.place(cleared, "hld_cpu_offline", "detector/designs/stop_drain.c", 80);
    const std::size_t taken = made.enter(cpu::Context::Nmi, 4'000, 2, 57);
    made.effect(162'600, TIM0_CONF, 0x4048);
    const std::size_t not_mine = made.text(What::NmiNotMine, 205'100, 2, "hld");
    const std::size_t unknown = made.add(What::NmiUnknown, 858'100, 2);
    made.place(unknown, "unknown_nmi_error", "detector/kernel/nmi.c", 172);
    made.leave(cpu::Context::Nmi, 1'121'400, 2, 57);

    check::Finding& finding = made.find("nmi-before-bit-clear", 2, Life::Leaving);
    finding.invariants = {"INV-target", "INV-claim", "INV-conserve"};
    finding.token = {57, Source::Hpet};
    finding.context = cpu::Context::Nmi;
    finding.at = made.at(taken).at;
    finding.sentence = "CPU 2 took the NMI 4 ns after it left the mask; no handler claimed it";
    finding.where = unknown;
    finding.evidence = {write, cleared, taken, not_mine, unknown};
    made.outcome.unmet = {"landing: impossible    found, with the request at 7.515764091 s"};
    made.outcome.solved["events.1.at"] = Instant{7'515'764'091'333'000};
    made.outcome.landings = {{1, true, Instant{7'515'764'091'333'000}, 12, ""}};
    made.outcome.set = {"detector.options.drain=none"};
    for (unsigned row = 0; row < 12; ++row) {
        made.outcome.latencies.push_back({static_cast<Row>(row), row < 5});
    }
    made.outcome.ended_at = Instant{35 * FS_PER_S};
    made.outcome.stats = {{"nmi.taken", 12}, {"nmi.unknown", 1}};
    return made;
}

Made own_lock() {
    Made made;
    made.outcome.scenario.file = "scenarios/claims/no-lock-in-nmi/own-lock.yaml";
    made.outcome.scenario.title = "An NMI on CPU 1 waits for the lock that the interrupted code on CPU 1 holds";
    made.outcome.scenario.claim = "C1";
    made.outcome.as_expected = true;
    static const int lock = 0;
    const std::size_t taken = made.text(What::LockTaken, -16'300, 1, "hld_lock");
    made.at(taken).object = &lock;
    made.place(taken, "hld_lock_affinity_remove_cpus", "detector/designs/lock_affinity.c", 120);
    const std::size_t nmi = made.enter(cpu::Context::Nmi, -8'000, 1, 3);
    const std::size_t waits = made.text(What::LockWaits, 0, 1, "hld_lock");
    made.at(waits).object = &lock;
    made.place(waits, "hld_lock_affinity_nmi", "detector/designs/lock_affinity.c", 88);
    check::Finding& finding = made.find("nmi-own-lock", 1, Life::Up, true);
    finding.invariants = {"INV-wait-graph"};
    finding.sentence = "CPU 1 waits in an NMI for hld_lock, which the interrupted code on CPU 1 holds";
    finding.token = {3, Source::Hpet};
    finding.context = cpu::Context::Nmi;
    finding.where = waits;
    finding.evidence = {waits, taken, nmi};
    made.outcome.end = cpu::End::Deadlock;
    made.outcome.end_reason = "CPU 1 waits for hld_lock, which CPU 1 holds";
    made.outcome.ended_at = made.zero;
    return made;
}

std::vector<run::Outcome> sample() {
    Made broken = late_nmi();
    broken.at(broken.text(What::Printed, 858'200, 2, "Uhhuh. NMI received for unknown reason 00 on CPU 2.\n")).value =
        0;
    run::WindowFound window;
    window.hazard = "nmi-before-bit-clear";
    window.phase = "leaving";
    window.opens = Instant{7'515'764'091'000'000};
    window.closes = Instant{7'515'764'148'000'000};
    window.width_cycles = 171;
    window.opens_cycles = -1;
    window.closes_cycles = 170;
    window.basis = "grid";
    window.opened_by = "hld_cpu_offline clears monitored_mask at detector/designs/stop_drain.c:80";
    window.closed_by = "the timer is already stopped and no NMI comes";
    window.chance_per_event = 4.62e-09;
    broken.outcome.windows.push_back(window);
    broken.outcome.searched = {
        1, Instant{7'515'764'091'333'000}, Instant{7'515'764'081'333'000}, Instant{7'515'764'101'333'000}, -37, 37, {}};

    Made impossible;
    impossible.outcome.as_expected = true;
    impossible.outcome.scenario.expect.landing_impossible = true;
    impossible.outcome.scenario.vary = {{"events.1.at", "7 s"}};
    impossible.outcome.searched = {2,
                                   Instant{7'000'000'000'000'000},
                                   Instant{6'999'995'000'000'000},
                                   Instant{7'000'005'000'000'000},
                                   -18'500,
                                   18'500,
                                   {}};
    impossible.outcome.landings = {{1, false, {}, 40'003, "one cycle later the timer is already stopped"}};
    impossible.outcome.no_effect = {{1, 1, 1, "CPU 2 is down already, and the kernel answers 0"}};
    impossible.outcome.unwatched = {{"INV-quiesce", "drained"}};

    Made refused;
    refused.outcome.error = "a <strange> & \"bad\" object\nsecond line";
    return {broken.outcome, impossible.outcome, refused.outcome};
}

}  // namespace hldsim::report
