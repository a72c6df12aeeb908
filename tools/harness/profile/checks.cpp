// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tools/harness/profile/profile.hpp"
#include "tools/harness/profile/uncharged.hpp"

namespace hldsim::profile {

const std::vector<Check>& checks() {
    static const std::vector<Check> all{
        {Row::HpetRead, {Row::FabricReadRequest, Row::HpetService, Row::FabricReadResponse}, true},
        {Row::IoapicRead, {Row::FabricReadRequest, Row::HpetService, Row::FabricReadResponse}, false},
        {Row::IpiTotal, {Row::CpuIpiX2apic, Row::IpiWire, Row::LapicAccept, Row::CpuNmiEntryHw}, false},
        {Row::CpuIrqTotal,
         {Row::CpuNmiEntryHw, Row::CpuNmiEntrySw, Row::CpuNmiExitSw, Row::CpuNmiExitIret, Row::LapicEoiWrite},
         false},
        {Row::VtdIecInvalidateWait,
         {Row::FabricPostedWrite, Row::VtdQiFetch, Row::VtdQiFetch, Row::VtdIecInv, Row::VtdStatusWrite},
         false},
        {Row::HotplugMachineStopped, {Row::HotplugStopMachine, Row::HotplugFixupDelay}, false},
        {Row::HotplugDownTotal,
         {Row::HotplugSchedDeactivate, Row::HotplugMaskClearToOffline, Row::HotplugOfflineToDead},
         false},
        {Row::HotplugUpTotal, {Row::HotplugBootAp, Row::HotplugRcuGrace}, false},
    };
    return all;
}

std::string why_uncharged(Row row) {
    if (std::find(std::begin(KEPT_ROWS), std::end(KEPT_ROWS), row) != std::end(KEPT_ROWS)) {
        return "not used by the models";
    }
    const auto check = std::find_if(checks().begin(), checks().end(), [&](const Check& c) { return c.row == row; });
    if (check == checks().end()) {
        return {};
    }
    std::string parts;
    for (const Row part : check->parts) {
        const std::string name{row_name(part)};
        parts += parts.find(name) != std::string::npos ? "" : (parts.empty() ? "" : ", ") + name;
    }
    return "a check; the models charge " + parts;
}

std::string contradiction(const Profile& profile, const Check& check) {
    const Timing& timing = profile.timing;
    Duration sum;
    std::string parts;
    for (const Row part : check.parts) {
        sum = sum + timing.duration(part);
        parts += (parts.empty() ? "" : " + ") + std::string{row_name(part)};
    }
    // Bounds of a row in cycles are cycles; the row itself gives their length.
    const auto length = [&](std::int64_t amount) {
        Timing scaled = timing;
        scaled.set(check.row, timing.unit(check.row), amount);
        return scaled.duration(check.row);
    };
    const Provenance& bounds = profile.source(check.row);
    const bool ranged = bounds.low != bounds.high && !check.exact;
    const Duration low = ranged ? length(bounds.low) : timing.duration(check.row);
    const Duration high = ranged ? length(bounds.high) : timing.duration(check.row);
    if (low <= sum && sum <= high) {
        return {};
    }
    return std::string{row_name(check.row)} + " is " + value::exact_text(low) + " to " + value::exact_text(high) +
           ", but " + parts + " is " + value::exact_text(sum);
}

std::string read_within_a_tick(const Profile& profile) {
    Duration read;
    for (const Row leg : {Row::FabricReadRequest, Row::HpetService, Row::FabricReadResponse}) {
        read = read + profile.timing.duration(leg);
    }
    if (read >= profile.hpet_period) {
        return {};
    }
    return "a read of the HPET takes " + value::exact_text(read) + ", a tick " + value::exact_text(profile.hpet_period);
}

}  // namespace hldsim::profile
