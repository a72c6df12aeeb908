// SPDX-License-Identifier: Apache-2.0
// The same random register program for the event-driven HPET and for the one that ticks: the same trace, edge for edge.
#include <algorithm>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "models/hpet/hpet.hpp"
#include "models/sim/session.hpp"
#include "tests/reference/hpet_options.hpp"
#include "tests/reference/hpet_program.hpp"
#include "tests/reference/random.hpp"
#include "tests/reference/ticking_hpet.hpp"
#include "tests/support/catch.hpp"

using namespace hldsim;
using reference::AFTER_EDGE;
using reference::Operation;
using reference::Program;

namespace {

// ---- the two runs, written down in the same words

struct HpetTrace {
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

class FixedChoice final : public ChoiceSource {
public:
    explicit FixedChoice(std::uint32_t fixed) : answer_{fixed} {}

private:
    std::uint32_t answer(std::string_view /*site*/, std::uint32_t /*alternatives*/) override { return answer_; }
    std::uint32_t answer_;
};

struct HpetRecorder final : MessagePort, InterruptPins {
    explicit HpetRecorder(sim::Timeline& t) : timeline{t} {}
    void post(const MessageWrite& m) override {
        trace.messages.push_back(message_text(timeline.now().fs, m.requester.value - 0x100U, m.address, m.data));
    }
    void drive(unsigned input, bool active, Token /*token*/) override {
        changes.push_back({timeline.now().fs, input, active});
    }
    sim::Timeline& timeline;
    HpetTrace trace;
    std::vector<Change> changes;
};

HpetTrace run_hpet(const Program& program) {
    const sim::Session session;
    sim::Timeline timeline{"timeline"};
    HpetRecorder recorder{timeline};
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
    timeline.run_until(Instant{program.edges.back() + AFTER_EDGE});
    HpetTrace trace = recorder.trace;
    trace.lines = written_down(recorder.changes);
    trace.status = std::to_string(hpet.read(0xf0, Size::B8)) + " " + std::to_string(hpet.read(0x20, Size::B4));
    return trace;
}

// Drives the HPET that ticks through a program: everything in the order of time.
class TickingHpetRun {
public:
    explicit TickingHpetRun(const Program& program)
        : program_{program}, hpet_{reference::options_of(program.profile)} {}

    HpetTrace trace() {
        for (std::uint64_t edge = 0; edge < program_.edges.size(); ++edge) {
            const std::int64_t at = program_.edges[edge];
            by_itself(at - 1);
            if (program_.access_first) {
                half(at);
                accesses(edge, true);
            }
            hpet_.edge();
            half(at);
            accesses(edge, true);
            by_itself(at + AFTER_EDGE);
            accesses(edge, false);
        }
        HpetTrace trace{{}, {}, reads_, {}};
        for (const reference::Output& m : hpet_.messages) {
            trace.messages.push_back(message_text(m.at, m.timer, m.address, m.data));
        }
        std::vector<Change> changes;
        for (const reference::Output& line : hpet_.lines) {
            changes.push_back({line.at, line.input, line.active});
        }
        trace.lines = written_down(changes);
        const std::int64_t end = program_.edges.back() + AFTER_EDGE;
        trace.status = std::to_string(hpet_.read(end, 0xf0, 8)) + " " + std::to_string(hpet_.read(end, 0x20, 4));
        return trace;
    }

private:
    void by_itself(std::int64_t until) {
        while (std::min(hpet_.next_between(), hpet_.next_half()) <= until) {
            if (hpet_.next_between() <= hpet_.next_half()) {
                hpet_.between();
            } else {
                hpet_.half();
            }
        }
    }

    void half(std::int64_t at) {
        if (hpet_.next_half() == at) {
            hpet_.half();
        }
    }

    void accesses(std::uint64_t edge, bool tie) {
        const std::vector<Operation>& all = program_.operations;
        for (; next_ < all.size() && all[next_].edge == edge && all[next_].tie == tie; ++next_) {
            const Operation& op = all[next_];
            const std::int64_t at = instant_of(program_, op);
            if (op.write) {
                hpet_.write(at, op.offset, op.length, op.value);
            } else {
                reads_.push_back(std::to_string(hpet_.read(at, op.offset, op.length)));
            }
        }
    }

    const Program& program_;
    reference::TickingHpet hpet_;
    std::vector<std::string> reads_;
    std::size_t next_ = 0;
};

}  // namespace

TEST_CASE("a random register program gives the same trace in the event-driven and in the ticking HPET",
          "[hpet][reference][H-1][H-7][H-26][H-33][H-36]") {
    std::size_t messages = 0;
    const auto all = reference::for_each_program(2000, [&](std::uint64_t seed) {
        const Program program = reference::random_program(seed);
        const HpetTrace model = run_hpet(program);
        const HpetTrace reference = TickingHpetRun{program}.trace();
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
