// SPDX-License-Identifier: Apache-2.0
// Where the outputs of a device lead whose registers alone are looked at.
#pragma once
#include "models/fabric/ports.hpp"

namespace hldsim::registers {

struct Nowhere final : MessagePort, InterruptPins, LocalInterrupts {
    void post(const MessageWrite& /*message*/) override {}
    void drive(unsigned /*input*/, bool /*active*/, Token /*token*/) override {}
    void performance_counter_overflowed() override {}
};

}  // namespace hldsim::registers
