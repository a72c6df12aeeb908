// SPDX-License-Identifier: Apache-2.0
// The one place that turns femtoseconds into sc_time and back. SystemC's resolution is 1 fs (Session).
#pragma once
#include <systemc>

#include "models/base/duration.hpp"

namespace hldsim::sim {

inline sc_core::sc_time to_sc_time(Duration d) {
    return sc_core::sc_time::from_value(static_cast<sc_dt::uint64>(d.fs));
}

inline Duration from_sc_time(const sc_core::sc_time& t) { return {static_cast<std::int64_t>(t.value())}; }

}  // namespace hldsim::sim
