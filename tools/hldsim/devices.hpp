// SPDX-License-Identifier: Apache-2.0
// The registers that the command line documents, by device.
#pragma once
#include <boost/program_options/options_description.hpp>
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

/// The option of both commands that print registers.
void declare_markdown(boost::program_options::options_description& options);

}  // namespace hldsim::cli
