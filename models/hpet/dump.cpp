// SPDX-License-Identifier: Apache-2.0
#include "models/hpet/hpet.hpp"
#include "models/hpet/registers.hpp"
#include "models/regs/print.hpp"

namespace hldsim {

namespace {

std::string named(const char* name, std::uint64_t value) {
    return std::string{" "} + name + "=" + std::to_string(value);
}

std::string at(const char* name, Instant t) {
    return std::string{" "} + name + "=" + (t == Instant::never() ? "never" : std::to_string(t.fs));
}

}  // namespace

/// Registers as software sees them, then what stands behind them. Instants are absolute.
std::string Hpet::dump() const {
    std::string text;
    for (Slot slot = 0; slot < file_.slots(); ++slot) {
        if (file_.present(slot)) {
            const regs::Register& spec = file_.spec(slot);
            text += regs::instance_name(spec, file_.instance(slot)) + " " +
                    regs::hexadecimal(whole_value(slot), spec.width) + " " +
                    regs::decode_short(spec, whole_value(slot)) + "\n";
        }
    }
    text += "clock" + named("counting", counting() ? 1 : 0) + named("in_c10", stopped_in_c10_ ? 1 : 0) +
            named("late", comparator_late_) + named("access_first", access_first_ ? 1 : 0) +
            named("split", split_.pending ? 1 : 0) + at("edge", edge_.due()) + "\n";
    for (unsigned n = 0; n < timers_.size(); ++n) {
        const Timer& timer = timers_[n];
        text += "timer " + std::to_string(n) + named("compares", timer.comparator.active()) +
                named("waits", timer.comparator.waits() ? 1 : 0) + named("period", timer.comparator.period()) +
                named("stale", timer.stale_reads) + named("latched", timer.latched ? 1 : 0) +
                named("valset", hpet::VAL_SET_CNF.get(conf(n))) + " line=" + std::to_string(timer.line) +
                " pulse=" + std::to_string(timer.pulse) + at("next", clock_.instant_of(timer.next)) + "\n";
    }
    for (const InFlight& flight : in_flight_) {
        text += "message of timer " + std::to_string(flight.timer) + at("leaves", flight.leaves) +
                named("address", flight.message.address) + named("data", flight.message.data) + "\n";
    }
    text += "lines" + named("held", held_) + named("driven", driven_) + named("guarded", guarded_reads_) + "\n";
    return text;
}

}  // namespace hldsim
