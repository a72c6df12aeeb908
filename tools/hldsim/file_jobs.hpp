// SPDX-License-Identifier: Apache-2.0
// What run and window share: each file is the job of a worker process, and its result is told in the order of the
// files.
//
//   Results   JSON, as they come from another process; bytes that are no UTF-8, of a name for example, become U+FFFD
//   Errors    of one file, its own or hldsim's: the other files are still worked on
#pragma once
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "tools/hldsim/command.hpp"

namespace hldsim::cli {

struct FileJobs {
    /// What a worker makes of a file.
    std::function<nlohmann::json(const std::string& file)> make;
    /// Here: that result, or the error that there is instead.
    std::function<void(const std::string& file, const nlohmann::json& result)> tell;
    std::function<void(const std::string& file, const std::string& error)> fail;
    /// Or that an interruption has left it out, with a few words of that.
    std::function<void(const std::string& file, const std::string& why)> leave;
};

/// How it went.
struct FilesDone {
    std::size_t told = 0;  // results and errors: fewer than there are files after a signal
    bool bad_input = false;
    bool broken = false;
};
FilesDone for_each_file(const std::vector<std::string>& files, const Invocation& invocation, const FileJobs& jobs);

/// The exit code of the whole; after a signal it says on stderr how many files were not run.
int exit_code_of(const FilesDone& done, std::size_t files, bool unexpected, Output& output);

}  // namespace hldsim::cli
