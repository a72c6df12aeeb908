// SPDX-License-Identifier: Apache-2.0
// The same random register program for the event-driven HPET and for the one that ticks: the same trace, edge for edge.
#include <algorithm>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "models/hpet/hpet.hpp"
#include "models/sim/session.hpp"
#include "tests/reference/random.hpp"
#include "tests/reference/ticking_hpet.hpp"
#include "tests/support/catch.hpp"

using namespace hldsim;
using reference::Random;

namespace {

/// An access between edge `edge` and the next; or at edge `edge` itself, where it is a tie.
struct Operation {
    std::uint64_t edge = 0;
    bool tie = false;
    bool write = false;
    std::uint32_t offset = 0;
    unsigned length = 4;
    std::uint64_t value = 0;
};

struct Program {
    HpetProfile profile;
    bool access_first = false;
    std::vector<Operation> operations;
    std::uint64_t edges = 0;
};

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
    program.edges = edge + 40;
    return program;
}

// ---- the two runs, written down in the same words

struct Trace {
    std::vector<std::string> messages;
    std::vector<std::string> lines;
    std::vector<std::string> reads;
    std::string status;
};

struct Change {
    std::int64_t at = 0;
    unsigned input = 0;
    bool active = false;
};

// Lines that change at one instant have no order among each other.
std::vector<std::string> written_down(std::vector<Change> changes) {
    std::stable_sort(changes.begin(), changes.end(),
                     [](const Change& a, const Change& b) { return a.at != b.at ? a.at < b.at : a.input < b.input; });
    std::vector<std::string> lines;
    for (const Change& c : changes) {
        lines.push_back(std::to_string(c.at) + " input " + std::to_string(c.input) + (c.active ? " up" : " down"));
    }
    return lines;
}

std::string message_text(std::int64_t at, std::uint64_t requester, std::uint64_t address, std::uint64_t data) {
    std::ostringstream text;
    text << at << " timer " << requester << " address " << std::hex << address << " data " << data;
    return text.str();
}

std::int64_t instant_of(const Program& program, const Operation& op) {
    const auto edge = static_cast<std::int64_t>(op.edge) * program.profile.period.fs;
    return op.tie ? edge : edge + 3;
}

class FixedChoice final : public ChoiceSource {
public:
    explicit FixedChoice(std::uint32_t fixed) : answer_{fixed} {}

private:
    std::uint32_t answer(std::string_view /*site*/, std::uint32_t /*alternatives*/) override { return answer_; }
    std::uint32_t answer_;
};

struct Recorder final : MessagePort, InterruptPins {
    explicit Recorder(sim::Timeline& t) : timeline{t} {}
    void post(const MessageWrite& m) override {
        trace.messages.push_back(message_text(timeline.now().fs, m.requester.value - 0x100U, m.address, m.data));
    }
    void drive(unsigned input, bool active, Token /*token*/) override {
        changes.push_back({timeline.now().fs, input, active});
    }
    sim::Timeline& timeline;
    Trace trace;
    std::vector<Change> changes;
};

Trace run_model(const Program& program) {
    const sim::Session session;
    sim::Timeline timeline{"timeline"};
    Recorder recorder{timeline};
    TokenCounter tokens;
    FixedChoice choices{program.access_first ? 1U : 0U};
    Hpet hpet{"hpet", timeline, program.profile, recorder, recorder, tokens, choices};
    std::vector<std::unique_ptr<sim::Alarm>> arrivals;
    for (const Operation& op : program.operations) {
        arrivals.push_back(std::make_unique<sim::Alarm>(timeline, sim::Priority::Fabric, [&] {
            const auto size = static_cast<Size>(op.length);
            if (op.write) {
                hpet.write(op.offset, size, op.value);
            } else {
                recorder.trace.reads.push_back(std::to_string(hpet.read(op.offset, size)));
            }
        }));
        arrivals.back()->at(Instant{instant_of(program, op)});
    }
    timeline.run_until(Instant{static_cast<std::int64_t>(program.edges) * program.profile.period.fs + 3});
    recorder.trace.lines = written_down(recorder.changes);
    recorder.trace.status = std::to_string(hpet.read(0xf0, Size::B8)) + " " + std::to_string(hpet.read(0x20, Size::B4));
    return recorder.trace;
}

reference::Options options_of(const HpetProfile& profile) {
    reference::Options options;
    for (const HpetTimerProfile& timer : profile.timers) {
        options.timers.push_back({timer.periodic, timer.wide, timer.message, timer.route_cap});
    }
    options.wide_counter = profile.wide_counter;
    options.legacy = profile.legacy_replacement;
    options.enable_delay = static_cast<unsigned>(profile.enable_sync_edges);
    options.message_delay = static_cast<unsigned>(profile.match_to_msi_ticks);
    options.compare_delay = static_cast<unsigned>(profile.comparator_effective);
    options.stale_reads = profile.comp_readback_stale;
    options.ignore_counter_write = profile.counter_write_running == HpetProfile::CounterWrite::Ignore;
    options.match_at_wrap = profile.oneshot32_wrap == HpetProfile::OneShotWrap::AtWrap;
    options.valset_is_period = profile.valset_loads_period;
    options.valset_reads_zero = profile.valset_reads == HpetProfile::ValSetReads::Zero;
    options.legacy_first = profile.legacy_beats_fsb;
    options.message_level_status = profile.fsb_level_sets_status;
    options.check_route = profile.route_check == HpetProfile::RouteCheck::Warl;
    options.latch = profile.latch_while_disabled;
    return options;
}

Trace run_reference(const Program& program) {
    reference::TickingHpet hpet{options_of(program.profile)};
    Trace trace;
    std::vector<Change> changes;
    std::size_t next = 0;
    std::size_t lines = 0;
    std::size_t messages = 0;
    const auto collect = [&](std::int64_t at) {
        for (; lines < hpet.lines.size(); ++lines) {
            changes.push_back({at, hpet.lines[lines].input, hpet.lines[lines].active});
        }
        for (; messages < hpet.messages.size(); ++messages) {
            const reference::Output& m = hpet.messages[messages];
            trace.messages.push_back(message_text(at, m.timer, m.address, m.data));
        }
    };
    const auto access = [&](std::uint64_t edge, bool tie) {
        for (; next < program.operations.size() && program.operations[next].edge == edge &&
               program.operations[next].tie == tie;
             ++next) {
            const Operation& op = program.operations[next];
            if (op.write) {
                hpet.write(op.offset, op.length, op.value);
            } else {
                trace.reads.push_back(std::to_string(hpet.read(op.offset, op.length)));
            }
            collect(instant_of(program, op));
        }
    };
    for (std::uint64_t edge = 0; edge <= program.edges; ++edge) {
        if (program.access_first) {
            access(edge, true);
        }
        hpet.edge();
        collect(static_cast<std::int64_t>(edge) * program.profile.period.fs);
        access(edge, true);
        access(edge, false);
    }
    trace.lines = written_down(changes);
    trace.status = std::to_string(hpet.read(0xf0, 8)) + " " + std::to_string(hpet.read(0x20, 4));
    return trace;
}

std::string text_of(const Program& program) {
    std::ostringstream text;
    text << "access first " << program.access_first << ", period " << program.profile.period.fs << "\n";
    for (const Operation& op : program.operations) {
        text << "  edge " << std::dec << op.edge << (op.tie ? " tie " : " ") << (op.write ? "write " : "read ")
             << std::hex << op.offset << " length " << op.length << " value " << op.value << "\n";
    }
    return text.str();
}

}  // namespace

TEST_CASE("a random register program gives the same trace in the event-driven and in the ticking HPET",
          "[hpet][reference][H-7][H-36]") {
    std::size_t messages = 0;
    const auto all = reference::for_each_program(2000, [&](std::uint64_t seed) {
        const Program program = random_program(seed);
        const Trace model = run_model(program);
        const Trace reference = run_reference(program);
        INFO("seed " << seed << ", " << text_of(program));
        REQUIRE(model.reads == reference.reads);
        REQUIRE(model.messages == reference.messages);
        REQUIRE(model.lines == reference.lines);
        REQUIRE(model.status == reference.status);
        messages += model.messages.size();
        return model.lines.size();
    });
    CHECK(messages > all.programs);
    CHECK(all.events > all.programs);
}
