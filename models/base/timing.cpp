// SPDX-License-Identifier: Apache-2.0
#include "models/base/timing.hpp"

#include <algorithm>

namespace hldsim {

std::optional<Row> row_named(std::string_view name) {
    const auto* const found = std::find(std::begin(ROW_NAMES), std::end(ROW_NAMES), name);
    if (found == std::end(ROW_NAMES)) {
        return std::nullopt;
    }
    return static_cast<Row>(found - std::begin(ROW_NAMES));
}

void Timing::set(Row row, RowUnit unit, std::int64_t amount) {
    Value& value = values_[index(row)];
    value.unit = unit;
    value.amount = amount;
    const ClockDomain core = ClockDomain::of_frequency(core_);
    switch (unit) {
        case RowUnit::Time:
            value.duration = {amount};
            value.cycles = {core.edges_covering(value.duration)};
            break;
        case RowUnit::CoreCycles:
            value.cycles = {static_cast<std::uint64_t>(amount)};
            value.duration = core.edge({value.cycles.count}) - Instant{};
            break;
        case RowUnit::HpetTicks:
            value.duration = hpet_period_ * amount;
            value.cycles = {core.edges_covering(value.duration)};
            break;
        case RowUnit::Count:
            break;
    }
}

}  // namespace hldsim
