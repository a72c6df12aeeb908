// SPDX-License-Identifier: Apache-2.0
#include "models/pit/pit.hpp"

#include "models/pit/registers.hpp"

namespace hldsim {

using regs::Diagnosis;

namespace {

constexpr std::uint32_t CONTROL_PORT = Pit::FIRST_PORT + Pit::COUNTERS;
constexpr const regs::Register& CONTROL = regs::row(pit::REGISTERS, "CONTROL");
constexpr const regs::Register& READ_BACK = regs::row(pit::REGISTERS, "READ_BACK");

}  // namespace

Pit::Pit(sc_core::sc_module_name name, sim::Timeline& timeline, InterruptPins& output, TokenCounter& tokens)
    : sc_module{name},
      timeline_{timeline},
      output_{output},
      tokens_{tokens},
      change_{timeline, sim::Priority::Pit, [this] { on_change(); }} {
    reset_enter();
}

// ---- reset

void Pit::reset_enter() {
    change_.cancel();
    channels_ = {};
    channels_[2].counter = pit::Counter{false};
}

void Pit::copy_state(StateCopy& s) {
    for (Channel& channel : channels_) {
        s(channel);
    }
    s(driven_);
}

// ---- the clock

/// Pulse 1 is the first after power-on: none is at 0.
std::uint64_t Pit::pulses_by(Instant t) const {
    const auto last = clock_.last_at(t);
    return last ? last->index : 0;
}

pit::Counter& Pit::counter_now(unsigned n) {
    Channel& channel = channels_[n];
    const std::uint64_t pulses = pulses_by(timeline_.now());
    channel.counter.advance(pulses - channel.pulses);
    channel.pulses = pulses;
    return channel.counter;
}

void Pit::on_change() {
    counter_now(0);
    drive();
    arm();
}

void Pit::drive() {
    const bool level = channels_[0].counter.out();
    if (level == driven_) {
        return;
    }
    driven_ = level;
    output_moved.emit({timeline_.now(), level});
    Token token;
    if (level) {
        token = tokens_.next(Source::Pit);
        hop.emit({token, Hop::Matched, timeline_.now()});
    }
    output_.drive(0, level, token);
}

void Pit::arm() {
    const Channel& channel = channels_[0];
    const std::uint64_t left = channel.counter.pulses_to_change();
    change_.at(left == pit::Counter::NEVER ? Instant::never() : clock_.edge_or_never({channel.pulses + left}));
}

// ---- port 61h

void Pit::gate2(bool level) { counter_now(2).gate(level); }

bool Pit::output2() { return counter_now(2).out(); }

// ---- the bus

void Pit::diagnose(Diagnosis::Kind kind, bool write, std::uint32_t port, Size size, std::uint64_t value,
                   std::string_view what) const {
    diagnosis.emit({kind, write, port, size, value, what});
}

std::uint64_t Pit::read(std::uint32_t port, Size size) {
    if (size != Size::B1) {
        diagnose(Diagnosis::Kind::Size, false, port, size, 0, "the 8254 is read by bytes");
        return byte_mask(bytes(size));
    }
    if (port < FIRST_PORT || port >= CONTROL_PORT) {
        diagnose(Diagnosis::Kind::Undefined, false, port, size, 0, "nothing is read from this port of the 8254");
        return 0xff;
    }
    return counter_now(port - FIRST_PORT).read();
}

void Pit::write(std::uint32_t port, Size size, std::uint64_t value) {
    if (size != Size::B1) {
        diagnose(Diagnosis::Kind::Size, true, port, size, value, "the 8254 is written by bytes");
        return;
    }
    const auto byte = static_cast<std::uint8_t>(value);
    if (port == CONTROL_PORT) {
        write_control(byte);
    } else if (port >= FIRST_PORT && port < CONTROL_PORT) {
        const unsigned n = port - FIRST_PORT;
        counter_now(n).write(byte);
        if (n == 0) {
            drive();
            arm();
        }
    } else {
        diagnose(Diagnosis::Kind::Undefined, true, port, size, value, "no port of the 8254");
    }
}

void Pit::write_control(std::uint8_t word) {
    const auto n = static_cast<unsigned>(CONTROL.field("SC").get(word));
    if (n == COUNTERS) {
        if (READ_BACK.mask(regs::Access::RSVD) & word) {
            diagnose(Diagnosis::Kind::Reserved, true, CONTROL_PORT, Size::B1, word, "bit 0 of a read-back command");
        }
        for (unsigned i = 0; i < COUNTERS; ++i) {
            if ((READ_BACK.field("COUNTERS").get(word) >> i & 1U) == 0) {
                continue;
            }
            pit::Counter& counter = counter_now(i);
            if (READ_BACK.field("NOT_COUNT").get(word) == 0) {
                counter.latch_count();
            }
            if (READ_BACK.field("NOT_STATUS").get(word) == 0) {
                counter.latch_status();
            }
        }
        return;
    }
    if (CONTROL.field("RW").get(word) == 0) {
        counter_now(n).latch_count();
        return;
    }
    counter_now(n).control(word);
    if (n == 0) {
        drive();
        arm();
    }
}

std::string Pit::dump() const {
    std::string text;
    for (unsigned n = 0; n < COUNTERS; ++n) {
        Channel channel = channels_[n];
        channel.counter.advance(pulses_by(timeline_.now()) - channel.pulses);
        text += "counter " + std::to_string(n) + " " + channel.counter.dump() + "\n";
    }
    return text + "line=" + (driven_ ? "1" : "0") +
           " next=" + (change_.set() ? std::to_string(change_.due().fs) : "never") + "\n";
}

}  // namespace hldsim
