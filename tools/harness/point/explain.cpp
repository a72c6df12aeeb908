// SPDX-License-Identifier: Apache-2.0
// What a recorded run has shown, in words.
#include <algorithm>
#include <utility>

#include "tools/harness/diagnostic/diagnostic.hpp"
#include "tools/harness/point/point_watcher.hpp"

namespace hldsim::point {

std::vector<std::string> places(const PointWatcher::Seen& seen, const shim::Symbols& symbols) {
    std::vector<std::string> found;
    for (const void* const pc : seen.places) {
        const shim::Symbols::Frame frame = symbols.place_at(pc);
        std::string text = frame.file + ":" + std::to_string(frame.line) + " in " + frame.function;
        if (std::find(found.begin(), found.end(), text) == found.end()) {
            found.push_back(std::move(text));
        }
    }
    return found;
}

void refuse_ambiguous(const scenario::Point& point, const PointWatcher::Seen& seen, const shim::Symbols& symbols) {
    if (point.nth_given) {
        return;
    }
    const std::vector<std::string> all = places(seen, symbols);
    if (all.size() < 2) {
        return;
    }
    std::string listed;
    for (const std::string& place : all) {
        listed += "\n    " + place;
    }
    throw diagnostic::Error{point.mark,
                            "the point fits " + std::to_string(all.size()) + " different accesses in one call of '" +
                                point.function.value + "'",
                            "a point that fits one of them, or 'nth: N' for the N-th; they are:" + listed};
}

std::string why_never(const scenario::Point& point, const PointWatcher::Seen& seen) {
    const std::string& function = point.function.value;
    if (point.form > scenario::Point::Form::Calls) {
        return "the run never gets to the point: " + scenario::sentence(point);
    }
    if (!seen.in_function) {
        return function + " never runs on CPU " + std::to_string(point.cpu.value.value);
    }
    if (point.form > scenario::Point::Form::Updates) {
        return "the run never gets to the point: " + scenario::sentence(point);
    }
    std::vector<std::string_view> ways;
    for (const auto& [seen_so, word] :
         {std::pair{seen.reads, "read"}, std::pair{seen.writes, "written"}, std::pair{seen.updates, "updated"}}) {
        if (seen_so) {
            ways.emplace_back(word);
        }
    }
    if (ways.empty()) {
        return function + " runs there, but does not access " + point.object.value;
    }
    if (!seen.places.empty()) {
        return point.object.value + " is not accessed so often in one call of " + function;
    }
    return point.object.value + " is " + diagnostic::choices(ways, "and") + " there, and in this run nothing else";
}

}  // namespace hldsim::point
