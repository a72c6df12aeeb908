// SPDX-License-Identifier: Apache-2.0
// Rows that no model charges. They are kept as evidence about a machine; to set one in a scenario is an error.
//
//   Kept     nothing of the models takes that time: the list here, which tests/tree/rows.py holds against the code
//   Checked  a sum of other rows, or a whole path that was measured: checks()
#pragma once
#include <string>

#include "models/base/timing.hpp"

namespace hldsim::profile {

inline constexpr Row KEPT_ROWS[] = {
    Row::MemL2Hit,
    Row::MemL3Hit,
    Row::MemLineTransferSmt,      // no siblings are modelled
    Row::MemLineTransferCluster,  // no clusters are modelled
    Row::CpuRdtscp,
    Row::LapicTimerSigma,  // nothing is random but what a scenario seeds
    Row::FabricUcReadPcie,
    Row::FabricLinkWake,
    Row::SmmDurationLong,  // a scenario says how long an SMI is, and when
    Row::SmmInterval,
    Row::CpuCstateExitAmdC2,
    Row::HotplugBootApParallel,  // CPUs come one after the other
    Row::SwNmiOther,             // the handlers that run are charged as the C that they are
    Row::SwTimerIrqLatency,
};

/// Why no model charges that row; empty: one does.
std::string why_uncharged(Row row);

}  // namespace hldsim::profile
