// SPDX-License-Identifier: Apache-2.0
// A local APIC in xAPIC mode alone, told what a trace tells; and the deviations that may explain a difference.
#pragma once
#include <string>
#include <vector>

#include "models/lapic/lapic.hpp"
#include "models/sim/session.hpp"
#include "tests/oracle/trace.hpp"

namespace hldsim::oracle {

/// One program. Of NMIs, those that came between the beginning and the end of a step are counted.
class LapicPlayer {
public:
    static constexpr const char* TRACES = "lapic";     // their files begin so
    static constexpr const char* ROWS = "local APIC";  // in DEVIATIONS.md
    static constexpr std::size_t PROGRAMS = 60;        // at least

    LapicPlayer();

    Answer play(const Step& step);
    static std::string explain(const Step& step, const Difference& difference, const std::vector<Difference>& of_step);
    static std::vector<std::string> known();
    static const regs::Map& map();
    static std::uint32_t place_of(std::uint32_t offset) { return offset; }  // in the map

private:
    /// The only CPU of a machine: what it sends reaches itself, or nobody.
    struct Outside final : IpiPort, CpuEvents {
        void send(CpuNumber sender, Shorthand shorthand, const InterruptMessage& message) override;
        void broadcast_eoi(std::uint8_t /*vector*/) override {}
        void identified(CpuNumber /*cpu*/, ApicId /*id*/, bool /*x2apic*/) override {}
        void nmi(const TokenSet& /*tokens*/, std::uint8_t /*vector*/) override { ++nmis; }
        void smi(const TokenSet& /*tokens*/) override {}
        void init(const TokenSet& /*tokens*/) override {}
        void sipi(std::uint8_t /*vector*/, const TokenSet& /*tokens*/) override {}
        void external_interrupt(bool /*active*/) override {}
        void interrupt_request(bool active) override { requested = active; }

        Lapic* lapic = nullptr;
        unsigned nmis = 0;
        bool requested = false;
    };

    sim::Session session_;
    sim::Timeline timeline_{"timeline"};
    Timing timing_;
    TokenCounter tokens_;
    Outside outside_;
    Lapic lapic_;
};

}  // namespace hldsim::oracle
