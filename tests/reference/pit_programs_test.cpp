// SPDX-License-Identifier: Apache-2.0
// The same random program for the event-driven 8254 and for the one that counts every pulse: the same edges and reads.
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "models/pit/pit.hpp"
#include "models/sim/session.hpp"
#include "tests/reference/random.hpp"
#include "tests/reference/ticking_pit.hpp"
#include "tests/support/catch.hpp"

using namespace hldsim;
using reference::Random;
using reference::TickingCounter;

namespace {

/// Between pulse `pulse` and the next: a byte written or read, or the gate of counter 2 moved.
struct PitOperation {
    enum class What : std::uint8_t { Write, Read, Gate, Output2 };

    std::uint64_t pulse = 0;
    What what = What::Read;
    std::uint32_t port = 0x40;
    unsigned value = 0;
};

struct PitProgram {
    std::vector<PitOperation> operations;
    std::uint64_t pulses = 0;
};

struct PitTrace {
    std::vector<std::pair<std::uint64_t, bool>> moves;  // of OUT 0
    std::vector<unsigned> reads;
};

unsigned random_count(Random& random, bool bcd) {
    constexpr unsigned SMALL[] = {1, 2, 3, 4, 5, 7, 9, 0x10};
    const unsigned count = random.one_in(3) ? static_cast<unsigned>(random.below(0x10000)) : random.of(SMALL);
    return bcd ? count & 0x7777 : count;
}

void program_counter(Random& random, PitProgram& program, std::uint64_t pulse) {
    const auto n = static_cast<unsigned>(random.below(3));
    const auto bytes = static_cast<unsigned>(1 + random.below(3));
    const bool bcd = random.one_in(4);
    const auto mode = static_cast<unsigned>(random.below(8));
    program.operations.push_back(
        {pulse, PitOperation::What::Write, 0x43, n << 6U | bytes << 4U | mode << 1U | (bcd ? 1U : 0U)});
    const unsigned count = random_count(random, bcd);
    program.operations.push_back({pulse, PitOperation::What::Write, 0x40 + n, count & 0xff});
    if (bytes == 3 && !random.one_in(8)) {
        program.operations.push_back({pulse + random.below(3), PitOperation::What::Write, 0x40 + n, count >> 8U});
    }
}

PitProgram random_pit_program(std::uint64_t seed) {
    Random random{seed};
    PitProgram program;
    std::uint64_t pulse = random.below(3);
    for (std::uint64_t n = 4 + random.below(30); n-- > 0;) {
        const auto port = static_cast<std::uint32_t>(0x40 + random.below(3));
        switch (random.below(8)) {
            case 0:
            case 1:
                program_counter(random, program, pulse);
                break;
            case 2:
                program.operations.push_back(
                    {pulse, PitOperation::What::Write, port, static_cast<unsigned>(random.below(256))});
                break;
            case 3:
                program.operations.push_back({pulse, PitOperation::What::Write, 0x43, (port - 0x40) << 6U});
                break;
            case 4:
                program.operations.push_back(
                    {pulse, PitOperation::What::Write, 0x43, 0xc0U | static_cast<unsigned>(random.below(32) << 1U)});
                break;
            case 5:
                program.operations.push_back(
                    {pulse, PitOperation::What::Gate, 0, static_cast<unsigned>(random.below(2))});
                break;
            case 6:
                program.operations.push_back({pulse, PitOperation::What::Output2, 0, 0});
                break;
            default:
                program.operations.push_back({pulse, PitOperation::What::Read, port, 0});
        }
        pulse = program.operations.back().pulse + (random.one_in(12) ? random.below(200'000) : random.below(12));
    }
    program.pulses = pulse + 20;
    return program;
}

struct PitRecorder final : InterruptPins {
    explicit PitRecorder(sim::Timeline& on) : timeline{on} {}
    void drive(unsigned /*input*/, bool active, Token /*token*/) override {
        moves.emplace_back(clock.last_at(timeline.now())->index, active);
    }
    sim::Timeline& timeline;
    ClockDomain clock = ClockDomain::of_frequency(Pit::CLOCK);
    std::vector<std::pair<std::uint64_t, bool>> moves;
};

PitTrace run_pit(const PitProgram& program) {
    sim::Session session;
    sim::Timeline timeline{"timeline"};
    PitRecorder recorder{timeline};
    TokenCounter tokens;
    Pit pit{"pit", timeline, recorder, tokens};
    PitTrace trace;
    for (const PitOperation& op : program.operations) {
        timeline.run_until(recorder.clock.edge({op.pulse}) + Duration{1});
        switch (op.what) {
            case PitOperation::What::Write:
                pit.write(op.port, Size::B1, op.value);
                break;
            case PitOperation::What::Read:
                trace.reads.push_back(static_cast<unsigned>(pit.read(op.port, Size::B1)));
                break;
            case PitOperation::What::Gate:
                pit.gate2(op.value != 0);
                break;
            case PitOperation::What::Output2:
                trace.reads.push_back(pit.output2() ? 1 : 0);
                break;
        }
    }
    timeline.run_until(recorder.clock.edge({program.pulses}));
    trace.moves = recorder.moves;
    return trace;
}

PitTrace run_ticking_pit(const PitProgram& program) {
    reference::TickingCounters counters{TickingCounter{true}, TickingCounter{true}, TickingCounter{false}};
    PitTrace trace;
    bool level = false;
    std::uint64_t pulse = 0;
    const auto look = [&] {
        if (counters[0].out != level) {
            level = counters[0].out;
            trace.moves.emplace_back(pulse, level);
        }
    };
    const auto to = [&](std::uint64_t end) {
        while (pulse < end) {
            ++pulse;
            for (TickingCounter& counter : counters) {
                counter.pulse();
            }
            look();
        }
    };
    for (const PitOperation& op : program.operations) {
        to(op.pulse);
        switch (op.what) {
            case PitOperation::What::Write:
                op.port == 0x43 ? reference::write_control(counters, op.value)
                                : counters[op.port - 0x40].write(op.value);
                break;
            case PitOperation::What::Read:
                trace.reads.push_back(counters[op.port - 0x40].read());
                break;
            case PitOperation::What::Gate:
                counters[2].gate(op.value != 0);
                break;
            case PitOperation::What::Output2:
                trace.reads.push_back(counters[2].out ? 1 : 0);
                break;
        }
        look();
    }
    to(program.pulses);
    return trace;
}

std::string text_of(const PitProgram& program) {
    static constexpr const char* WHAT[] = {"write", "read", "gate", "output2"};
    std::string text;
    for (const PitOperation& op : program.operations) {
        text += std::to_string(op.pulse) + ": " + WHAT[static_cast<unsigned>(op.what)] + " " + std::to_string(op.port) +
                " " + std::to_string(op.value) + "\n";
    }
    return text;
}

}  // namespace

TEST_CASE("a random program gives the same edges and reads in the event-driven and in the counting 8254",
          "[pit][reference]") {
    const auto all = reference::for_each_program(1000, [](std::uint64_t seed) {
        const PitProgram program = random_pit_program(seed);
        const PitTrace model = run_pit(program);
        const PitTrace ticking = run_ticking_pit(program);
        INFO("seed " << seed << "\n" << text_of(program));
        REQUIRE(model.reads == ticking.reads);
        REQUIRE(model.moves == ticking.moves);
        return model.moves.size();
    });
    CHECK(all.events > all.programs);
}
