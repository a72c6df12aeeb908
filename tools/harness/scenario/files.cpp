// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/scenario/files.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "tools/harness/diagnostic/diagnostic.hpp"
#include "tools/harness/document/document.hpp"

namespace hldsim::scenario {
namespace {

namespace fs = std::filesystem;
using diagnostic::Error;

constexpr std::size_t FILES_MAX = 100'000;

[[noreturn]] void fail(const std::string& path, const std::string& what, const std::string& expected) {
    throw Error{Error::Parts{{}, path, what, {}, expected}};
}

/// What is there to be extended, and what is hidden: the lock of an editor, what a file system keeps beside a file.
bool is_left_out(const std::string& name) { return name.front() == '_' || name.front() == '.'; }

void collect(const std::string& folder, std::vector<std::string>& found) {
    std::error_code failure;
    fs::recursive_directory_iterator walk{folder, failure};
    for (; !failure && walk != fs::recursive_directory_iterator{}; walk.increment(failure)) {
        const fs::path& path = walk->path();
        const std::string name = path.filename().string();
        if (walk->is_directory(failure)) {
            if (name == "profiles" || name == "studies" || is_left_out(name)) {
                walk.disable_recursion_pending();
            }
        } else if (path.extension() == ".yaml" && !is_left_out(name) && !walk->is_other(failure)) {
            found.push_back(path.string());
        }
        if (found.size() > FILES_MAX) {
            fail(folder, "more than " + std::to_string(FILES_MAX) + " files below this folder",
                 "a folder of scenarios");
        }
    }
    if (failure) {
        fail(folder, "cannot read: " + failure.message(), "a readable folder");
    }
}

}  // namespace

std::vector<std::string> files(const std::vector<std::string>& arguments) {
    std::vector<std::string> all;
    for (const std::string& argument : arguments) {
        std::error_code failure;
        if (argument == "-" || !fs::is_directory(argument, failure)) {
            all.push_back(argument);
            continue;
        }
        std::string folder = argument;
        while (folder.size() > 1 && folder.back() == '/') {
            folder.pop_back();
        }
        std::vector<std::string> found;
        collect(folder, found);
        if (found.empty()) {
            fail(argument, "no scenario below this folder",
                 "*.yaml files; folders profiles and studies and names with '_' or '.' in front are left out");
        }
        std::sort(found.begin(), found.end());
        all.insert(all.end(), found.begin(), found.end());
    }
    for (const std::string& file : all) {
        document::remember_read(file);
    }
    return all;
}

}  // namespace hldsim::scenario
