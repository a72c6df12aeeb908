// SPDX-License-Identifier: Apache-2.0
#include "models/lapic/vectors.hpp"

#include <algorithm>

namespace hldsim::lapic {

namespace {

unsigned class_of(const VectorSet& set) { return priority_class(static_cast<unsigned>(std::max(set.highest(), 0))); }

}  // namespace

// SDM vol. 3A, 10.8.3.1: the class is the higher of the two; the sub-class is TPR's where TPR decides.
std::uint8_t Vectors::ppr() const {
    const unsigned in_service = class_of(isr_);
    const unsigned task = priority_class(tpr_);
    if (task > in_service || (task == in_service && !subclass_zero_on_tie_)) {
        return tpr_;
    }
    return static_cast<std::uint8_t>(in_service << 4);
}

// SDM vol. 3A, 10.6.2.4. Unlike PPR: a tie of TPR with what is in service gives sub-class 0, and no knob.
std::uint8_t Vectors::apr() const {
    const unsigned task = priority_class(tpr_);
    const unsigned requested = class_of(irr_);
    const unsigned in_service = class_of(isr_);
    if (task >= requested && task > in_service) {
        return tpr_;
    }
    return static_cast<std::uint8_t>(std::max({task, requested, in_service}) << 4);
}

}  // namespace hldsim::lapic
