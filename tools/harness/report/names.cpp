// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/report/names.hpp"

#include <cstring>

namespace hldsim::report {

std::string cpu_name(unsigned cpu) { return "CPU " + std::to_string(cpu); }

std::string error_words(std::int64_t result) {
    const char* const name = result < 0 && result > -4096 ? strerrorname_np(static_cast<int>(-result)) : nullptr;
    return std::to_string(result) + (name == nullptr ? "" : " (" + std::string{name} + ")");
}

std::string_view life_name(trace::Life life) {
    switch (life) {
        case trace::Life::WaitForSipi:
            return "wait-for-sipi";
        case trace::Life::Coming:
            return "coming";
        case trace::Life::Up:
            return "up";
        case trace::Life::Leaving:
            return "leaving";
        case trace::Life::Offline:
            return "offline";
        case trace::Life::Dead:
            break;
    }
    return "dead";
}

std::string_view context_name(cpu::Context context) {
    switch (context) {
        case cpu::Context::Task:
            return "task";
        case cpu::Context::Interrupt:
            return "irq";
        case cpu::Context::Nmi:
            return "nmi";
        case cpu::Context::Smm:
            break;
    }
    return "smm";
}

std::string_view hop_name(Hop hop) {
    switch (hop) {
        case Hop::Matched:
            return "matched";
        case Hop::Posted:
            return "posted";
        case Hop::Remapped:
            return "remapped";
        case Hop::Accepted:
            return "accepted";
        case Hop::Taken:
            return "taken";
        case Hop::Returned:
            break;
    }
    return "returned";
}

std::string_view end_name(cpu::End end) {
    switch (end) {
        case cpu::End::None:
            return "none";
        case cpu::End::Time:
            return "time";
        case cpu::End::Deadlock:
            return "deadlock";
        case cpu::End::Panic:
            return "panic";
        case cpu::End::Reset:
            return "reset";
        case cpu::End::TripleFault:
            return "triple-fault";
        case cpu::End::BootCpuInit:
            return "boot-cpu-init";
        case cpu::End::AccessLimit:
            return "access-limit";
        case cpu::End::BadAccess:
            break;
    }
    return "bad-access";
}

}  // namespace hldsim::report
