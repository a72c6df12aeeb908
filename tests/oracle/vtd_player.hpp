// SPDX-License-Identifier: Apache-2.0
// A remapping unit between memory and a fabric that writes down what leaves it, told what a trace tells; and the
// deviations that may explain a difference.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "models/regs/spec.hpp"
#include "tests/oracle/trace.hpp"

namespace hldsim::test {
struct VtdFixture;
}

namespace hldsim::oracle {

/// One program. Each step has the time it takes: commands, invalidations and messages are done at its end.
class VtdPlayer {
public:
    static constexpr const char* TRACES = "vtd";  // their files begin so
    static constexpr const char* ROWS = "VT-d";   // in DEVIATIONS.md
    static constexpr std::size_t PROGRAMS = 40;   // at least

    VtdPlayer();
    ~VtdPlayer();
    VtdPlayer(const VtdPlayer&) = delete;
    VtdPlayer& operator=(const VtdPlayer&) = delete;
    VtdPlayer(VtdPlayer&&) = delete;
    VtdPlayer& operator=(VtdPlayer&&) = delete;

    Answer play(const Step& step);
    static std::string explain(const Step& step, const Difference& difference, const std::vector<Difference>& of_step);
    static std::vector<std::string> known();
    static const regs::Map& map();
    static std::uint32_t place_of(std::uint32_t offset);  // in the map

private:
    std::unique_ptr<test::VtdFixture> fixture_;
};

}  // namespace hldsim::oracle
