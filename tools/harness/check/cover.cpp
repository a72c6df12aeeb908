// SPDX-License-Identifier: Apache-2.0
// INV-cover: a CPU that has been up and monitored for longer than Dmax has had a check within Dmax. Not of a detector
// that has set up a performance counter: that stands still while its CPU sleeps (SDM vol. 3B, 18.2.3), so a gap is
// nobody's fault; INV-complete asks whether a CPU that is stuck was found in time.
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {
namespace {

/// A span without a check, as long as the CPU is up and monitored.
struct Gap {
    Rank from = NEVER;
    Instant since;
};

class Watch {
public:
    Watch(const Index& index, unsigned cpu, Violations& found) : index_{index}, cpu_{cpu}, found_{found} {}

    void run() {
        const CpuFacts& facts = index_.cpus[cpu_];
        // Three ordered lists of what may happen to a CPU, walked together.
        std::size_t life = 0;
        std::size_t mask = 0;
        std::size_t check = 0;
        for (;;) {
            const Rank next_life = life < facts.life.changes().size() ? facts.life.changes()[life].rank : NEVER;
            const Rank next_mask =
                mask < facts.monitored.changes().size() ? facts.monitored.changes()[mask].rank : NEVER;
            const Rank next_check = check < facts.checks.size() ? facts.checks[check] : NEVER;
            const Rank next = std::min({next_life, next_mask, next_check});
            if (next == NEVER) {
                break;
            }
            close(next, index_.at(next));
            if (next == next_life) {
                up_ = facts.life.changes()[life++].value == trace::Life::Up;
            } else if (next == next_mask) {
                monitored_ = facts.monitored.changes()[mask++].value;
            } else {
                ++check;
            }
            gap_ = {next, index_.at(next)};
        }
        if (index_.size() != 0) {
            close(index_.size() - 1, index_.ended_at());
        }
    }

private:
    void close(Rank to, Instant until) {
        const Duration bound = *index_.options.described.max_delay;
        if (!up_ || !monitored_ || until - gap_.since <= bound) {
            return;
        }
        const Rank broken = at_or_after(gap_.since + bound, gap_.from, to);
        const Coverage coverage = coverage_between(index_, cpu_, gap_.from, broken);
        Violation violation{"INV-cover", coverage.subject(cpu_), cpu_, broken, {gap_.from}};
        add_known(violation.evidence, {coverage.last_check, coverage.stopped});
        found_.push_back(std::move(violation));
    }

    /// The first record that is not earlier than an instant, between two others.
    Rank at_or_after(Instant wanted, Rank from, Rank to) const {
        while (from < to) {
            const Rank middle = from + (to - from) / 2;
            if (index_.at(middle) < wanted) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
    }

    const Index& index_;
    unsigned cpu_;
    Violations& found_;
    Gap gap_;
    bool up_ = false;
    bool monitored_ = false;
};

}  // namespace

void check_cover(const Index& index, Violations& found) {
    const Described& described = index.options.described;
    if (!described.monitored || !described.max_delay || !described.nmi_handler || index.log.own_counter) {
        return;
    }
    for (unsigned cpu = 0; cpu < index.cpus.size(); ++cpu) {
        Watch{index, cpu, found}.run();
    }
}

}  // namespace hldsim::check
