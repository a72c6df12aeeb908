// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/report/lane.hpp"

#include "tools/harness/report/device.hpp"

namespace hldsim::report {

using trace::Record;
using trace::What;

std::string Lane::name() const {
    switch (kind) {
        case Kind::Operator:
            return "operator";
        case Kind::Hpet:
            return "HPET";
        case Kind::Remapper:
            return "remapper";
        case Kind::Cpu:
            break;
    }
    return "CPU" + std::to_string(cpu);
}

Lane lane_of(const run::Outcome& outcome, std::size_t index) {
    const Record& record = outcome.log.records[index];
    const auto on = [](unsigned cpu) {
        return cpu == trace::NO_CPU ? Lane{Lane::Kind::Operator, 0} : Lane{Lane::Kind::Cpu, cpu};
    };
    switch (record.what) {
        case What::TimerMatched:
            return {Lane::Kind::Hpet, 0};
        case What::RegisterEffect: {
            const std::optional<RegisterAt> at = register_at(record.address);
            return at && !at->hpet ? on(record.cpu) : Lane{Lane::Kind::Hpet, 0};
        }
        case What::EntryUsed:
        case What::RequestBlocked:
        case What::Invalidated:
        case What::WaitCompleted:
            return {Lane::Kind::Remapper, 0};
        case What::HopReached:
            if (record.hop == Hop::Remapped) {
                return {Lane::Kind::Remapper, 0};
            }
            return record.hop < Hop::Accepted && record.token.source == Source::Hpet ? Lane{Lane::Kind::Hpet, 0}
                                                                                     : on(record.cpu);
        default:
            return on(record.actor != trace::NO_CPU ? record.actor : record.cpu);
    }
}

}  // namespace hldsim::report
