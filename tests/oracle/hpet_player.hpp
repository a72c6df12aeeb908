// SPDX-License-Identifier: Apache-2.0
// An HPET as QEMU's q35 has it, alone, told what a trace tells; and the deviations that may explain a difference.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "models/hpet/hpet.hpp"
#include "models/sim/session.hpp"
#include "tests/oracle/trace.hpp"

namespace hldsim::oracle {

/// One program. Every access lies 2 fs behind an edge of the clock, so that it ties with none; a pulse is 1 fs long.
class HpetPlayer {
public:
    static constexpr const char* TRACES = "hpet";  // their files begin so
    static constexpr const char* ROWS = "HPET";    // in DEVIATIONS.md
    static constexpr std::size_t PROGRAMS = 100;   // at least

    HpetPlayer();

    Answer play(const Step& step);
    static std::string explain(const Step& step, const Difference& difference, const std::vector<Difference>& of_step);
    static std::vector<std::string> known();

private:
    struct Driven {
        Instant at;
        unsigned input = 0;
        bool level = false;
    };
    struct Ports final : MessagePort, InterruptPins {
        explicit Ports(HpetPlayer& p) : player{p} {}
        void post(const MessageWrite& message) override;
        void drive(unsigned input, bool active, Token token) override;
        HpetPlayer& player;
    };

    std::vector<Happening> take_seen();
    unsigned tick_of(Instant at) const;

    sim::Session session_;
    sim::Timeline timeline_{"timeline"};
    std::vector<Driven> driven_;
    std::vector<Happening> messages_;
    Instant step_began_;
    Ports ports_{*this};
    TokenCounter tokens_;
    DefaultChoice choices_;
    Hpet hpet_;
};

}  // namespace hldsim::oracle
