// SPDX-License-Identifier: Apache-2.0
// Any access of any size at any offset of an HPET of any profile at any time; the oracle is the HPET that really ticks
// (tests/reference), which says too when a read's completion may leave.
#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "models/hpet/hpet.hpp"
#include "tests/fuzz/bench.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/tail.hpp"
#include "tests/reference/hpet_options.hpp"
#include "tests/reference/ticking_clock.hpp"
#include "tests/reference/ticking_hpet.hpp"

using namespace hldsim;
using fuzz::Input;
using fuzz::require;
using fuzz::Tail;

namespace {

constexpr std::uint16_t REQUESTER = 0x100;  // of timer 0

struct Drawn {
    HpetProfile profile;
    bool ties = false;      // a bit of a program that was free before there were tails: the access comes with the edge
    unsigned c10_turn = 0;  // the package enters C10 or leaves it in front of each so-manieth access; 0: never
};

void draw_timers(Tail& tail, HpetProfile& p) {
    std::vector<HpetTimerProfile> kinds(3);
    for (unsigned n = 0; n < 3; ++n) {
        HpetTimerProfile& timer = kinds[n];
        timer.periodic = n != 1;
        timer.wide = n != 2;
        tail.flip(timer.periodic);
        tail.flip(timer.wide);
        tail.draw(timer.route_cap, {0x00f0'0004U, 0x0030'0904U, 0xffff'ffffU, 0U});
        tail.flip(timer.message);
        timer.message = timer.message || timer.route_cap == 0;
    }
    const unsigned count = tail.one_of({3U, 4U, 8U, 5U});
    for (unsigned n = 0; n < count; ++n) {
        p.timers.push_back(kinds[n % 3]);
        p.timers.back().requester.value = static_cast<std::uint16_t>(REQUESTER + n);
    }
}

// What is a time, and not a number of edges.
void draw_times(Tail& tail, HpetProfile& p) {
    const auto times_of_period = [&](std::initializer_list<std::int64_t> halves) {
        return Duration{p.period.fs * tail.one_of(halves) / 2};
    };
    tail.draw(p.period, {Duration{10'000'000}, Duration{69'841'279}, Duration{100'000'000}, Duration{7}});
    tail.draw(p.phase, {Duration{}, Duration{1}, Duration{p.period.fs / 2}, Duration{p.period.fs - 1}});
    tail.draw(p.drift_ppm, {0, 500, -500, 37});
    const bool synchronized = tail.one_of({false, true});
    // Two edges never show at one of the bus clock.
    p.sync_hz =
        synchronized && p.period.fs > 1000 ? 2 * static_cast<std::uint64_t>(FS_PER_S / p.period.fs) + 50'000'000 : 0;
    p.match_to_msi = times_of_period({0, 1, 2, 3});
    p.edge_pulse = times_of_period({0, 1, 2, 5});
    tail.flip(p.split64);
    p.split64_gap = times_of_period({0, 1, 4, 5});
    p.valset_gap = times_of_period({0, 1, 4, 9});
    tail.draw(p.valset_gap_effect, {HpetProfile::ValSetGap::Lost, HpetProfile::ValSetGap::LoadsAccumulator});
}

Drawn drawn_by(Tail& tail) {
    Drawn drawn;
    HpetProfile& p = drawn.profile;
    tail.flip(drawn.ties);
    draw_timers(tail, p);
    tail.draw(p.match_to_msi_ticks, {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{3}});
    tail.flip(p.legacy_replacement);
    tail.flip(p.wide_counter);
    tail.draw(p.enable_sync_edges, {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{3}});
    tail.draw(p.comparator_effective, {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{4}});
    tail.draw(p.comp_readback_stale, {0U, 2U});
    tail.draw(p.counter_write_running, {HpetProfile::CounterWrite::Load, HpetProfile::CounterWrite::Ignore});
    tail.draw(p.oneshot32_wrap, {HpetProfile::OneShotWrap::Rematch, HpetProfile::OneShotWrap::AtWrap});
    tail.flip(p.valset_loads_period);
    tail.draw(p.valset_reads, {HpetProfile::ValSetReads::Pending, HpetProfile::ValSetReads::Zero});
    tail.flip(p.legacy_beats_fsb);
    tail.flip(p.fsb_level_sets_status);
    tail.draw(p.route_check, {HpetProfile::RouteCheck::Store, HpetProfile::RouteCheck::Warl});
    tail.flip(p.latch_while_disabled);
    draw_times(tail, p);
    tail.flip(p.legacy_needs_enable);
    tail.flip(p.halts_in_pc10);
    tail.draw(drawn.c10_turn, {0U, 1U, 3U, 8U});
    tail.draw(p.first_reads_ones, {0U, 1U, 2U, 6U});
    tail.flip(p.read_flushes_match);
    return drawn;
}

struct Message {
    std::int64_t at;
    unsigned timer;
    std::uint64_t address;
    std::uint32_t data;
};

struct Line {
    std::int64_t at;
    unsigned input;
    bool active;

    friend bool operator==(const Line& a, const Line& b) {
        return a.at == b.at && a.input == b.input && a.active == b.active;
    }
};

// Lines that change at one instant have no order among each other.
void sort(std::vector<Line>& lines) {
    std::stable_sort(lines.begin(), lines.end(),
                     [](const Line& a, const Line& b) { return std::tie(a.at, a.input) < std::tie(b.at, b.input); });
}

struct Ports final : MessagePort, InterruptPins {
    explicit Ports(sim::Timeline& on) : timeline{on} {}
    void post(const MessageWrite& m) override {
        messages.push_back(
            {timeline.now().fs, static_cast<unsigned>(m.requester.value - REQUESTER), m.address, m.data});
    }
    void drive(unsigned input, bool active, Token /*token*/) override {
        lines.push_back({timeline.now().fs, input, active});
    }
    sim::Timeline& timeline;
    std::vector<Message> messages;
    std::vector<Line> lines;
};

/// Knows at which instants an access went ahead of the edge (H-36).
class EdgeChoice final : public fuzz::FuzzedChoice {
public:
    explicit EdgeChoice(sim::Timeline& on) : timeline_{on} {}
    std::set<std::int64_t> access_first;

private:
    std::uint32_t answer(std::string_view site, std::uint32_t alternatives) override {
        const std::uint32_t taken = FuzzedChoice::answer(site, alternatives);
        if (taken == 1) {
            access_first.insert(timeline_.now().fs);
        }
        return taken;
    }
    sim::Timeline& timeline_;
};

struct World {
    World(sim::Timeline& on, const Drawn& drawn)
        : ties{drawn.ties},
          c10_turn{drawn.c10_turn},
          timeline{on},
          hpet{"hpet", timeline, drawn.profile, ports, ports, tokens, choices},
          fresh{hpet.dump()} {}
    void power_on(const Tail& tail) {
        ports.messages.clear();
        ports.lines.clear();
        tokens.power_on();
        choices.access_first.clear();
        choices.begin(tail);
    }
    bool ties;
    unsigned c10_turn;
    sim::Timeline& timeline;
    Ports ports{timeline};
    TokenCounter tokens;
    EdgeChoice choices{timeline};
    Hpet hpet;
    std::string fresh;  // its dump
    std::function<void()> access;
    sim::Alarm arrival{timeline, sim::Priority::Fabric, [this] { access(); }};
};

struct Access {
    std::int64_t at;
    bool tie;
    bool write;
    Size size;
    std::uint32_t offset;
    std::uint64_t value;     // that is written, or that the model has read
    std::int64_t completes;  // a read, not before then
    bool c10;                // the package enters C10 or leaves it, just before
};

/// Both HPETs; the one that ticks follows the other, whose choices it has to know.
class Run {
public:
    Run(World& world, const HpetProfile& profile)
        : world_{world},
          flushes_{profile.read_flushes_match},
          ticking{reference::options_of(profile)},
          clock_{profile.period.fs, profile.phase.fs, profile.drift_ppm, profile.sync_hz} {
        pass(1);  // that of power-on
        catch_up(nullptr);
    }

    void pass(std::uint64_t edges) {
        for (; edges != 0; --edges) {
            edges_.push_back(last_ = clock_.next());
            clock_.tick();
        }
    }
    void access(Input& input, std::uint8_t what) {
        const bool tie = world_.ties && (what & 2U) != 0 && !edges_.empty();
        Access access{tie ? last_ : last_ + 1, tie, (what & 1U) != 0, input.size(), 0, 0, 0, false};
        // Registers of interest are 4 bytes apart; half of the offsets are anywhere.
        access.offset = static_cast<std::uint32_t>((what & 8U) != 0 ? input.number(2) % 0x400 : input.byte() * 4U);
        access.value = access.write ? input.number(bytes(access.size)) : 0;
        access.c10 = world_.c10_turn != 0 && ++accesses_ % world_.c10_turn == 0;
        in_c10_ = in_c10_ != access.c10;
        world_.access = [&] {
            if (access.c10) {
                world_.hpet.package_c10(in_c10_);
            }
            if (access.write) {
                world_.hpet.write(access.offset, access.size, access.value);
            } else {
                access.value = world_.hpet.read(access.offset, access.size);
                access.completes = world_.hpet.completion_may_leave(Instant{access.at}).fs;
            }
        };
        world_.arrival.at(Instant{access.at});
        world_.timeline.run_until(Instant{access.at});
        catch_up(&access);
    }
    void end() {
        world_.timeline.run_until(Instant{last_ + 1});
        catch_up(nullptr);
        by_itself(last_ + 1);
    }

private:
    void catch_up(const Access* access) {
        for (const std::int64_t edge : edges_) {
            by_itself(edge - 1);
            const bool first = world_.choices.access_first.count(edge) != 0;
            const bool tie = access != nullptr && access->tie && access->at == edge;
            for (const bool before : {true, false}) {
                if (!before) {
                    ticking.edge();
                }
                if (!before || first) {
                    half(edge);
                }
                if (tie && before == first) {
                    repeat(*access);
                }
            }
        }
        edges_.clear();
        if (access != nullptr && !access->tie) {
            by_itself(access->at);
            repeat(*access);
        }
    }
    void by_itself(std::int64_t until) {
        while (std::min(ticking.next_between(), ticking.next_half()) <= until) {
            ticking.next_between() <= ticking.next_half() ? ticking.between() : ticking.half();
        }
    }
    void half(std::int64_t at) {
        if (ticking.next_half() == at) {
            ticking.half();
        }
    }
    void repeat(const Access& access) {
        if (access.c10) {
            ticking.package_c10(in_c10_);
        }
        if (access.write) {
            return ticking.write(access.at, access.offset, bytes(access.size), access.value);
        }
        // GCAP_ID is the profile's; the one that ticks knows nothing of it.
        const std::uint64_t naive = ticking.read(access.at, access.offset, bytes(access.size));
        require(access.offset < 8 || access.value == naive, "a read differs from the ticking HPET's");
        const std::int64_t completes = flushes_ ? ticking.last_leaves(access.at) : access.at;
        require(access.completes == completes, "a read completes at another instant than the ticking HPET's");
    }

    World& world_;
    bool flushes_;

public:
    reference::TickingHpet ticking;

private:
    reference::TickingClock clock_;
    std::vector<std::int64_t> edges_;  // that have passed, but not yet for the one that ticks
    std::int64_t last_ = 0;
    unsigned accesses_ = 0;
    bool in_c10_ = false;
};

void compare(Ports& ports, const reference::TickingHpet& ticking) {
    require(ports.messages.size() == ticking.messages.size(), "another number of messages than the ticking HPET");
    for (std::size_t i = 0; i < ports.messages.size(); ++i) {
        const Message& model = ports.messages[i];
        const reference::Output& naive = ticking.messages[i];
        require(model.at == naive.at && model.timer == naive.timer && model.address == naive.address &&
                    model.data == naive.data,
                "a message differs from the ticking HPET's");
    }
    std::vector<Line> naive;
    for (const reference::Output& line : ticking.lines) {
        naive.push_back({line.at, line.input, line.active});
    }
    sort(naive);
    sort(ports.lines);
    require(ports.lines == naive, "the lines differ from the ticking HPET's");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static fuzz::Bench<World> bench;
    Tail tail{data, size};
    const Drawn drawn = drawn_by(tail);
    World& world = bench.of(tail, drawn);
    Run run{world, drawn.profile};
    Input input{data, tail.program()};
    for (int n = 0; n < 200 && !input.empty(); ++n) {
        const std::uint8_t what = input.byte();
        run.pass(what % 8 == 7 ? input.number(2) % 1024 : what >> 4U);
        run.access(input, what);
    }
    run.end();
    compare(world.ports, run.ticking);
    world.hpet.reset_enter();
    world.hpet.reset_hold();
    world.hpet.reset_exit();
    require(world.hpet.dump() == world.fresh, "a reset does not leave a new HPET");
    return 0;
}
