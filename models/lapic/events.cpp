// SPDX-License-Identifier: Apache-2.0
#include "models/lapic/events.hpp"

namespace hldsim::lapic {

const char* text(DiscardReason reason) {
    switch (reason) {
        case DiscardReason::GloballyDisabled:
            return "the local APIC is globally disabled";
        case DiscardReason::SoftwareDisabled:
            return "the local APIC is software-disabled";
        case DiscardReason::NmiSoftwareDisabled:
            return "the local APIC is software-disabled and does not handle NMIs then";
        case DiscardReason::IllegalVector:
            return "illegal vector (0..15)";
        case DiscardReason::Deassert:
            return "level de-assert is ignored";
        case DiscardReason::IllegalMode:
            return "the LVT entry does not support this delivery mode";
        case DiscardReason::Unimplemented:
            return "not modelled";
        case DiscardReason::Masked:
            return "the LVT entry is masked";
    }
    return "unknown";
}

}  // namespace hldsim::lapic
