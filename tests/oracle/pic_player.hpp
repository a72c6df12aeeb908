// SPDX-License-Identifier: Apache-2.0
// An 8259A pair alone, told what a trace tells; and the deviations that may explain a difference.
#pragma once
#include <string>
#include <vector>

#include "models/pic/pic.hpp"
#include "models/sim/session.hpp"
#include "tests/oracle/trace.hpp"

namespace hldsim::oracle {

/// One program. What INTR was between the beginning and the end of a step is not looked at.
class PicPlayer {
public:
    static constexpr const char* TRACES = "pic";  // their files begin so
    static constexpr const char* ROWS = "8259A";  // in DEVIATIONS.md
    static constexpr std::size_t PROGRAMS = 40;   // at least

    PicPlayer();

    Answer play(const Step& step);
    static std::string explain(const Step& step, const Difference& difference, const std::vector<Difference>& of_step);
    static std::vector<std::string> known();

private:
    struct Output final : InterruptPins {
        void drive(unsigned /*input*/, bool active, Token /*token*/) override { level = active; }
        bool level = false;
    };

    sim::Session session_;
    sim::Timeline timeline_{"timeline"};
    Output output_;
    Pic pic_;
};

}  // namespace hldsim::oracle
