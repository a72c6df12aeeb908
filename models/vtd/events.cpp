// SPDX-License-Identifier: Apache-2.0
#include "models/vtd/events.hpp"

#include "models/fabric/remapping.hpp"
#include "models/regs/print.hpp"
#include "models/vtd/registers.hpp"

namespace hldsim::vtd {

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

std::string describe(const regs::Diagnosis& diagnosis) {
    return std::string{regs::kind_name(diagnosis.kind)} + ": " + std::string{diagnosis.what} + " (" +
           (diagnosis.write ? "write of " : "read of ") + std::to_string(bytes(diagnosis.size)) + " bytes, " +
           register_at(diagnosis.offset) + (diagnosis.write ? ", " + regs::hexadecimal(diagnosis.value, 64) : "") + ")";
}

}  // namespace hldsim::vtd
