// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/harness/diagnostic/diagnostic.hpp"
#include "tools/harness/execute/execute.hpp"
#include "tools/harness/report/report.hpp"
#include "tools/harness/report/text.hpp"
#include "tools/harness/scenario/files.hpp"
#include "tools/harness/scenario/schema.hpp"
#include "tools/hldsim/command.hpp"
#include "tools/hldsim/scenario_runs.hpp"

namespace hldsim::cli {
namespace {

namespace po = boost::program_options;

void declare_lint(po::options_description& options) {
    options.add_options()("schema", "prints the JSON Schema of scenario files, for editors");
    declare_scenario(options);
}

nlohmann::ordered_json as_json(const diagnostic::Error& error) {
    const diagnostic::Error::Parts& parts = error.parts();
    nlohmann::ordered_json json{{"file", parts.mark ? parts.mark.source->name : parts.file}};
    if (parts.mark) {
        const diagnostic::Position at = diagnostic::position(parts.mark);
        json["line"] = at.line;
        json["column"] = at.column;
    }
    json["error"] = parts.what;
    json["suggestion"] = parts.suggestion;
    json["expected"] = parts.expected;
    return json;
}

struct Checked {
    std::size_t runs = 0;
    std::vector<std::string> notes;  // nothing wrong, and perhaps not meant; each once
};

Checked check(const std::string& file, const scenario::LoadOptions& options) {
    Checked checked;
    for (const scenario::Scenario& run : scenario::load(file, options)) {
        ++checked.runs;
        for (const run::NoEffect& event : execute::examine(run)) {
            const std::string note = report::nothing_to_do(run, event);
            if (std::find(checked.notes.begin(), checked.notes.end(), note) == checked.notes.end()) {
                checked.notes.push_back(note);
            }
        }
    }
    return checked;
}

/// "ok    FILE  3 runs", and below it the notes.
std::string line(const std::string& file, const Checked& checked) {
    std::string text = "ok    " + diagnostic::printable(file) +
                       (checked.runs == 1 ? "" : "  " + std::to_string(checked.runs) + " runs") + "\n";
    for (const std::string& note : checked.notes) {
        text += report::paragraph("  ", note, report::Style{}.columns, 2);
    }
    return text;
}

int execute_lint(const Invocation& invocation, Output& output) {
    if (invocation.given("schema")) {
        if (!invocation.arguments.empty()) {
            wrong(invocation.arguments.front(), "--schema is of every file, and checks none", "it alone");
        }
        output.write(scenario::schema());
        return exit_code::AS_EXPECTED;
    }
    if (invocation.arguments.empty()) {
        usage("too few arguments of 'hldsim lint'", "FILE|DIR..., or --schema");
    }
    scenario::LoadOptions options;
    options.set = invocation.texts("set");
    options.detector = invocation.text("detector");
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    Errors errors;
    std::size_t wrong = 0;
    std::size_t right = 0;
    for (const std::string& file : scenario::files(invocation.arguments)) {
        try {
            const Checked checked = check(file, options);
            ++right;
            all.push_back({{"file", file}, {"runs", checked.runs}, {"notes", checked.notes}});
            if (!invocation.global.json && !(invocation.global.quiet && checked.notes.empty())) {
                output.write(line(file, checked));
            }
        } catch (const diagnostic::Error& error) {
            ++wrong;
            all.push_back(as_json(error));
            errors.tell(error.what(), output);
        }
    }
    if (invocation.global.json) {
        output.write(all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    } else if (right + wrong > 1) {
        output.write(std::to_string(right) + " right, " + std::to_string(wrong) + " wrong\n");
    }
    return wrong == 0 ? exit_code::AS_EXPECTED : exit_code::BAD_INPUT;
}

}  // namespace

const Command LINT{"lint",
                   "FILE|DIR...",
                   0,
                   ANY,
                   "checks scenario files without running them; --schema prints the JSON Schema",
                   "hldsim lint scenarios",
                   declare_lint,
                   execute_lint};

}  // namespace hldsim::cli
