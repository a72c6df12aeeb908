// SPDX-License-Identifier: Apache-2.0
// Every limit of the models in one place.
#pragma once
#include <cstdint>

namespace hldsim::limits {

constexpr unsigned CPUS = 1024;
constexpr unsigned HPET_TIMERS = 32;        // NUM_TIM_CAP has 5 bits: IA-PC HPET 1.0a, 2.3.4
constexpr unsigned VTD_FAULT_RECORDS = 14;  // 220h..2FFh: what the register map of the unit leaves free there
constexpr unsigned MORE_IOAPICS = 16;       // beside the chipset's own
constexpr unsigned IOAPIC_PINS = 240;       // 82093AA (order 290566), 3.2.2: MAX_REDIR is 0 to 239
constexpr std::int64_t RUN_SECONDS = 9000;  // a longer run is refused: Instant holds 9,223 s
// Of a CPU in one context without HLT. Who makes more makes no progress (INV-progress).
constexpr std::uint64_t ACCESSES = 50'000'000;
constexpr std::uint64_t BLOCKS = 300'000'000;  // of code: how many there are is the compiler's
constexpr std::uint64_t DEVICE_READS = 1'000'000;
constexpr std::uint64_t EVENTS = 1'000'000;    // that a CPU takes without HLT: a storm
constexpr unsigned STORE_BUFFER_ENTRIES = 56;  // Skylake: Intel Optimization Manual, 2.5 (unverified section)

}  // namespace hldsim::limits
