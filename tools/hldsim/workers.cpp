// SPDX-License-Identifier: Apache-2.0
#include "tools/hldsim/workers.hpp"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <vector>

namespace hldsim::cli {

namespace {

bool write_all(int descriptor, const void* data, std::size_t size) {
    const auto* bytes = static_cast<const char*>(data);
    while (size > 0) {
        const ssize_t written = write(descriptor, bytes, size);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        bytes += written;
        size -= static_cast<std::size_t>(written);
    }
    return true;
}

struct Worker {
    pid_t pid = 0;
    int from = -1;
    std::size_t next = 0;  // the job it is at
    std::string received;
};

// Job i belongs to worker i modulo their number: no message is needed to hand it out.
[[noreturn]] void be_worker(int to, std::size_t first, std::size_t count, std::size_t step,
                            const std::function<std::string(std::size_t)>& job) {
    for (std::size_t i = first; i < count; i += step) {
        const std::string bytes = job(i);
        const std::uint64_t size = bytes.size();
        if (!write_all(to, &size, sizeof size) || !write_all(to, bytes.data(), bytes.size())) {
            break;
        }
    }
    std::fflush(stderr);
    _exit(0);
}

class Pool {
public:
    Pool(std::size_t count, unsigned workers, const std::function<std::string(std::size_t)>& job)
        : count_{count}, job_{job}, workers_{workers} {
        for (unsigned n = 0; n < workers; ++n) {
            start(workers_[n], n);
        }
    }
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;
    Pool(Pool&&) = delete;
    Pool& operator=(Pool&&) = delete;
    ~Pool() {
        for (Worker& worker : workers_) {
            if (worker.from >= 0) {
                kill(worker.pid, SIGTERM);
                close(worker.from);
                waitpid(worker.pid, nullptr, 0);
            }
        }
    }

    void collect(const std::function<bool(std::size_t, const JobResult&)>& done) {
        std::size_t told = 0;
        while (told < count_) {
            for (auto ready = results_.find(told); ready != results_.end(); ready = results_.find(told)) {
                if (!done(told, ready->second)) {
                    return;
                }
                results_.erase(ready);
                ++told;
            }
            if (told < count_) {
                wait_for_something();
            }
        }
    }

private:
    void start(Worker& worker, std::size_t first) {
        std::fflush(stdout);
        std::fflush(stderr);
        int ends[2];
        if (pipe(ends) != 0) {
            throw std::runtime_error{"no pipe to a worker"};
        }
        const pid_t pid = fork();
        if (pid < 0) {
            throw std::runtime_error{"no worker process"};
        }
        if (pid == 0) {
            close(ends[0]);
            be_worker(ends[1], first, count_, workers_.size(), job_);
        }
        close(ends[1]);
        worker = {pid, ends[0], first, {}};
    }

    void wait_for_something() {
        std::vector<pollfd> polled;
        std::vector<Worker*> who;
        for (Worker& worker : workers_) {
            if (worker.from >= 0) {
                polled.push_back({worker.from, POLLIN, 0});
                who.push_back(&worker);
            }
        }
        if (polled.empty()) {
            throw std::runtime_error{"the workers ended before their jobs"};
        }
        if (poll(polled.data(), polled.size(), -1) < 0) {
            return;  // a signal: look again
        }
        for (std::size_t i = 0; i < polled.size(); ++i) {
            if (polled[i].revents != 0) {
                read_from(*who[i]);
            }
        }
    }

    void read_from(Worker& worker) {
        char buffer[65536];
        const ssize_t got = read(worker.from, buffer, sizeof buffer);
        if (got > 0) {
            worker.received.append(buffer, static_cast<std::size_t>(got));
            take_results(worker);
        } else if (got == 0) {
            ended(worker);
        }
    }

    void take_results(Worker& worker) {
        std::uint64_t size = 0;
        while (worker.received.size() >= sizeof size) {
            worker.received.copy(reinterpret_cast<char*>(&size), sizeof size);
            if (worker.received.size() < sizeof size + size) {
                return;
            }
            results_[worker.next] = {worker.received.substr(sizeof size, size), {}};
            worker.received.erase(0, sizeof size + size);
            worker.next += workers_.size();
        }
    }

    // The job at which it died has no result; those behind it get a fresh worker.
    void ended(Worker& worker) {
        close(worker.from);
        worker.from = -1;
        int status = 0;
        waitpid(worker.pid, &status, 0);
        if (worker.next >= count_) {
            return;
        }
        results_[worker.next] = {{},
                                 WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                                                     : "exit code " + std::to_string(WEXITSTATUS(status))};
        worker.next += workers_.size();
        if (worker.next < count_) {
            start(worker, worker.next);
        }
    }

    std::size_t count_;
    const std::function<std::string(std::size_t)>& job_;
    std::vector<Worker> workers_;
    std::map<std::size_t, JobResult> results_;
};

}  // namespace

void in_workers(std::size_t count, unsigned workers, const std::function<std::string(std::size_t)>& job,
                const std::function<bool(std::size_t, const JobResult&)>& done) {
    Pool pool{count, static_cast<unsigned>(std::min<std::size_t>(workers, count)), job};
    pool.collect(done);
}

}  // namespace hldsim::cli
