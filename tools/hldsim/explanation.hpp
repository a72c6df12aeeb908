// SPDX-License-Identifier: Apache-2.0
// What `explain` says of a name: a sentence, and facts with their titles.
#pragma once
#include <optional>
#include <string>
#include <vector>

namespace hldsim::cli {

struct Explanation {
    struct Entry {
        std::string title;
        std::string text;
    };
    std::string statement;
    std::vector<Entry> entries;
};

/// A hazard, an invariant, a claim, a design, a policy, an option, a statistic or an end of a run of that name.
std::optional<Explanation> explain_from_catalogue(const std::string& name);
std::vector<std::string> catalogue_names();

/// A scenario file: its machine, what is done to it, and what is expected. Throws diagnostic::Error.
Explanation explain_scenario(const std::string& file);

std::string as_text(const std::string& name, const Explanation& explanation);
std::string as_json(const std::string& name, const Explanation& explanation);

}  // namespace hldsim::cli
