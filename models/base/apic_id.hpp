// SPDX-License-Identifier: Apache-2.0
// Two numbers of a CPU that are equal on small machines and must not be mixed up: no conversion exists.
#pragma once
#include <cstdint>

namespace hldsim {

/// The number that software gives a CPU (Linux's); dense from 0.
struct CpuNumber {
    unsigned value = 0;
    friend constexpr bool operator==(CpuNumber a, CpuNumber b) { return a.value == b.value; }
    friend constexpr bool operator!=(CpuNumber a, CpuNumber b) { return a.value != b.value; }
    friend constexpr bool operator<(CpuNumber a, CpuNumber b) { return a.value < b.value; }
};

/// The number by which an interrupt message names a local APIC; need not be dense.
struct ApicId {
    std::uint32_t value = 0;
    friend constexpr bool operator==(ApicId a, ApicId b) { return a.value == b.value; }
    friend constexpr bool operator!=(ApicId a, ApicId b) { return a.value != b.value; }
    friend constexpr bool operator<(ApicId a, ApicId b) { return a.value < b.value; }
};

}  // namespace hldsim
