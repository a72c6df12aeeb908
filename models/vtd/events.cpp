// SPDX-License-Identifier: Apache-2.0
#include "models/vtd/events.hpp"

#include "models/fabric/remapping.hpp"
#include "models/regs/print.hpp"
#include "models/vtd/registers.hpp"

namespace hldsim::vtd {

namespace {

std::string fate(const RequestBlocked& blocked) {
    switch (blocked.recorded) {
        case Recorded::Written:
            return "fault record " + std::to_string(blocked.record);
        case Recorded::Compressed:
            return "a pending record of the requester stands for it";
        case Recorded::Suppressed:
            return "not recorded: FPD";
        case Recorded::Overflowed:
            return "no record is free: PFO";
        case Recorded::Lost:
            break;
    }
    return "lost: PFO is set";
}

}  // namespace

std::string describe(const RequestBlocked& event) {
    std::string text = "request of " + bus_name(event.write.requester) + " is blocked, fault " +
                       regs::hexadecimal(static_cast<std::uint64_t>(event.reason), 8).substr(2) + "h";
    if (has_index(event.reason)) {
        text += ", index " + std::to_string(event.index);
    }
    return text + ": " + hldsim::vtd::text(event.reason) + "; " + fate(event);
}

std::string describe(const regs::Diagnosis& diagnosis) { return regs::describe(diagnosis, MAP); }

}  // namespace hldsim::vtd
