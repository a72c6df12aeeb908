// SPDX-License-Identifier: Apache-2.0
#include "models/fabric/remapping.hpp"

#include "models/regs/print.hpp"

namespace hldsim {

std::string bus_name(RequesterId requester) {
    return regs::hexadecimal(requester.value >> 8U, 8).substr(2) + ":" +
           regs::hexadecimal(requester.value >> 3U & 0x1fU, 8).substr(2) + "." + std::to_string(requester.value & 7U);
}

}  // namespace hldsim
