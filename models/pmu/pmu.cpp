// SPDX-License-Identifier: Apache-2.0
#include "models/pmu/pmu.hpp"

#include "models/regs/print.hpp"

namespace hldsim {

namespace {

constexpr regs::File::Slot CORE = pmu::FIXED_CTR + 1;
constexpr regs::File::Slot REFERENCE = pmu::FIXED_CTR + 2;

/// The map's masks. All resets are 0: SDM vol. 3A, table 9-1.
const regs::File& shape() {
    static const regs::File file{pmu::MAP, {Size::B8}};
    return file;
}

regs::File::Location locate(std::uint32_t msr, bool write) {
    if (msr < pmu::FIRST_MSR || msr > pmu::LAST_MSR) {
        return {};
    }
    return shape().locate(pmu::offset_of_msr(msr), Size::B8, write);
}

}  // namespace

Pmu::Pmu(sim::Timeline& timeline, const Timing& timing, LocalInterrupts& apic)
    : apic_{apic},
      core_{timeline, ClockDomain::of_frequency(timing.core()), [this] { overflowed(1); }},
      reference_{timeline, ClockDomain::of_frequency(timing.tsc()), [this] { overflowed(2); }} {}

bool Pmu::is_on(unsigned n) const {
    return pmu::enabled(n).get(values_[pmu::FIXED_CTR_CTRL]) != 0 &&
           pmu::of_counter(n).get(values_[pmu::GLOBAL_CTRL]) != 0;
}

unsigned Pmu::first_on() const {
    unsigned n = 0;
    while (n < pmu::COUNTERS && !is_on(n)) {
        ++n;
    }
    return n == pmu::COUNTERS ? 0 : n;
}

std::uint64_t Pmu::value(regs::File::Slot slot) const {
    return slot == CORE ? core_.value() : slot == REFERENCE ? reference_.value() : values_[slot];
}

bool Pmu::rdmsr(std::uint32_t msr, std::uint64_t& value) {
    const auto at = locate(msr, false);
    if (!at) {
        return false;
    }
    value = shape().readable(at, this->value(at.slot));
    return true;
}

bool Pmu::wrmsr(std::uint32_t msr, std::uint64_t value) {
    const auto at = locate(msr, true);
    if (!at || at.slot == pmu::GLOBAL_STATUS || (value & shape().reserved_mask(at.slot)) != 0) {
        return false;
    }
    switch (at.slot) {
        case CORE:
            core_.write(value);
            break;
        case REFERENCE:
            reference_.write(value);
            break;
        case pmu::GLOBAL_OVF_CTRL:
            values_[pmu::GLOBAL_STATUS] &= ~value;
            break;
        default:
            values_[at.slot] = shape().written(at, values_[at.slot], value);
            update();
    }
    return true;
}

void Pmu::asleep(bool on) {
    asleep_ = on;
    update();
}

void Pmu::update() {
    constexpr std::uint64_t RING_0 = 1;
    const auto runs = [&](unsigned n) {
        return is_on(n) && (pmu::enabled(n).get(values_[pmu::FIXED_CTR_CTRL]) & RING_0) != 0 && !asleep_;
    };
    core_.run(runs(1));
    reference_.run(runs(2));
}

void Pmu::overflow(unsigned n) {
    if (!is_on(n)) {
        diagnosis.emit(regs::of_device(shape().offset(pmu::FIXED_CTR_CTRL), values_[pmu::FIXED_CTR_CTRL],
                                       "a counter that is off overflows: no effect"));
        return;
    }
    wrmsr(pmu::FIRST_MSR + n, 0);
    overflowed(n);
}

void Pmu::overflowed(unsigned n) {
    values_[pmu::GLOBAL_STATUS] = pmu::of_counter(n).set(values_[pmu::GLOBAL_STATUS], 1);
    if (pmu::interrupts(n).get(values_[pmu::FIXED_CTR_CTRL]) != 0) {
        interrupting.emit(n);
        apic_.performance_counter_overflowed();
    }
}

void Pmu::reset_enter() {
    values_ = {};
    core_.reset();
    reference_.reset();
    asleep_ = false;
}

void Pmu::copy_state(StateCopy& s) {
    s(values_, asleep_);
    core_.copy_state(s);
    reference_.copy_state(s);
}

std::string Pmu::dump() const {
    std::string text = "pmu";
    for (regs::File::Slot slot = 0; slot < pmu::SLOTS; ++slot) {
        text += (slot == 0 ? " " : ", ") + regs::instance_name(shape().spec(slot), shape().instance(slot)) + "=" +
                regs::hexadecimal(value(slot), 64);
    }
    return text + "\n";
}

}  // namespace hldsim
