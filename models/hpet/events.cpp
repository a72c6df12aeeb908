// SPDX-License-Identifier: Apache-2.0
#include "models/hpet/events.hpp"

#include "models/hpet/registers.hpp"
#include "models/regs/print.hpp"

namespace hldsim::hpet {

namespace {

std::string register_at(std::uint32_t offset) {
    for (const regs::Register& spec : MAP) {
        for (unsigned i = 0; i < spec.repeat.count; ++i) {
            const std::uint32_t first = spec.offset + i * spec.repeat.stride;
            if (offset >= first && offset < first + spec.width / 8) {
                return regs::instance_name(spec, i);
            }
        }
    }
    return "offset " + regs::hexadecimal(offset, 12);
}

}  // namespace

std::string describe(const TimerMatched& event) {
    const std::string timer =
        "timer " + std::to_string(event.timer) + " matches at main counter " + std::to_string(event.main_counter);
    switch (event.outlet) {
        case Outlet::Message:
            return timer + ", sends its message";
        case Outlet::Pin:
            return timer + ", drives its pin";
        case Outlet::None:
            return timer + ", no interrupt leaves";
    }
    return timer;
}

std::string describe(const RegisterWritten& event) {
    return register_at(event.offset) + " = " + regs::hexadecimal(event.after, 64);
}

std::string describe(const regs::Diagnosis& diagnosis) {
    return std::string{regs::kind_name(diagnosis.kind)} + ": " + std::string{diagnosis.what} + " (" +
           (diagnosis.write ? "write of " : "read of ") + std::to_string(bytes(diagnosis.size)) + " bytes, " +
           register_at(diagnosis.offset) + (diagnosis.write ? ", " + regs::hexadecimal(diagnosis.value, 64) : "") + ")";
}

}  // namespace hldsim::hpet
