// SPDX-License-Identifier: Apache-2.0
#include "models/amdvi/events.hpp"

#include "models/amdvi/registers.hpp"
#include "models/fabric/remapping.hpp"
#include "models/regs/print.hpp"

namespace hldsim::amdvi {

namespace {

std::string fate(const RequestBlocked& blocked) {
    std::string event = name(blocked.event);
    switch (blocked.recorded) {
        case Recorded::Written:
            return event + ", event " + std::to_string(blocked.position) + " of the log";
        case Recorded::Suppressed:
            return event + ", not logged: IG or SupIOPF";
        case Recorded::NotLogging:
            return event + ", not logged: EventLogRun is 0";
        case Recorded::Overflowed:
            return event + ", lost: the log is full";
        case Recorded::NoMemory:
            return event + ", lost: EVENT_BASE leads to no memory";
        case Recorded::NoEvent:
            break;
    }
    return event;
}

}  // namespace

std::string describe(const RequestBlocked& event) {
    std::string said = "request of " + bus_name(event.write.requester) + " is blocked";
    if (has_index(event.reason)) {
        said += ", index " + std::to_string(event.index);
    }
    return said + ": " + text(event.reason) + "; " + fate(event);
}

std::string describe(const regs::Diagnosis& diagnosis) { return regs::describe(diagnosis, MAP); }

}  // namespace hldsim::amdvi
