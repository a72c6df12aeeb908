// SPDX-License-Identifier: Apache-2.0
// Work in forked processes: a worker loads its own objects and has its own SystemC; a crash is one job's failure.
//
//   Order    results come in the order of the jobs, as early as that allows, whatever the number of workers
//   Load     a job goes to whoever is free
//   Pristine workers are forked from a process that has loaded nothing
//   Crash    costs the job that crashed: a fresh worker goes on with the next one
//   Signals  at SIGINT, SIGTERM and SIGHUP no further result is awaited and the workers end: what is there is told,
//            also behind jobs that are not done; a SIGINT after that ends hldsim where it is
//   End      workers end with their parent, however that ends
#pragma once
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>

namespace hldsim::cli {

/// The system gives no more files or processes: nothing to report.
class NoWorker : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A job's result, or how its worker died.
struct JobResult {
    std::string bytes;
    std::string death;    // "signal 11", "exit code 1"; empty: there is a result
    bool killed = false;  // by a person or a limit of the system: nothing that it did itself

    bool died() const { return !death.empty(); }
};

/// Calls job(i) for each i below `count` in one of `workers` processes, and done(i, result) here. Returns how many
/// results done() has got: fewer than `count` after a signal. Throws NoWorker.
std::size_t in_workers(std::size_t count, unsigned workers, const std::function<std::string(std::size_t)>& job,
                       const std::function<void(std::size_t, const JobResult&)>& done);

/// After in_workers(): SIGINT, SIGTERM or SIGHUP, if one of them came; else 0.
int interrupted_by();

}  // namespace hldsim::cli
