// SPDX-License-Identifier: Apache-2.0
#include "models/hpet/events.hpp"

#include "models/hpet/registers.hpp"
#include "models/regs/print.hpp"

namespace hldsim::hpet {

std::string describe(const TimerMatched& event) {
    std::string timer =
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
    return regs::register_at(MAP, event.offset) + " = " + regs::hexadecimal(event.after, 64);
}

std::string describe(const regs::Diagnosis& diagnosis) { return regs::describe(diagnosis, MAP); }

}  // namespace hldsim::hpet
