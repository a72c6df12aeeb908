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

std::uint8_t Vectors::apr() const {
    const unsigned others = std::max(class_of(irr_), class_of(isr_));
    return priority_class(tpr_) >= others ? tpr_ : static_cast<std::uint8_t>(others << 4);
}

}  // namespace hldsim::lapic
