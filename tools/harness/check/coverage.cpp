// SPDX-License-Identifier: Apache-2.0
// How the checks of a CPU came to an end. All CPUs that lose their checks for one reason are one subject:
//
//   nobody is checked for a whole threshold           the rotation has come to a stop
//   one CPU takes and claims all NMIs of a threshold  the rotation turns nowhere
//   neither                                           this CPU is left out
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {
namespace {

/// The last check, of any CPU, before that record.
Rank last_check_before(const Index& index, Rank rank) {
    const auto after = std::lower_bound(index.checks.begin(), index.checks.end(), rank);
    return after == index.checks.begin() ? NEVER : *std::prev(after);
}

Coverage nowhere(const Index& index, Coverage coverage, Rank to) {
    coverage.cause = Coverage::Cause::NoCheckAnywhere;
    for (const Timer& timer : index.timers) {
        Rank stopped = NEVER;  // it may be stopped again and again: the first time counts
        for (const auto& change : timer.programmed.changes()) {
            if (change.rank < to) {
                stopped = change.value ? NEVER : std::min(stopped, change.rank);
            }
        }
        if (stopped != NEVER && (coverage.last_check == NEVER || stopped > coverage.last_check)) {
            coverage.stopped = std::min(coverage.stopped, stopped);
        }
    }
    return coverage;
}

}  // namespace

Subject Coverage::subject(unsigned uncovered) const {
    constexpr std::uint64_t ALONE = std::uint64_t{1} << 62;
    constexpr std::uint64_t STANDS_STILL = std::uint64_t{1} << 61;
    switch (cause) {
        case Cause::NoCheckAnywhere:
            return {Subject::Kind::Coverage, last_check == NEVER ? 0 : last_check + 1};
        case Cause::RouteStandsStill:
            return {Subject::Kind::Coverage, STANDS_STILL + cpu};
        case Cause::Alone:
            break;
    }
    return {Subject::Kind::Coverage, ALONE + uncovered};
}

Coverage coverage_between(const Index& index, unsigned uncovered, Rank from, Rank to) {
    Coverage coverage;
    coverage.last_check = last_check_before(index, to);
    if (coverage.last_check == NEVER || coverage.last_check < from ||
        index.at(to) - index.at(coverage.last_check) > index.options.threshold) {
        return nowhere(index, coverage, to);
    }
    // The last threshold before `to`: a rotation that turns visits every CPU in it, whatever was before.
    auto first = std::upper_bound(index.checks.begin(), index.checks.end(), from);
    first = std::partition_point(first, index.checks.end(),
                                 [&](Rank check) { return index.at(to) - index.at(check) > index.options.threshold; });
    const auto last = std::lower_bound(first, index.checks.end(), to);
    if (first == last) {
        return nowhere(index, coverage, to);
    }
    const unsigned only = index.record(*first).cpu;
    const bool alone = std::all_of(first, last, [&](Rank check) { return index.record(check).cpu == only; });
    if (alone && last - first > 1 && only != uncovered) {
        coverage.cause = Coverage::Cause::RouteStandsStill;
        coverage.cpu = only;
    }
    return coverage;
}

}  // namespace hldsim::check
