// SPDX-License-Identifier: Apache-2.0
#include "tools/hldsim/output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <utility>

#include "tools/harness/diagnostic/diagnostic.hpp"
#include "tools/harness/document/document.hpp"

namespace hldsim::cli {
namespace {

// Of the files that are begun, for a handler: -o and one of --junit, --vcd.
std::array<std::atomic<const char*>, 4> begun{};
pid_t beginner = 0;  // a worker is told to end while we write on

void keep_begun(const char* old, const char* name) {
    for (std::atomic<const char*>& one : begun) {
        if (const char* expected = old; one.compare_exchange_strong(expected, name)) {
            return;
        }
    }
}

void end_with_nothing_left() {
    beginner = getpid();
    for (const int signal : {SIGHUP, SIGINT, SIGTERM}) {
        struct sigaction now {};
        sigaction(signal, nullptr, &now);
        if (now.sa_handler == SIG_DFL) {  // who started us may have it ignored
            now.sa_handler = leave_nothing;
            sigaction(signal, &now, nullptr);
        }
    }
}

/// What a symbolic link leads to: the link stays one.
std::string led_to(std::string path) {
    constexpr int LINKS = 40;  // as Linux follows
    std::error_code no_link;
    for (int i = 0; i < LINKS; ++i) {
        const std::filesystem::path target = std::filesystem::read_symlink(path, no_link);
        if (no_link) {
            break;
        }
        path = (std::filesystem::path{path}.parent_path() / target).string();
    }
    return path;
}

std::string name_beside(const std::string& path) { return path + ".part" + std::to_string(getpid()); }

bool is_folder(const std::string& path) {
    std::error_code unknown;
    return std::filesystem::is_directory(path, unknown);
}

/// /dev/null or a pipe: it must not be replaced by a file.
bool is_device(const std::string& path) {
    std::error_code unknown;
    return std::filesystem::is_other(path, unknown);
}

[[noreturn]] void cannot_write(const std::string& path) {
    throw diagnostic::Error{
        diagnostic::Error::Parts{{}, path, std::string{"cannot write: "} + std::strerror(errno), {}, {}}};
}

void refuse_what_was_read(const std::string& path) {
    if (document::was_read(path)) {
        throw diagnostic::Error{diagnostic::Error::Parts{
            {}, path, "not overwritten: it is what was read", {}, "another file for the output"}};
    }
}

}  // namespace

Output::Output(std::optional<std::string> path) : path_{std::move(path)} {
    if (!path_ || *path_ == "-") {
        path_.reset();
        file_ = stdout;
        return;
    }
    if (is_folder(*path_)) {  // the rename at the end would be the first to notice
        errno = EISDIR;
        cannot_write(*path_);
    }
    if (!is_device(*path_)) {
        path_ = led_to(*path_);
        beside_ = name_beside(*path_);
        keep_begun(nullptr, beside_.c_str());
        end_with_nothing_left();
    }
    file_ = std::fopen(beside_.empty() ? path_->c_str() : beside_.c_str(), "wb");
    if (file_ == nullptr) {
        keep_begun(beside_.c_str(), nullptr);
        cannot_write(*path_);
    }
}

Output::~Output() {
    if (path_ && file_ != nullptr) {
        std::fclose(file_);
        if (!beside_.empty()) {
            std::remove(beside_.c_str());
        }
    }
    keep_begun(beside_.c_str(), nullptr);
}

void Output::write(std::string_view text) {
    empty_ = empty_ && text.empty();
    if (std::fwrite(text.data(), 1, text.size(), file_) != text.size() && reason_ == 0) {
        reason_ = errno;
    }
}

void Output::flush() {
    if (std::fflush(file_) != 0 && reason_ == 0) {
        reason_ = errno;
    }
}

void Output::finish() {
    flush();
    if (path_) {
        refuse_what_was_read(*path_);  // the destructor removes what was written
        const bool closed = std::fclose(file_) == 0;
        file_ = nullptr;
        if (reason_ == 0 && (!closed || (!beside_.empty() && std::rename(beside_.c_str(), path_->c_str()) != 0))) {
            reason_ = errno;
        }
        if (reason_ != 0 && !beside_.empty()) {
            std::remove(beside_.c_str());
        }
    }
    if (reason_ != 0) {
        errno = reason_;
        cannot_write(path_.value_or("standard output"));
    }
}

void leave_nothing(int signal) {
    for (const std::atomic<const char*>& one : begun) {
        if (const char* const name = one.load(); name != nullptr && getpid() == beginner) {
            unlink(name);
        }
    }
    std::signal(signal, SIG_DFL);
    raise(signal);  // it comes when this handler has returned
}

void occupy_standard_streams() {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (fcntl(stream, F_GETFD) == -1) {
            open("/dev/null", stream == STDOUT_FILENO ? O_RDONLY : O_WRONLY);  // the lowest that is free: this one
        }
    }
}

void Errors::tell(const std::string& error, Output& output) {
    if (told_.insert(error).second) {
        output.flush();
        std::fprintf(stderr, "%s\n", error.c_str());
    }
}

void check_writable(const std::string& path) {
    refuse_what_was_read(path);
    if (!is_device(path)) {        // opening a pipe waits for its reader
        const Output tried{path};  // its file goes with it
    }
}

void write_file(const std::string& path, std::string_view text) {
    Output output{path};
    output.write(text);
    output.finish();
}

}  // namespace hldsim::cli
