// SPDX-License-Identifier: Apache-2.0
// Accesses to devices by the names of registers and fields, from the models' own tables.
#pragma once
#include <cstddef>
#include <optional>
#include <string>

#include "models/regs/spec.hpp"
#include "tools/harness/trace/log.hpp"

namespace hldsim::report {

/// Where a physical address lands.
struct RegisterAt {
    const regs::Register* spec = nullptr;
    unsigned instance = 0;
    std::uint64_t base = 0;  // physical address of the register
    unsigned shift = 0;      // bits from the register's low end to the address
    bool hpet = false;
};
std::optional<RegisterAt> register_at(std::uint64_t physical);

/// "writel(TIM0_CONF, INT_ENB=0)": the fields that it changes, seen from what took effect in the device before.
std::string access_text(const trace::Log& log, std::size_t record);

/// "INT_ENB=0 takes effect", of a RegisterEffect.
std::string effect_text(const trace::Log& log, std::size_t record);

/// The RegisterEffect of a DeviceWrite; the write itself if it had none yet.
std::size_t effect_of(const trace::Log& log, std::size_t write);

}  // namespace hldsim::report
