// SPDX-License-Identifier: Apache-2.0
#include "models/pmu/pmu.hpp"

#include "models/regs/print.hpp"

namespace hldsim {

Pmu::Pmu(LocalInterrupts& apic)
    : apic_{apic},
      file_{pmu::MAP, {Size::B8}},
      counters_{file_.slot("IA32_FIXED_CTR")},
      control_{file_.slot("IA32_FIXED_CTR_CTRL")},
      status_{file_.slot("IA32_PERF_GLOBAL_STATUS")},
      global_control_{file_.slot("IA32_PERF_GLOBAL_CTRL")},
      clear_{file_.slot("IA32_PERF_GLOBAL_OVF_CTRL")} {
    file_.reset();
}

regs::File::Location Pmu::locate(std::uint32_t msr, bool write) const {
    if (msr < pmu::FIRST_MSR || msr > pmu::LAST_MSR) {
        return {};
    }
    return file_.locate(pmu::offset_of_msr(msr), Size::B8, write);
}

bool Pmu::rdmsr(std::uint32_t msr, std::uint64_t& value) {
    const auto at = locate(msr, false);
    if (!at) {
        return false;
    }
    value = file_.readable(at, file_.value(at.slot));
    return true;
}

bool Pmu::wrmsr(std::uint32_t msr, std::uint64_t value) {
    const auto at = locate(msr, true);
    if (!at || at.slot == status_ || (value & file_.reserved_mask(at.slot)) != 0) {
        return false;
    }
    if (at.slot == clear_) {
        file_.set_value(status_, file_.value(status_) & ~value);
    } else {
        file_.set_value(at.slot, file_.written(at, file_.value(at.slot), value));
    }
    return true;
}

void Pmu::overflow(unsigned n) {
    const std::uint64_t control = file_.value(control_);
    const bool counts = pmu::enabled(n).get(control) != 0 && pmu::of_counter(n).get(file_.value(global_control_)) != 0;
    if (!counts) {
        diagnosis.emit(regs::of_device(file_.offset(control_), control, "a counter that is off overflows: no effect"));
        return;
    }
    file_.set_value(static_cast<Slot>(counters_ + n), 0);
    file_.set_value(status_, pmu::of_counter(n).set(file_.value(status_), 1));
    if (pmu::interrupts(n).get(control) != 0) {
        apic_.performance_counter_overflowed();
    }
}

std::string Pmu::dump() const {
    std::string text = "pmu";
    for (Slot slot = 0; slot < file_.slots(); ++slot) {
        text += (slot == 0 ? " " : ", ") + regs::instance_name(file_.spec(slot), file_.instance(slot)) + "=" +
                regs::hexadecimal(file_.value(slot), 64);
    }
    return text + "\n";
}

}  // namespace hldsim
