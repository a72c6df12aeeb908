// SPDX-License-Identifier: Apache-2.0
// Which rows of the profile the times of a table rest on: what the models charge between the events that it shows.
#include <algorithm>
#include <set>

#include "tools/harness/report/device.hpp"
#include "tools/harness/report/evidence.hpp"
#include "tools/harness/report/hops.hpp"
#include "tools/harness/report/replay.hpp"
#include "tools/harness/report/report.hpp"

namespace hldsim::report {
namespace {

using trace::Record;
using trace::What;

void add_hop(std::set<Row>& rows, const Record& record) {
    if (record.hop == Hop::Posted && record.token.source == Source::Hpet) {
        rows.insert(Row::HpetMatchToMsi);
    } else if (record.hop == Hop::Accepted && record.token.source == Source::Hpet) {
        rows.insert({Row::MsiDeviceToRoot, Row::MsiRootToLapic, Row::LapicAccept});
    } else if (record.hop == Hop::Accepted) {
        rows.insert({Row::IpiWire, Row::LapicAccept});
    } else if (record.hop == Hop::Taken) {
        rows.insert(Row::CpuEventBoundary);
    } else if (record.hop == Hop::Returned) {
        rows.insert({Row::CpuNmiEntryHw, Row::CpuNmiEntrySw, Row::CpuNmiExitSw, Row::CpuNmiExitIret});
    }
}

void add_access(std::set<Row>& rows, const Record& record) {
    const std::optional<RegisterAt> at = register_at(record.address);
    if (!at || !at->hpet) {
        return;
    }
    if (record.what == What::DeviceRead) {
        rows.insert({Row::FabricReadRequest, Row::HpetService, Row::FabricReadResponse});
    } else if (record.what == What::DeviceWrite) {
        rows.insert(Row::FabricUcWriteGap);
    } else {
        rows.insert(Row::FabricPostedWrite);
    }
}

}  // namespace

std::vector<Row> latencies(const run::Outcome& outcome, const check::Finding& finding) {
    std::set<Row> rows;
    for (const std::size_t hop : hops_of(outcome.log, finding.token)) {
        add_hop(rows, outcome.log.records[hop]);
    }
    for (const std::size_t index : choose(outcome, finding, Style{}.rows).records) {
        const Record& record = outcome.log.records[index];
        switch (record.what) {
            case What::DeviceRead:
            case What::DeviceWrite:
            case What::RegisterEffect:
                add_access(rows, record);
                break;
            case What::EntryUsed:
                rows.insert(record.flag ? Row::VtdIecHit : Row::VtdIecMiss);
                break;
            case What::RequestBlocked:
                rows.insert(Row::MsiDeviceToRoot);
                break;
            case What::Invalidated:
                rows.insert({Row::VtdQiFetch, Row::VtdIecInv});
                break;
            case What::WaitCompleted:
                rows.insert({Row::VtdQiFetch, Row::VtdStatusWrite});
                break;
            case What::LockTaken:
                rows.insert(Row::MemLocked);
                break;
            case What::MaskCleared:
            case What::MaskSet:
                rows.insert({Row::MemLocked, Row::MemL1Hit});
                break;
            case What::ContextEntered:
                rows.insert({Row::CpuEventBoundary, Row::CpuNmiEntryHw});
                break;
            case What::ContextLeft:
                rows.insert(Row::CpuNmiExitIret);
                break;
            default:
                break;
        }
    }
    return {rows.begin(), rows.end()};
}

void note_latencies(run::Outcome& outcome, const profile::Profile& profile) {
    outcome.latencies.clear();
    const std::size_t shown = first_shown(outcome);
    if (shown >= outcome.findings.size()) {
        return;
    }
    for (const Row row : latencies(outcome, outcome.findings[shown])) {
        outcome.latencies.push_back({row, profile.source(row).assumed()});
    }
}

}  // namespace hldsim::report
