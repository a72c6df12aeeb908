// SPDX-License-Identifier: Apache-2.0
// The same random program for the event-driven timers of a local APIC and for those that count every edge: the same
// interrupts and reads.
#include <memory>
#include <string>
#include <vector>

#include "models/lapic/lapic.hpp"
#include "models/sim/session.hpp"
#include "tests/reference/random.hpp"
#include "tests/reference/ticking_apic_timer.hpp"
#include "tests/support/catch.hpp"

using namespace hldsim;
using reference::Random;
using reference::TickingApicTimer;

namespace {

constexpr std::uint64_t TSC_EDGES = 3;  // to one of the crystal; their edges coincide
constexpr Hertz CRYSTAL{24'000'000};
constexpr Hertz TSC{CRYSTAL.numerator * TSC_EDGES};

enum class What : std::uint8_t { Initial, Divide, Lvt, Deadline, MoveTsc, StopTsc, Sleep, Read };

/// At edge `edge` of the TSC, or a femtosecond behind it.
struct TimerOperation {
    std::uint64_t edge = 0;
    bool behind = false;
    What what = What::Read;
    std::uint64_t value = 0;
};

struct TimerProgram {
    std::vector<TimerOperation> operations;
    std::uint64_t edges = 0;
    bool divide_at_once = false;
};

struct TimerTrace {
    std::vector<std::int64_t> interrupts;  // instants, fs
    std::vector<std::string> reads;
};

std::uint64_t random_value(Random& random, What what, std::uint64_t edge) {
    switch (what) {
        case What::Initial:
            return random.one_in(6) ? random.below(0x1'0000'0000) : random.below(9);
        case What::Divide:
            return random.below(16) & 0xbU;
        case What::Lvt:
            return (random.below(3) << 17U) | (random.one_in(4) ? 1U << 16U : 0U) | 0x40U;
        case What::Deadline:
            return random.one_in(5) ? random.below(2) * ~std::uint64_t{0} : edge + random.below(40) - random.below(8);
        case What::MoveTsc:
            return random.below(60) - 30;  // two's complement
        case What::StopTsc:
        case What::Sleep:
            return random.below(2);
        case What::Read:
            break;
    }
    return 0;
}

TimerProgram random_timer_program(std::uint64_t seed) {
    Random random{seed};
    TimerProgram program;
    std::uint64_t edge = 40 + random.below(3);
    for (std::uint64_t n = 6 + random.below(40); n-- > 0;) {
        constexpr What KINDS[] = {What::Initial,  What::Initial,  What::Divide,  What::Lvt,     What::Lvt,
                                  What::Deadline, What::Deadline, What::MoveTsc, What::StopTsc, What::Sleep,
                                  What::Read,     What::Read,     What::Read,    What::Read};
        const What what = random.of(KINDS);
        program.operations.push_back({edge, random.one_in(2), what, random_value(random, what, edge)});
        if (random.one_in(3)) {
            continue;  // the next one at the same edge
        }
        edge += random.one_in(12) ? random.below(20'000) : random.below(25);
    }
    for (std::size_t i = 1; i < program.operations.size(); ++i) {
        const TimerOperation& before = program.operations[i - 1];
        program.operations[i].behind |= before.behind && before.edge == program.operations[i].edge;
    }
    program.edges = edge + 2000;
    program.divide_at_once = random.one_in(2);
    return program;
}

std::string read_text(std::uint64_t initial, std::uint64_t current, std::uint64_t deadline) {
    return std::to_string(initial) + " " + std::to_string(current) + " " + std::to_string(deadline);
}

Instant instant_of(const TimerOperation& op) {
    static const ClockDomain clock = ClockDomain::of_frequency(TSC);
    return clock.edge({op.edge}) + Duration{op.behind ? 1 : 0};
}

struct Nobody final : IpiPort, CpuEvents {
    void send(CpuNumber, Shorthand, const InterruptMessage&) override {}
    void broadcast_eoi(std::uint8_t) override {}
    void identified(CpuNumber, ApicId, bool) override {}
    void nmi(const TokenSet&, std::uint8_t) override {}
    void smi(const TokenSet&) override {}
    void init(const TokenSet&) override {}
    void sipi(std::uint8_t, const TokenSet&) override {}
    void external_interrupt(bool) override {}
    void interrupt_request(bool) override {}
};

TimerTrace run_lapic(const TimerProgram& program) {
    constexpr Duration ACCEPT{1};
    sim::Session session;
    sim::Timeline timeline{"timeline"};
    Timing timing{TSC, TSC, CRYSTAL, Duration{69'841'279}};
    timing.set(Row::LapicAccept, RowUnit::Time, ACCEPT.fs);
    timing.set(Row::IpiWire, RowUnit::Time, 1);
    LapicProfile profile;
    profile.always_running_timer = false;
    profile.divide_change = program.divide_at_once ? DivideChange::AtOnce : DivideChange::AtEdge;
    Nobody outside;
    TokenCounter tokens;
    Lapic lapic{"lapic", timeline, timing, profile, CpuNumber{0}, ApicId{0}, true, outside, tokens};
    lapic.connect(static_cast<CpuEvents&>(outside));
    lapic.reset_enter();
    lapic.reset_hold();
    lapic.reset_exit();
    lapic.mmio_write(lapic::SVR, Size::B4, 0x1ff);
    TimerTrace trace;
    lapic.vector_accepted.subscribe([&](const auto& e) { trace.interrupts.push_back((e.at - ACCEPT).fs); });
    const auto msr = [&](std::uint32_t number) {
        std::uint64_t value = 0;
        REQUIRE(lapic.rdmsr(number, value));
        return value;
    };
    TimeStamp tsc;
    for (const TimerOperation& op : program.operations) {
        timeline.run_until(instant_of(op));
        switch (op.what) {
            case What::Initial:
                lapic.mmio_write(lapic::INITIAL_COUNT, Size::B4, op.value);
                break;
            case What::Divide:
                lapic.mmio_write(lapic::DIVIDE, Size::B4, op.value);
                break;
            case What::Lvt:
                lapic.mmio_write(lapic::LVT_TIMER, Size::B4, op.value);
                break;
            case What::Deadline:
                lapic.wrmsr(lapic::IA32_TSC_DEADLINE, op.value);
                break;
            case What::MoveTsc:
                tsc.move(op.value);
                lapic.time_stamp_changed(tsc);
                break;
            case What::StopTsc:
                op.value != 0 ? tsc.stop(op.edge) : tsc.go_on(op.edge);
                lapic.time_stamp_changed(tsc);
                break;
            case What::Sleep:
                lapic.core_sleeps_deeply(op.value != 0);
                break;
            case What::Read:
                trace.reads.push_back(read_text(lapic.mmio_read(lapic::INITIAL_COUNT, Size::B4),
                                                lapic.mmio_read(lapic::CURRENT_COUNT, Size::B4),
                                                msr(lapic::IA32_TSC_DEADLINE)));
                break;
        }
    }
    const Instant end = instant_of({program.edges, false, What::Read, 0});
    timeline.run_until(end + ACCEPT);
    return trace;
}

void apply(TickingApicTimer& timer, const TimerOperation& op, TimerTrace& trace) {
    switch (op.what) {
        case What::Initial:
            return timer.write_initial(static_cast<std::uint32_t>(op.value));
        case What::Divide:
            return timer.write_divide(static_cast<unsigned>(op.value));
        case What::Lvt:
            return timer.write_lvt(static_cast<TickingApicTimer::Mode>(op.value >> 17U & 3U),
                                   (op.value >> 16U & 1U) != 0);
        case What::Deadline:
            return timer.write_deadline(op.value);
        case What::MoveTsc:
            return timer.move_tsc(op.value);
        case What::StopTsc:
            return timer.stop_tsc(op.value != 0);
        case What::Sleep:
            return timer.sleep(op.value != 0);
        case What::Read:
            trace.reads.push_back(read_text(timer.initial(), timer.current(), timer.deadline()));
    }
}

TimerTrace run_ticking_timer(const TimerProgram& program) {
    using NewDivider = TickingApicTimer::NewDivider;
    TickingApicTimer timer{program.divide_at_once ? NewDivider::Now : NewDivider::Next};
    TimerTrace trace;
    unsigned raised = 0;
    const auto look = [&](Instant at) {
        for (; raised < timer.raised; ++raised) {
            trace.interrupts.push_back(at.fs);
        }
    };
    std::size_t next = 0;
    for (std::uint64_t edge = 0; edge <= program.edges; ++edge) {
        if (edge > 0) {
            timer.tsc_edge();
            if (edge % TSC_EDGES == 0) {
                timer.crystal_edge();
            }
            look(instant_of({edge, false, What::Read, 0}));
        }
        for (; next < program.operations.size() && program.operations[next].edge == edge; ++next) {
            apply(timer, program.operations[next], trace);
            look(instant_of(program.operations[next]));
        }
    }
    return trace;
}

std::string text_of(const TimerProgram& program) {
    static constexpr const char* WHAT[] = {"initial",  "divide",   "lvt",   "deadline",
                                           "move tsc", "stop tsc", "sleep", "read"};
    std::string text = program.divide_at_once ? "a new divider acts at once\n" : "";
    for (const TimerOperation& op : program.operations) {
        text += std::to_string(op.edge) + (op.behind ? "+ " : "  ") + WHAT[static_cast<unsigned>(op.what)] + " " +
                std::to_string(op.value) + "\n";
    }
    return text;
}

}  // namespace

TEST_CASE("a random program gives the same interrupts and reads in the event-driven and in the counting APIC timer",
          "[lapic][reference][LAPIC-29][LAPIC-30][LAPIC-31][LAPIC-32][LAPIC-33][LAPIC-34][LAPIC-36]") {
    const auto all = reference::for_each_program(1000, [](std::uint64_t seed) {
        const TimerProgram program = random_timer_program(seed);
        const TimerTrace model = run_lapic(program);
        const TimerTrace ticking = run_ticking_timer(program);
        INFO("seed " << seed << "\n" << text_of(program));
        REQUIRE(model.reads == ticking.reads);
        REQUIRE(model.interrupts == ticking.interrupts);
        return model.interrupts.size();
    });
    CHECK(all.events > all.programs);
}
