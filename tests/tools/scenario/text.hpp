// SPDX-License-Identifier: Apache-2.0
// Scenarios from texts in tests.
#pragma once
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tools/harness/scenario/scenario.hpp"

namespace hldsim::scenario {

/// A folder that is gone when the test is over.
class Folder {
public:
    Folder() {
        char name[] = "/tmp/hldsim-test-XXXXXX";
        path_ = mkdtemp(name);
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string write(const std::string& name, const std::string& text) const {
        const std::string path = path_ + "/" + name;
        std::ofstream{path} << text;
        return path;
    }
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

inline std::vector<Scenario> load_text(const std::string& text, const LoadOptions& options = {}) {
    const Folder folder;
    return load(folder.write("scenario.yaml", text), options);
}

/// The error that a text gives, without the folder in front of it; empty if it gives none.
inline std::string error_of(const std::string& text, const LoadOptions& options = {}) {
    const Folder folder;
    try {
        load(folder.write("scenario.yaml", text), options);
    } catch (const diagnostic::Error& error) {
        std::string what = error.what();
        const std::size_t at = what.find(folder.path());
        return at == std::string::npos ? what : what.erase(at, folder.path().size() + 1);
    }
    return {};
}

inline const std::string SMALLEST =
    "title: CPU 2 goes down\n"
    "detector: {design: direct-route}\n"
    "events: [{at: 5 s, offline: 2}]\n";

}  // namespace hldsim::scenario
