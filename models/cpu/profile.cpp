// SPDX-License-Identifier: Apache-2.0
#include "models/cpu/profile.hpp"

#include <stdexcept>

namespace hldsim::cpu {

void CpuProfile::validate() const {
    if (nmi_source && !fred) {
        throw std::invalid_argument("cpu profile: NMI sources without FRED, whose frame holds them, are of no CPU");
    }
}

}  // namespace hldsim::cpu
