// SPDX-License-Identifier: Apache-2.0
#include "tools/hldsim/file_jobs.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <new>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

#include "tools/harness/diagnostic/diagnostic.hpp"
#include "tools/harness/document/document.hpp"
#include "tools/hldsim/workers.hpp"

namespace hldsim::cli {
namespace {

/// Of a worker's message: the result, or one of the two kinds of error.
constexpr const char* RESULT = "result";
constexpr const char* BAD_INPUT = "bad_input";
constexpr const char* BROKEN = "broken";
/// And the files that it has read.
constexpr const char* READ = "read";

std::string message_of(const std::string& file, const FileJobs& jobs) {
    nlohmann::json message;
    try {
        message[RESULT] = jobs.make(file);
    } catch (const diagnostic::Error& error) {
        message[BAD_INPUT] = error.what();
    } catch (const std::bad_alloc&) {
        message[BROKEN] = diagnostic::printable(file) + ": " + OUT_OF_MEMORY;
    } catch (const std::exception& error) {
        message[BROKEN] = diagnostic::printable(file) + ": " + error.what();
    }
    for (const document::FileIdentity& read : document::newly_read()) {
        message[READ].push_back({read.device, read.number});
    }
    return message.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

nlohmann::json message_in(const JobResult& job, const std::string& file) {
    if (job.killed) {
        return {{BROKEN, diagnostic::printable(file) + ": killed (" + job.death +
                             ") while it was run: by somebody, or by a limit of memory or "
                             "time"}};
    }
    if (job.died()) {
        return {{BROKEN, diagnostic::printable(file) + ": hldsim crashed (" + job.death +
                             ") while it ran this file; please report it with the file"}};
    }
    return nlohmann::json::parse(job.bytes);
}

/// "interrupted", and by what if it was not a person.
std::string interruption() {
    const int signal = interrupted_by();
    return signal == SIGINT ? "interrupted" : std::string{"interrupted by SIG"} + sigabbrev_np(signal);
}

unsigned workers(const Invocation& invocation) {
    return invocation.global.jobs != 0 ? invocation.global.jobs : std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

FilesDone for_each_file(const std::vector<std::string>& files, const Invocation& invocation, const FileJobs& jobs) {
    FilesDone done;
    std::size_t next = 0;
    const auto leave_until = [&](std::size_t end) {
        for (; next < end; ++next) {
            jobs.leave(files[next], "not run: " + interruption());
        }
    };
    done.told = in_workers(
        files.size(), workers(invocation), [&](std::size_t i) { return message_of(files[i], jobs); },
        [&](std::size_t i, const JobResult& job) {
            leave_until(i);
            next = i + 1;
            const nlohmann::json message = message_in(job, files[i]);
            for (const nlohmann::json& read : message.value(READ, nlohmann::json::array())) {
                document::remember_read(
                    document::FileIdentity{read[0].get<std::uint64_t>(), read[1].get<std::uint64_t>()});
            }
            if (message.contains(RESULT)) {
                jobs.tell(files[i], message[RESULT]);
                return;
            }
            const bool broken = message.contains(BROKEN);
            (broken ? done.broken : done.bad_input) = true;
            jobs.fail(files[i], message[broken ? BROKEN : BAD_INPUT].get<std::string>());
        });
    leave_until(files.size());
    return done;
}

int exit_code_of(const FilesDone& done, std::size_t files, bool unexpected, Output& output) {
    if (interrupted_by() != 0) {
        output.flush();
        std::fprintf(stderr, "hldsim: %s: %zu of %zu files were not run\n", interruption().c_str(), files - done.told,
                     files);
        return exit_code::BY_SIGNAL + interrupted_by();
    }
    return done.broken      ? exit_code::FAILED
           : done.bad_input ? exit_code::BAD_INPUT
           : unexpected     ? exit_code::UNEXPECTED
                            : exit_code::AS_EXPECTED;
}

}  // namespace hldsim::cli
