// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/report/nesting.hpp"

namespace hldsim::report {

using trace::Log;
using trace::Record;
using trace::What;

std::vector<std::size_t> entries_around(const Log& log, std::size_t record) {
    std::vector<std::size_t> found;
    unsigned inner = 0;
    const unsigned cpu = log.records[record].actor;
    if (cpu == trace::NO_CPU || log.records[record].depth == 0) {
        return found;
    }
    for (std::size_t i = record; i-- > 0;) {
        const Record& earlier = log.records[i];
        if (earlier.actor == cpu && earlier.what == What::Initialized) {
            break;
        }
        if (earlier.actor != cpu || (earlier.what != What::ContextEntered && earlier.what != What::ContextLeft)) {
            continue;
        }
        if (earlier.what == What::ContextLeft) {
            ++inner;
        } else if (inner > 0) {
            --inner;
        } else {
            found.push_back(i);
            if (earlier.depth <= 1) {
                break;
            }
        }
    }
    return found;
}

std::optional<std::size_t> exit_of(const Log& log, std::size_t entry) {
    unsigned inner = 0;
    for (std::size_t i = entry + 1; i < log.records.size(); ++i) {
        const Record& later = log.records[i];
        if (later.actor != log.records[entry].actor) {
            continue;
        }
        if (later.what == What::Initialized) {
            break;
        }
        if (later.what == What::ContextEntered) {
            ++inner;
        } else if (later.what == What::ContextLeft && inner-- == 0) {
            return i;
        }
    }
    return std::nullopt;
}

}  // namespace hldsim::report
