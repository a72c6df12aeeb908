// SPDX-License-Identifier: Apache-2.0
// What the harness may know of a detector: a small YAML file beside its object, resolved to addresses.
//
//   monitored   the mask of monitored CPUs: a static struct cpumask
//   drained     {leaves|enters: F}: none of its NMIs is anywhere from here on; restart: its timer runs again
//   max_delay   a monitored CPU is checked at least so often: 20 s, or 2 thresholds of the watchdog
//   budget      {reads: N, writes: N} per NMI
//
// Whose an NMI handler is needs no entry: it is the detector's if the detector's object has registered it. Nor whose an
// NMI is: trace/set_up.hpp.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "detector/shim/object.hpp"
#include "detector/shim/symbols.hpp"
#include "tools/harness/check/finding.hpp"
#include "tools/harness/point/place.hpp"
#include "tools/harness/scenario/scenario.hpp"
#include "tools/harness/trace/log.hpp"

namespace hldsim::run {

struct Description {
    trace::Watched watched;
    check::Described described;
    /// Points of any CPU: one for each, to be marked in the log.
    std::vector<point::ResolvedPoint> drained;
    std::vector<point::ResolvedPoint> restart;
};

/// Where an object's description is.
struct DescriptionFile {
    std::string path;  // empty: there is none
    /// Where the user has named it; points nowhere: nobody has, it is there.
    diagnostic::Mark mark;
    /// The object's file, if the description is taken for no other reason than that it stands beside it.
    std::string beside;
    /// That of the built-in detector, for an object compiled from its sources. What has been taken out of these is no
    /// error: the invariants of that entry are off.
    bool built_in = false;
};

/// The description of an object: `given`, else the .yaml beside it, else, of one that was compiled from the project's
/// core, that of the built-in detector.
DescriptionFile description_of(const shim::Object& object, const std::optional<scenario::Marked<std::string>>& given);

/// Reads the file and resolves its names; `threshold` is the watchdog's. Throws diagnostic::Error for what it names and
/// the object does not have, but for the built-in one.
Description describe(const DescriptionFile& file, const shim::Symbols& symbols, unsigned cpus, Duration threshold);

}  // namespace hldsim::run
