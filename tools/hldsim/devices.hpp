// SPDX-License-Identifier: Apache-2.0
// The registers that the command line documents, by device.
#pragma once
#include <string>

#include "models/regs/print.hpp"
#include "models/regs/spec.hpp"

namespace hldsim::cli {

/// What DEVICE or DEVICE.REGISTER names. Throws Error with the nearest name.
struct Register {
    const regs::Map* map = nullptr;
    const regs::Register* spec = nullptr;  // null: the whole device
    unsigned instance = 0;
};
Register find_register(const std::string& name);

}  // namespace hldsim::cli
