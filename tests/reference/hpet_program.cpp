// SPDX-License-Identifier: Apache-2.0
#include "tests/reference/hpet_program.hpp"

#include <algorithm>
#include <sstream>

#include "tests/reference/random.hpp"
#include "tests/reference/ticking_clock.hpp"

namespace hldsim::reference {

namespace {

// What is a time, and not a number of edges. Two edges never show at one edge of the bus clock (hpet_sync_hz).
void random_times(Random& random, HpetProfile& profile) {
    const auto period = static_cast<std::uint64_t>(profile.period.fs);
    const auto sometimes = [&](std::uint64_t most) {
        return Duration{random.one_in(3) ? static_cast<std::int64_t>(1 + random.below(most)) : 0};
    };
    profile.phase = {random.one_in(2) ? static_cast<std::int64_t>(random.below(period)) : 0};
    profile.drift_ppm = random.one_in(3) ? static_cast<std::int32_t>(random.below(1001)) - 500 : 0;
    if (random.one_in(4) && period > 1000) {
        profile.sync_hz = 2'000'000'000'000'000U / period + 1 + random.below(100'000'000);
    }
    profile.match_to_msi = sometimes(2 * period);
    profile.edge_pulse = sometimes(3 * period);
    profile.split64 = random.one_in(3);
    profile.split64_gap = sometimes(3 * period);
    profile.valset_gap = sometimes(4 * period);
    profile.valset_gap_effect =
        random.one_in(2) ? HpetProfile::ValSetGap::LoadsAccumulator : HpetProfile::ValSetGap::Lost;
}

HpetProfile random_profile(Random& random) {
    HpetProfile profile;
    constexpr std::int64_t PERIODS[] = {69'841'279, 41'666'667, 10'000'000, 100'000'000, 7};
    profile.period = {random.of(PERIODS)};
    profile.wide_counter = !random.one_in(4);
    profile.legacy_replacement = !random.one_in(4);
    profile.enable_sync_edges = random.one_in(4) ? random.below(4) : 0;
    profile.match_to_msi_ticks = random.below(4);
    profile.comparator_effective = random.one_in(3) ? random.below(5) : 0;
    profile.comp_readback_stale = random.one_in(4) ? 2 : 0;
    profile.counter_write_running =
        random.one_in(3) ? HpetProfile::CounterWrite::Ignore : HpetProfile::CounterWrite::Load;
    profile.oneshot32_wrap = random.one_in(3) ? HpetProfile::OneShotWrap::AtWrap : HpetProfile::OneShotWrap::Rematch;
    profile.valset_loads_period = !random.one_in(3);
    profile.valset_reads = random.one_in(3) ? HpetProfile::ValSetReads::Zero : HpetProfile::ValSetReads::Pending;
    profile.legacy_beats_fsb = random.one_in(2);
    profile.fsb_level_sets_status = random.one_in(2);
    profile.route_check = random.one_in(2) ? HpetProfile::RouteCheck::Warl : HpetProfile::RouteCheck::Store;
    profile.latch_while_disabled = random.one_in(4);
    random_times(random, profile);
    for (std::uint64_t n = 3 + random.below(3); n-- > 0;) {
        HpetTimerProfile timer;
        timer.periodic = !random.one_in(3);
        timer.wide = !random.one_in(3);
        timer.message = !random.one_in(4);
        timer.route_cap = timer.message && random.one_in(4) ? 0 : 0x0030'0904;  // inputs 2, 8, 11, 20, 21
        timer.requester.value = static_cast<std::uint16_t>(0x100 + profile.timers.size());
        profile.timers.push_back(timer);
    }
    return profile;
}

std::uint64_t random_conf(Random& random) {
    constexpr std::uint64_t ROUTES[] = {2, 8, 11, 20, 20, 21, 5};
    std::uint64_t value = random() & 0x414eU;
    if (random.one_in(2)) {
        value |= 4;
    }
    return value | random.of(ROUTES) << 9U;
}

/// Mostly a little ahead of where the counter will be if nobody halts it.
std::uint64_t random_count(Random& random, std::uint64_t nominal) {
    switch (random.below(8)) {
        case 0:
            return random.below(12);
        case 1:
            return random();
        case 2:
            return nominal - random.below(3);
        case 3:
            return (nominal + random.below(20)) & 0xffff'ffffU;
        default:
            return nominal + random.below(16);
    }
}

Operation random_operation(Random& random, const HpetProfile& profile, std::uint64_t nominal) {
    Operation op;
    op.write = !random.one_in(4);
    const auto timer = static_cast<std::uint32_t>(random.below(profile.timers.size()));
    op.length = random.one_in(3) ? 8 : 4;
    const std::uint32_t half = op.length == 4 && random.one_in(4) ? 4 : 0;
    switch (random.below(16)) {
        case 0:
            op.offset = 0x10;
            op.value = random.below(4) | (random.one_in(4) ? 0 : 1U);
            break;
        case 1:
        case 2:
            op.offset = 0x20;
            op.value = random.below(64);
            break;
        case 3:
            op.offset = 0xf0;
            op.value = random_count(random, nominal);
            op.write = random.one_in(4);
            break;
        case 4:
        case 5:
        case 6:
        case 7:
            op.offset = 0x100 + 0x20 * timer;
            op.value = random_conf(random);
            break;
        case 8:
            op.offset = 0x110 + 0x20 * timer;
            op.value = random();
            break;
        case 9:
            op.offset = 8 + static_cast<std::uint32_t>(random.below(0x80)) * 4;
            op.value = random();
            op.length = random.one_in(4) ? 2 : op.length;
            break;
        default:
            op.offset = 0x108 + 0x20 * timer;
            op.value = random.one_in(3) ? random.below(9) : random_count(random, nominal);
            break;
    }
    op.offset += half;
    if (half != 0) {
        op.value >>= 32U;
    }
    return op;
}

}  // namespace

Program random_program(std::uint64_t seed) {
    Random random{seed};
    Program program;
    program.profile = random_profile(random);
    program.access_first = random.one_in(2);
    constexpr std::uint64_t STARTS[] = {0, 0xffff'ffc0, ~0ULL - 60, 0x5'0000'0000};
    const std::uint64_t start = random.of(STARTS);
    program.operations.push_back({1, false, true, 0xf0, 8, start});
    // Timers that do something, as software sets them up; then anything at all.
    for (std::uint32_t timer = 0; timer < program.profile.timers.size(); ++timer) {
        const std::uint64_t conf = random_conf(random) | (random.one_in(4) ? 0 : 0x4cU);
        const unsigned length = random.one_in(2) ? 8 : 4;
        program.operations.push_back({1, false, true, 0x100 + 0x20 * timer, 4, conf});
        program.operations.push_back({1, false, true, 0x108 + 0x20 * timer, length, start + 3 + random.below(40)});
        program.operations.push_back({1, false, true, 0x108 + 0x20 * timer, length, random.below(12)});
    }
    program.operations.push_back({1, false, true, 0x10, 4, 1 | random.below(4)});
    std::uint64_t edge = 1;
    for (std::uint64_t n = 30 + random.below(60); n-- > 0;) {
        edge += random.one_in(3) ? 0 : random.below(6);
        Operation op = random_operation(random, program.profile, start + edge);
        op.edge = edge;
        op.tie = random.one_in(3);
        if (n % 16 == 5) {  // make sure that something runs
            op = {edge, op.tie, true, 0x10, 4, 1 | random.below(4)};
        }
        program.operations.push_back(op);
    }
    // Between two edges the order is that of the program; ties come first.
    std::stable_sort(program.operations.begin(), program.operations.end(), [](const Operation& a, const Operation& b) {
        return a.edge != b.edge ? a.edge < b.edge : a.tie && !b.tie;
    });
    const HpetProfile& profile = program.profile;
    TickingClock clock{profile.period.fs, profile.phase.fs, profile.drift_ppm, profile.sync_hz};
    for (std::uint64_t left = edge + 41; left != 0; --left) {
        program.edges.push_back(clock.next());
        clock.tick();
    }
    return program;
}

std::int64_t instant_of(const Program& program, const Operation& op) {
    return program.edges.at(op.edge) + (op.tie ? 0 : AFTER_EDGE);
}

std::string text_of(const Program& program) {
    std::ostringstream text;
    const HpetProfile& p = program.profile;
    text << "access first " << program.access_first << ", period " << p.period.fs << ", phase " << p.phase.fs
         << ", ppm " << p.drift_ppm << ", sync " << p.sync_hz << " Hz, message " << p.match_to_msi.fs << ", pulse "
         << p.edge_pulse.fs << ", split " << p.split64 << " gap " << p.split64_gap.fs << ", VAL_SET gap "
         << p.valset_gap.fs << "\n";
    for (const Operation& op : program.operations) {
        text << "  edge " << std::dec << op.edge << (op.tie ? " tie " : " ") << (op.write ? "write " : "read ")
             << std::hex << op.offset << " length " << op.length << " value " << op.value << "\n";
    }
    return text.str();
}

}  // namespace hldsim::reference
