// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/scenario/length.hpp"

#include <algorithm>

#include "models/base/limits.hpp"

namespace hldsim::scenario {
namespace {

using diagnostic::Mark;
__extension__ using Wide = __int128;  // sums of spans that each may be anything

constexpr Wide LIMIT = Wide{limits::RUN_SECONDS} * FS_PER_S;

class Lengths {
public:
    Lengths(Hertz core, Duration tick, bool exact) : core_{core}, tick_{tick}, exact_{exact} {}

    void check(const Scenario& scenario) {
        for (const Event& event : scenario.events) {
            check(event);
        }
        if (scenario.until && last_ + fs(*scenario.until) > LIMIT) {
            refuse(scenario.until->mark, "the run would end after more than ");
        }
        for (const auto* const span : {&scenario.window.from, &scenario.window.to, &scenario.window.step}) {
            if (*span && (fs(**span) > LIMIT || fs(**span) < -LIMIT)) {
                refuse((*span)->mark, "a window beyond ");
            }
        }
    }

private:
    Wide fs(const Marked<value::Span>& span) const {
        switch (span.value.unit) {
            case value::Span::Unit::Time:
                return span.value.amount;
            case value::Span::Unit::Ticks:
                return Wide{span.value.amount} * tick_.fs;
            case value::Span::Unit::Cycles:
                break;
        }
        return Wide{span.value.amount} * FS_PER_S * static_cast<Wide>(core_.denominator) /
               static_cast<Wide>(core_.numerator);
    }

    static void refuse(const Mark& mark, const std::string& what) {
        const std::string limit = std::to_string(limits::RUN_SECONDS) + " s";
        throw diagnostic::Error{mark, what + limit, "a run of at most " + limit};
    }

    void check(const Event& event) {
        Wide begin = event.at ? fs(*event.at) : 0;
        if (const auto* const repeat = std::get_if<Repeat>(&event.action)) {
            const Wide all = fs(repeat->every) * repeat->times;
            if (all > LIMIT) {
                refuse(repeat->every.mark, "the repetitions take more than ");
            }
            begin += all;
            for (const SimpleAction& action : repeat->actions) {
                std::visit([this](const auto& one) { check_action(one); }, action);
            }
        } else {
            std::visit([this](const auto& one) { check_action(one); }, event.action);
        }
        if (begin > LIMIT) {
            refuse(event.at->mark, "an event after more than ");
        }
        last_ = std::max(last_, begin);
    }

    void check_action(const Smi& smi) {
        check_span(smi.residency);
        if (smi.iret_after) {
            check_span(*smi.iret_after);
            check_iret(smi, *smi.iret_after);
        }
    }
    void check_action(const Exception& exception) { check_span(exception.duration); }
    void check_action(const Stuck& stuck) { check_span(stuck.duration); }
    void check_action(const Message& message) { check_span(message.by); }
    void check_action(const Tsc& tsc) { check_span(tsc.step); }
    template <class Other>
    void check_action(const Other& /*has none*/) {}

    void check_span(const std::optional<Marked<value::Span>>& span) {
        if (span) {
            check_span(*span);
        }
    }
    void check_span(const Marked<value::Span>& span) {
        if (fs(span) > LIMIT || fs(span) < -LIMIT) {
            refuse(span.mark, "it takes more than ");
        }
    }

    // Of two units, which is longer, the clocks of the machine say.
    void check_iret(const Smi& smi, const Marked<value::Span>& iret) const {
        if ((exact_ || iret.value.unit == smi.residency.value.unit) && fs(iret) >= fs(smi.residency)) {
            throw diagnostic::Error{iret.mark, "firmware executes IRET when it has left SMM", "less than its 'for'"};
        }
    }

    Hertz core_;
    Duration tick_;
    bool exact_;
    Wide last_ = 0;
};

}  // namespace

void check_lengths(const Scenario& scenario, Hertz core, Duration tick) { Lengths{core, tick, true}.check(scenario); }

// No core is faster than 10 GHz; HPET 1.0a, 2.3.4 allows 100 ns at most and names no least period, 1 ns is none's.
void check_lengths(const Scenario& scenario) {
    Lengths{Hertz{10'000'000'000}, Duration{1'000'000}, false}.check(scenario);
}

}  // namespace hldsim::scenario
