// SPDX-License-Identifier: Apache-2.0
// Outcomes made by hand, record by record.
#pragma once
#include <string>

#include "tools/harness/run/outcome.hpp"

namespace hldsim::report {

constexpr std::uint64_t HPET_BASE = 0xfed0'0000;
constexpr std::uint64_t TIM0_CONF = HPET_BASE + 0x100;
constexpr std::uint64_t TIM0_ROUT = HPET_BASE + 0x110;

class Made {
public:
    run::Outcome outcome;
    Instant zero{7'515'804'211'000'000};

    Made();

    /// The number of a new record, `ps` after zero.
    std::size_t add(trace::What what, std::int64_t ps, unsigned actor = trace::NO_CPU);
    trace::Record& at(std::size_t record) { return outcome.log.records[record]; }

    std::size_t hop(Hop hop, std::int64_t ps, std::uint32_t token, unsigned cpu = trace::NO_CPU);
    /// With its hop, as the models make them.
    std::size_t match(std::int64_t ps, std::uint32_t token, unsigned timer = 0);
    std::size_t enter(cpu::Context context, std::int64_t ps, unsigned cpu, std::uint32_t token = 0);
    std::size_t leave(cpu::Context context, std::int64_t ps, unsigned cpu, std::uint32_t token = 0);
    std::size_t write(std::int64_t ps, unsigned cpu, std::uint64_t address, std::uint64_t value);
    std::size_t effect(std::int64_t ps, std::uint64_t address, std::uint64_t value);
    std::size_t mask_cleared(std::int64_t ps, unsigned cpu, unsigned by);
    std::size_t text(trace::What what, std::int64_t ps, unsigned actor, const std::string& words);
    void place(std::size_t record, const std::string& function, const std::string& file, unsigned line);

    check::Finding& find(const std::string& hazard, unsigned cpu, trace::Life phase, bool expected = false);

private:
    std::vector<cpu::Context> contexts_[8];
};

/// An NMI that is taken just after its CPU has left the mask; the timer is stopped without a drain.
Made late_nmi();

/// An NMI that spins on the lock which the code below it holds.
Made own_lock();

/// The schema's sample: a finding, a window, a landing that is impossible, an error.
std::vector<run::Outcome> sample();

}  // namespace hldsim::report
