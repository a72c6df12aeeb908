// SPDX-License-Identifier: Apache-2.0
// An I/O APIC as QEMU's q35 has it, alone, told what a trace tells; and the deviations that may explain a difference.
#pragma once
#include <string>
#include <vector>

#include "models/ioapic/ioapic.hpp"
#include "models/sim/session.hpp"
#include "tests/oracle/trace.hpp"

namespace hldsim::oracle {

/// One program. A message leaves 1 fs after what makes it, and belongs to the step of that.
class IoapicPlayer {
public:
    static constexpr const char* TRACES = "ioapic";  // their files begin so
    static constexpr const char* ROWS = "I/O APIC";  // in DEVIATIONS.md
    static constexpr std::size_t PROGRAMS = 100;     // at least

    IoapicPlayer();

    Answer play(const Step& step);
    std::string explain(const Step& step, const Difference& difference, const std::vector<Difference>& of_step) const;
    static std::vector<std::string> known();

private:
    struct Port final : MessagePort {
        void post(const MessageWrite& message) override;
        std::vector<Happening> sent;
    };

    unsigned needed(const Step& step, const Difference& difference) const;

    sim::Session session_;
    sim::Timeline timeline_{"timeline"};
    Timing timing_;
    Port port_;
    TokenCounter tokens_;
    Ioapic ioapic_;
    std::uint64_t selected_ = 0;  // what the trace wrote to IOREGSEL
};

}  // namespace hldsim::oracle
