// SPDX-License-Identifier: Apache-2.0
// Results go to stdout or, with -o, to a file that is written beside its name and renamed: never half a file. A signal
// that ends the program takes with it what was begun.
#pragma once
#include <cstdio>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace hldsim::cli {

class Output {
public:
    explicit Output(std::optional<std::string> path);
    ~Output();
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    void write(std::string_view text);
    /// Writes and hands over what a person or a pipe may read already.
    void flush();
    /// The result is complete: the file gets its name. Throws diagnostic::Error if anything could not be written.
    void finish();
    bool is_empty() const { return empty_; }

private:
    std::optional<std::string> path_;
    std::string beside_;  // empty: written in place, for what is no file has no half of one
    std::FILE* file_ = nullptr;
    bool empty_ = true;
    int reason_ = 0;  // the first thing that went wrong; what comes after it may be written again
};

/// Removes the files that are begun and ends the program by that signal: a handler.
void leave_nothing(int signal);

/// Errors of several files, on stderr. What is wrong with all of them, an object or an option of the command line or a
/// file that they extend, is said once.
class Errors {
public:
    void tell(const std::string& error, Output& output);

private:
    std::set<std::string> told_;
};

/// Standard streams that the caller has closed: what is opened next must not become one of them. Reading and writing
/// them fails as before; what goes to standard error is lost.
void occupy_standard_streams();

/// A whole file by the same rule.
void write_file(const std::string& path, std::string_view text);

/// Throws if no file could be written there: asked before the work whose result it is to hold. Leaves nothing behind.
void check_writable(const std::string& path);

}  // namespace hldsim::cli
