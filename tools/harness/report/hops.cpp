// SPDX-License-Identifier: Apache-2.0
// The hops of a token in the log, and the one record that stands for each.
#include "tools/harness/report/evidence.hpp"

namespace hldsim::report {

using trace::Log;
using trace::Record;
using trace::What;

std::size_t canonical(const Log& log, std::size_t index) {
    constexpr std::size_t NEAR = 16;
    const Record& record = log.records[index];
    if (record.what != What::HopReached) {
        return index;
    }
    const auto search = [&](What what, std::size_t from, auto fits) {
        for (std::size_t i = from; i < log.records.size() && i < index + NEAR; ++i) {
            if (log.records[i].what == what && fits(log.records[i])) {
                return i;
            }
        }
        return index;
    };
    const auto same_cpu = [&](const Record& r) { return r.actor == record.cpu && r.at == record.at; };
    switch (record.hop) {
        case Hop::Matched:
            return search(What::TimerMatched, index < NEAR ? 0 : index - NEAR,
                          [&](const Record& r) { return r.token.id == record.token.id; });
        case Hop::Taken:
            return search(What::ContextEntered, index, same_cpu);
        case Hop::Returned:
            return search(What::ContextLeft, index, same_cpu);
        default:
            return index;
    }
}

std::vector<std::size_t> hops_of(const Log& log, Token token) {
    std::vector<std::size_t> hops;
    for (std::size_t i = 0; token && i < log.records.size(); ++i) {
        if (log.records[i].what == What::HopReached && log.records[i].token.id == token.id) {
            hops.push_back(i);
        }
    }
    return hops;
}

}  // namespace hldsim::report
