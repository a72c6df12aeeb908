// SPDX-License-Identifier: Apache-2.0
// What leaves the HPET: messages, pulses and levels.
#include <algorithm>

#include "models/hpet/hpet.hpp"
#include "models/hpet/registers.hpp"

namespace hldsim {

using hpet::Outlet;

/// IA-PC HPET 1.0a, 2.4.2.3 (the message first) against 2.3.5 (legacy replacement first): knob legacy_beats_fsb, H-25.
Outlet Hpet::outlet(unsigned n) const {
    const std::uint64_t configuration = conf(n);
    if (!running_ || hpet::INT_ENB_CNF.get(configuration) == 0) {
        return Outlet::None;
    }
    const bool legacy = n < 2 && replaces_legacy();
    if (hpet::FSB_EN_CNF.get(configuration) != 0 && !(legacy && profile_.legacy_beats_fsb)) {
        return Outlet::Message;
    }
    return legacy || input_allowed(n) ? Outlet::Pin : Outlet::None;
}

unsigned Hpet::input_of(unsigned n) const {
    return n < 2 && replaces_legacy() ? LEGACY_INPUT[n] : static_cast<unsigned>(hpet::INT_ROUTE_CNF.get(conf(n)));
}

bool Hpet::input_allowed(unsigned n) const {
    return (profile_.timers[n].route_cap >> hpet::INT_ROUTE_CNF.get(conf(n)) & 1U) != 0;
}

/// A match of timer n: the status bit, then what leaves.
void Hpet::interrupt(unsigned n, Instant at, std::uint64_t edge) {
    const std::uint64_t configuration = conf(n);
    const std::uint32_t offset = file_.offset(static_cast<Slot>(conf_slot_ + n));
    const Outlet out = outlet(n);
    const bool level = hpet::INT_TYPE_CNF.get(configuration) != 0;
    const bool by_message = hpet::FSB_EN_CNF.get(configuration) != 0;
    if (hpet::INT_ENB_CNF.get(configuration) == 0) {
        timers_[n].latched = profile_.latch_while_disabled;
    } else if (out == Outlet::None) {
        diagnosis.emit(regs::of_device(offset, configuration,
                                       "interrupt routed to an input that Tn_INT_ROUTE_CAP lacks: it goes nowhere"));
    } else if (out == Outlet::Message && level) {
        diagnosis.emit(regs::of_device(offset, configuration, "message from a level-triggered timer"));
    }

    // A status bit that is set already keeps its line: no new request.
    const std::uint64_t bit = std::uint64_t{1} << n;
    const bool sets_status = level && (!by_message || out == Outlet::Pin || profile_.fsb_level_sets_status);
    const bool already = (status() & bit) != 0;
    const bool leaves = out == Outlet::Message || (out == Outlet::Pin && !(level && already));
    const Token token = leaves || (sets_status && !already) ? tokens_.next(Source::Hpet) : Token{};
    report_match(n, at, leaves ? out : Outlet::None, token);
    if (sets_status && !already) {
        set_status(status() | bit);
        timers_[n].token = token;
    }
    if (out == Outlet::Message) {
        send(n, at, edge, token);
    } else if (level) {
        update_line(n);
    } else if (out == Outlet::Pin) {
        start_pulse(n, edge, token);
    }
}

void Hpet::report_match(unsigned n, Instant at, Outlet out, Token token) const {
    if (matched.watched()) {
        matched.emit({at, n, count_at(edges_seen()), out, token});
    }
    if (token) {
        hop.emit({token, Hop::Matched, at});
    }
}

// ---- messages

/// Address and data are those of the match edge: H-29.
MessageWrite Hpet::message_of(unsigned n, Token token) const {
    const std::uint64_t route = file_.value(static_cast<Slot>(route_slot_ + n));
    return {profile_.timers[n].requester, hpet::FSB_INT_ADDR.get(route),
            static_cast<std::uint32_t>(hpet::FSB_INT_VAL.get(route)), token};
}

void Hpet::send(unsigned n, Instant at, std::uint64_t edge, Token token) {
    const Instant after_ticks =
        profile_.match_to_msi_ticks == 0 ? at : clock_.instant_of(edge + profile_.match_to_msi_ticks);
    in_flight_.push_back({std::max(at, after_ticks) + profile_.match_to_msi, n, message_of(n, token)});
    if (in_flight_.back().leaves == timeline_.now()) {
        on_leave();
    } else {
        leave_.at(in_flight_.front().leaves);
    }
}

/// All messages take equally long, so the first to match is the first to leave.
void Hpet::on_leave() {
    while (!in_flight_.empty() && in_flight_.front().leaves == timeline_.now()) {
        const InFlight flight = in_flight_.front();
        in_flight_.erase(in_flight_.begin());
        hop.emit({flight.message.token, Hop::Posted, flight.leaves});
        messages_.post(flight.message);
    }
    leave_.at(in_flight_.empty() ? Instant::never() : in_flight_.front().leaves);
}

// ---- pins: several timers may hold one input

void Hpet::hold_input(int input, Token token) {
    if (input != NO_INPUT) {
        const auto i = static_cast<std::size_t>(input);
        if (holders_[i]++ == 0) {
            held_ |= 1U << i;
            input_token_[i] = token;
        }
    }
}

void Hpet::release_input(int input) {
    if (input != NO_INPUT && --holders_[static_cast<std::size_t>(input)] == 0) {
        held_ &= ~(1U << static_cast<unsigned>(input));
    }
}

/// After everything that one edge or one access does to the lines: a line that only changes hands does not move.
void Hpet::drive_lines() {
    const std::uint32_t fall = driven_ & ~held_;
    const std::uint32_t rise = held_ & ~driven_;
    driven_ = held_;
    for (std::uint32_t left = fall; left != 0; left &= left - 1) {
        pins_.drive(static_cast<unsigned>(__builtin_ctz(left)), false, {});
    }
    for (std::uint32_t left = rise; left != 0; left &= left - 1) {
        const auto input = static_cast<unsigned>(__builtin_ctz(left));
        pins_.drive(input, true, input_token_[input]);
    }
}

/// A match during the pulse of the one before prolongs it: no second edge (H-26).
void Hpet::start_pulse(unsigned n, std::uint64_t edge, Token token) {
    Timer& timer = timers_[n];
    const auto input = static_cast<int>(input_of(n));
    if (timer.pulse != input) {
        release_input(timer.pulse);
        timer.pulse = input;
        hold_input(input, token);
    }
    timer.pulse_end = profile_.edge_pulse.fs != 0 ? timeline_.now() + profile_.edge_pulse : clock_.instant_of(edge + 1);
    if (!pulse_end_.set() || timer.pulse_end < pulse_end_.due()) {
        pulse_end_.at(timer.pulse_end);
    }
}

void Hpet::end_pulses() {
    if (edge_waits()) {
        return;  // on_late() comes back here: a match of this edge may prolong the pulse
    }
    Instant next = Instant::never();
    for (Timer& timer : timers_) {
        if (timer.pulse == NO_INPUT) {
            continue;
        }
        if (timer.pulse_end <= timeline_.now()) {
            release_input(timer.pulse);
            timer.pulse = NO_INPUT;
        } else {
            next = std::min(next, timer.pulse_end);
        }
    }
    pulse_end_.at(next);
    drive_lines();
}

/// The level is a pure function of the registers (H-28).
void Hpet::update_line(unsigned n) {
    Timer& timer = timers_[n];
    const bool active = (status() >> n & 1U) != 0 && hpet::INT_TYPE_CNF.get(conf(n)) != 0 && outlet(n) == Outlet::Pin;
    const int line = active ? static_cast<int>(input_of(n)) : NO_INPUT;
    if (line != timer.line) {
        release_input(timer.line);
        timer.line = line;
        hold_input(line, timer.token);
    }
}

void Hpet::update_lines() {
    for (unsigned n = 0; n < timers_.size(); ++n) {
        update_line(n);
    }
    drive_lines();
}

}  // namespace hldsim
