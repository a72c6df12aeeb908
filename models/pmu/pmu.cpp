// SPDX-License-Identifier: Apache-2.0
#include "models/pmu/pmu.hpp"

#include "models/regs/print.hpp"

namespace hldsim {

namespace {

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

bool Pmu::rdmsr(std::uint32_t msr, std::uint64_t& value) {
    const auto at = locate(msr, false);
    if (!at) {
        return false;
    }
    value = shape().readable(at, values_[at.slot]);
    return true;
}

bool Pmu::wrmsr(std::uint32_t msr, std::uint64_t value) {
    const auto at = locate(msr, true);
    if (!at || at.slot == pmu::GLOBAL_STATUS || (value & shape().reserved_mask(at.slot)) != 0) {
        return false;
    }
    if (at.slot == pmu::GLOBAL_OVF_CTRL) {
        values_[pmu::GLOBAL_STATUS] &= ~value;
    } else {
        values_[at.slot] = shape().written(at, values_[at.slot], value);
    }
    return true;
}

void Pmu::overflow(unsigned n) {
    const std::uint64_t control = values_[pmu::FIXED_CTR_CTRL];
    const bool counts = pmu::enabled(n).get(control) != 0 && pmu::of_counter(n).get(values_[pmu::GLOBAL_CTRL]) != 0;
    if (!counts) {
        diagnosis.emit(regs::of_device(shape().offset(pmu::FIXED_CTR_CTRL), control,
                                       "a counter that is off overflows: no effect"));
        return;
    }
    values_[pmu::FIXED_CTR + n] = 0;
    values_[pmu::GLOBAL_STATUS] = pmu::of_counter(n).set(values_[pmu::GLOBAL_STATUS], 1);
    if (pmu::interrupts(n).get(control) != 0) {
        apic_.performance_counter_overflowed();
    }
}

std::string Pmu::dump() const {
    std::string text = "pmu";
    for (regs::File::Slot slot = 0; slot < pmu::SLOTS; ++slot) {
        text += (slot == 0 ? " " : ", ") + regs::instance_name(shape().spec(slot), shape().instance(slot)) + "=" +
                regs::hexadecimal(values_[slot], 64);
    }
    return text + "\n";
}

}  // namespace hldsim
