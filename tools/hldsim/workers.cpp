// SPDX-License-Identifier: Apache-2.0
#include "tools/hldsim/workers.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>
#include <stdexcept>
#include <vector>

#include "tools/hldsim/output.hpp"

namespace hldsim::cli {

namespace {

// MSG_NOSIGNAL: who reads may have died.
bool write_all(int descriptor, const void* data, std::size_t size) {
    const auto* bytes = static_cast<const char*>(data);
    while (size > 0) {
        const ssize_t written = send(descriptor, bytes, size, MSG_NOSIGNAL);
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

volatile std::sig_atomic_t signal_came = 0;

constexpr std::array<int, 3> NOTED{SIGINT, SIGTERM, SIGHUP};

// While the workers work: the first of them is noted, and a SIGINT after it ends the program. The others may come
// twice: timeout(1) sends to its child and then to the group of processes that it is in.
class NoteSignals {
public:
    NoteSignals() {
        struct sigaction note {};
        note.sa_handler = [](int signal) {
            if (signal_came == 0) {
                signal_came = signal;
            } else if (signal == SIGINT) {
                leave_nothing(signal);
            }
        };  // without SA_RESTART: poll() is to return
        for (std::size_t i = 0; i < NOTED.size(); ++i) {
            sigaction(NOTED.at(i), nullptr, &before_.at(i));
            if (NOTED.at(i) == SIGINT || before_.at(i).sa_handler != SIG_IGN) {  // nohup(1) has SIGHUP ignored
                sigaction(NOTED.at(i), &note, nullptr);
            }
        }
    }
    NoteSignals(const NoteSignals&) = delete;
    NoteSignals& operator=(const NoteSignals&) = delete;
    NoteSignals(NoteSignals&&) = delete;
    NoteSignals& operator=(NoteSignals&&) = delete;
    ~NoteSignals() {
        for (std::size_t i = 0; i < NOTED.size(); ++i) {
            if (NOTED.at(i) == SIGINT || signal_came == 0) {  // what is there is to be written
                sigaction(NOTED.at(i), &before_.at(i), nullptr);
            }
        }
    }

private:
    std::array<struct sigaction, NOTED.size()> before_{};
};

struct Worker {
    pid_t pid = 0;
    int line = -1;        // numbers of jobs go out, results come back
    std::size_t job = 0;  // that it is at
    std::string received;
};

[[noreturn]] void no_worker() {
    throw NoWorker{std::string{"no worker process can be started: "} + std::strerror(errno) +
                   " (ulimit -n, -u); fewer of them (--jobs 1) need less"};
}

/// However the parent ends: nobody would read what a worker makes.
void end_with(pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {  // it ended before we asked
        _exit(1);
    }
}

[[noreturn]] void be_worker(int line, const std::function<std::string(std::size_t)>& job) {
    for (const int signal : NOTED) {  // a terminal, or timeout(1), sends them to all: whoever started us decides
        std::signal(signal, SIG_IGN);
    }
    std::uint64_t number = 0;
    while (recv(line, &number, sizeof number, MSG_WAITALL) == sizeof number) {
        const std::string bytes = job(number);
        const std::uint64_t size = bytes.size();
        if (!write_all(line, &size, sizeof size) || !write_all(line, bytes.data(), bytes.size())) {
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
        for (Worker& worker : workers_) {
            start(worker);
        }
    }
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;
    Pool(Pool&&) = delete;
    Pool& operator=(Pool&&) = delete;
    ~Pool() {
        for (Worker& worker : workers_) {
            if (worker.line >= 0) {
                kill(worker.pid, SIGKILL);
                close(worker.line);
                waitpid(worker.pid, nullptr, 0);
            }
        }
    }

    std::size_t collect(const std::function<void(std::size_t, const JobResult&)>& done) {
        std::size_t told = 0;
        while (told < count_) {
            for (auto ready = results_.find(told); ready != results_.end(); ready = results_.find(told)) {
                done(told, ready->second);
                results_.erase(ready);
                ++told;
            }
            if (signal_came != 0) {
                return told + collect_finished(done);
            }
            if (told < count_) {
                wait_for_something(LOOK_AGAIN);
            }
        }
        return told;
    }

private:
    static constexpr int LOOK_AGAIN = 500;  // ms: a signal may come just before we wait

    /// What is there behind jobs that are not done, and what the workers have written by now.
    std::size_t collect_finished(const std::function<void(std::size_t, const JobResult&)>& done) {
        next_ = count_;  // nobody begins another
        while (wait_for_something(0)) {
        }
        for (const auto& [number, result] : results_) {
            done(number, result);
        }
        return results_.size();
    }

    void start(Worker& worker) {
        std::fflush(stdout);
        std::fflush(stderr);
        int ends[2];
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) {
            no_worker();
        }
        const pid_t parent = getpid();
        const pid_t pid = fork();
        if (pid < 0) {
            no_worker();
        }
        if (pid == 0) {
            end_with(parent);
            close(ends[0]);
            for (const Worker& other : workers_) {
                if (other.line >= 0) {
                    close(other.line);  // or the end of our process would not be seen as the end of the line
                }
            }
            be_worker(ends[1], job_);
        }
        close(ends[1]);
        worker = {pid, ends[0], 0, {}};
        hand_out(worker);
    }

    // The next job to whoever is free: jobs differ a thousandfold in their time. No job: the line ends, and the worker.
    void hand_out(Worker& worker) {
        if (next_ == count_) {
            close(worker.line);
            worker.line = -1;
            waitpid(worker.pid, nullptr, 0);
            return;
        }
        worker.job = next_++;
        const std::uint64_t number = worker.job;
        write_all(worker.line, &number, sizeof number);  // to one that has died: ended() finds its job
    }

    /// Whether there was something within so many milliseconds.
    bool wait_for_something(int milliseconds) {
        std::vector<pollfd> polled;
        std::vector<Worker*> who;
        for (Worker& worker : workers_) {
            if (worker.line >= 0) {
                polled.push_back({worker.line, POLLIN, 0});
                who.push_back(&worker);
            }
        }
        if (polled.empty() && milliseconds > 0) {
            throw std::runtime_error{"the workers ended before their jobs"};
        }
        const int ready = poll(polled.data(), polled.size(), milliseconds);
        if (ready <= 0) {
            return false;  // nothing, or a signal: look again
        }
        for (std::size_t i = 0; i < polled.size(); ++i) {
            if (polled[i].revents != 0) {
                read_from(*who[i]);
            }
        }
        return true;
    }

    void read_from(Worker& worker) {
        char buffer[65536];
        const ssize_t got = read(worker.line, buffer, sizeof buffer);
        if (got > 0) {
            worker.received.append(buffer, static_cast<std::size_t>(got));
            take_results(worker);
        } else if (got == 0) {
            ended(worker);
        }
    }

    void take_results(Worker& worker) {
        std::uint64_t size = 0;
        if (worker.received.size() < sizeof size) {
            return;
        }
        worker.received.copy(reinterpret_cast<char*>(&size), sizeof size);
        if (worker.received.size() == sizeof size + size) {
            results_[worker.job] = {worker.received.substr(sizeof size), {}, false};
            worker.received.clear();
            hand_out(worker);
        }
    }

    // The job at which it died has no result; those behind it get a fresh worker.
    void ended(Worker& worker) {
        close(worker.line);
        worker.line = -1;
        int status = 0;
        waitpid(worker.pid, &status, 0);
        const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        results_[worker.job] = {
            {},
            signal != 0 ? "signal " + std::to_string(signal) : "exit code " + std::to_string(WEXITSTATUS(status)),
            signal == SIGKILL || signal == SIGXCPU};
        if (next_ < count_) {
            start(worker);
        }
    }

    std::size_t count_;
    std::size_t next_ = 0;  // that nobody has
    const std::function<std::string(std::size_t)>& job_;
    std::vector<Worker> workers_;
    std::map<std::size_t, JobResult> results_;
};

}  // namespace

std::size_t in_workers(std::size_t count, unsigned workers, const std::function<std::string(std::size_t)>& job,
                       const std::function<void(std::size_t, const JobResult&)>& done) {
    const NoteSignals note;
    Pool pool{count, static_cast<unsigned>(std::min<std::size_t>(workers, count)), job};
    return pool.collect(done);
}

int interrupted_by() { return signal_came; }

}  // namespace hldsim::cli
