// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/execute/effects.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <map>

#include "tools/harness/execute/actions.hpp"
#include "tools/harness/report/names.hpp"

namespace hldsim::execute {

namespace {

using scenario::SimpleAction;
using trace::Life;
using trace::Log;
using trace::Record;
using trace::What;
using Indices = std::vector<std::size_t>;  // of records, ascending
using Why = std::optional<std::string>;

/// One act of the operator: an event's, or one pass's of a repeat.
struct Act {
    unsigned event = 0;  // number, from 1
    SimpleAction action;
    std::size_t began = 0;  // its record
};

struct Task {
    std::size_t begun = 0;
    std::optional<std::size_t> ended;
    bool used = false;
};

SimpleAction action_of(const scenario::Event& event, std::size_t act) {
    return std::visit(
        [act](const auto& action) -> SimpleAction {
            if constexpr (std::is_same_v<std::decay_t<decltype(action)>, scenario::Repeat>) {
                return action.actions[act % action.actions.size()];
            } else {
                return action;
            }
        },
        event.action);
}

std::optional<std::size_t> last_before(const Indices& indices, std::size_t record) {
    const auto after = std::lower_bound(indices.begin(), indices.end(), record);
    return after == indices.begin() ? std::nullopt : std::optional<std::size_t>{*(after - 1)};
}

std::optional<std::size_t> first_after(const Indices& indices, std::size_t record) {
    const auto after = std::upper_bound(indices.begin(), indices.end(), record);
    return after == indices.end() ? std::nullopt : std::optional<std::size_t>{*after};
}

/// The records that tell of effects, by CPU or by source.
struct Traces {
    std::vector<Act> acts;
    std::map<std::uint64_t, std::vector<Task>> tasks;  // by event, in the order in which they begin
    std::map<unsigned, Indices> lives;
    std::map<unsigned, Indices> stuck;  // begins and ends
    std::map<unsigned, Indices> steps;  // of hotplug
    std::map<unsigned, Indices> smm;
    std::map<unsigned, Indices> exceptions;
    std::map<Source, Indices> accepted;
    std::map<Source, Indices> lost;
    std::map<Source, Indices> faulted;

    Traces(const scenario::Scenario& scenario, const Log& log) {
        std::map<std::uint64_t, std::size_t> begun;
        for (std::size_t i = 0; i < log.records.size(); ++i) {
            const Record& record = log.records[i];
            if (record.what != What::EventBegan) {
                add(record, i, log);
            } else if (record.value >= 1 && record.value <= scenario.events.size()) {
                acts.push_back({static_cast<unsigned>(record.value),
                                action_of(scenario.events[record.value - 1], begun[record.value]++), i});
            }
        }
    }

private:
    void add(const Record& record, std::size_t i, const Log& log) {
        switch (record.what) {
            case What::TaskBegun:
                tasks[record.value].push_back({i, std::nullopt});
                break;
            case What::TaskEnded:
                end_task(record, i, log);
                break;
            case What::LifeChanged:
                lives[record.cpu].push_back(i);
                break;
            case What::StuckBegan:
            case What::StuckEnded:
                stuck[record.cpu].push_back(i);
                break;
            case What::HotplugStep:
                steps[record.cpu].push_back(i);
                break;
            case What::ContextEntered:
                if (record.context != cpu::Context::Nmi) {
                    (record.context == cpu::Context::Smm ? smm : exceptions)[record.actor].push_back(i);
                }
                break;
            case What::HopReached:
                if (record.hop == Hop::Accepted) {
                    accepted[record.token.source].push_back(i);
                }
                break;
            case What::MessageLost:
                lost[record.token.source].push_back(i);
                break;
            case What::MessageFaulted:
                faulted[static_cast<Source>(record.result)].push_back(i);
                break;
            default:
                break;
        }
    }

    // A CPU does one task after the other.
    void end_task(const Record& record, std::size_t i, const Log& log) {
        for (Task& task : tasks[record.value]) {
            if (!task.ended && log.records[task.begun].actor == record.actor) {
                task.ended = i;
                return;
            }
        }
    }
};

class Judge {
public:
    Judge(const run::Outcome& outcome, const std::vector<std::string>& told)
        : log_{outcome.log}, told_{told}, traces_{outcome.scenario, outcome.log} {}

    const std::vector<Act>& acts() const { return traces_.acts; }

    /// In the order of the acts: why that one had no effect.
    Why why(const Act& act) {
        return std::visit([&](const auto& action) { return why(act, action); }, act.action);
    }

private:
    Life life(unsigned cpu, std::size_t record) {
        const auto at = last_before(traces_.lives[cpu], record);
        return at ? static_cast<Life>(log_.records[*at].value) : Life::Up;
    }
    bool down(unsigned cpu, std::size_t record) {
        const Life now = life(cpu, record);
        return now == Life::Dead || now == Life::WaitForSipi;
    }
    bool is_stuck(unsigned cpu, std::size_t record) {
        const auto at = last_before(traces_.stuck[cpu], record);
        return at && log_.records[*at].what == What::StuckBegan;
    }

    Task* task_of(const Act& act, CpuNumber runner) {
        Task* moved = nullptr;  // with its CPU down another one may do it
        for (Task& task : traces_.tasks[act.event]) {
            if (task.used || task.begun < act.began) {
                continue;
            }
            if (log_.records[task.begun].actor == runner.value) {
                task.used = true;
                return &task;
            }
            moved = moved == nullptr ? &task : moved;
        }
        if (moved != nullptr) {
            moved->used = true;
        }
        return moved;
    }

    std::string not_begun(const Act& act, CpuNumber runner) {
        const std::string who = fmt::format("its task is CPU {}'s, which ", runner.value);
        return down(runner.value, act.began)       ? who + "is down"
               : is_stuck(runner.value, act.began) ? who + "is stuck"
                                                   : who + "does not come to it before the run ends";
    }

    /// Of an act that a task does: why it is none; `result` of one that has ended.
    Why why_no_task(const Act& act, std::optional<std::int64_t>& result, const Task*& task) {
        const CpuNumber runner = *runner_of(act.action);
        task = task_of(act, runner);
        if (task == nullptr) {
            return not_begun(act, runner);
        }
        if (task->ended) {
            result = log_.records[*task->ended].result;
        }
        return std::nullopt;
    }

    Why why(const Act& act, const scenario::Hotplug& hotplug) {
        std::optional<std::int64_t> result;
        const Task* task = nullptr;
        Why none = why_no_task(act, result, task);
        if (none || !result) {
            return none;
        }
        if (hotplug.fails_at && *result == -EAGAIN) {
            return std::nullopt;  // as asked, be it at the first step
        }
        const auto step = first_after(traces_.steps[hotplug.cpu.value.value], task->begun);
        if (step && *step < *task->ended) {
            return *result == 0 || hotplug.fails_at ? std::nullopt
                                                    : Why{fmt::format("the kernel answers {}, and takes its steps back",
                                                                      report::error_words(*result))};
        }
        return *result == 0 ? fmt::format("CPU {} is {} already, and the kernel answers 0", hotplug.cpu.value.value,
                                          hotplug.online ? "up" : "down")
                            : "the kernel answers " + report::error_words(*result);
    }

    Why why(const Act& act, const scenario::WriteFile& write) {
        std::optional<std::int64_t> result;
        const Task* task = nullptr;
        Why none = why_no_task(act, result, task);
        if (none || !result) {
            return none;
        }
        if (*result < 0) {
            return "the kernel answers " + report::error_words(*result);
        }
        const std::string& file = write.file.value;
        if (file.rfind("watchdog_", 0) == 0 && std::find(told_.begin(), told_.end(), file) == told_.end()) {
            return "the kernel takes the value, and the detector has no parameter by which it would be told";
        }
        return std::nullopt;
    }

    Why why(const Act& act, const scenario::Stuck& stuck) {
        const unsigned cpu = stuck.cpu.value.value;
        if (down(cpu, act.began)) {
            return fmt::format("CPU {} is down and runs nothing that could get stuck", cpu);
        }
        const auto next = first_after(traces_.stuck[cpu], act.began);
        if (is_stuck(cpu, act.began) && !next) {
            return fmt::format("CPU {} is stuck already, for ever", cpu);
        }
        const auto begins = std::find_if(traces_.stuck[cpu].begin(), traces_.stuck[cpu].end(), [&](std::size_t i) {
            return i > act.began && log_.records[i].what == What::StuckBegan;
        });
        return begins == traces_.stuck[cpu].end()
                   ? Why{fmt::format("CPU {} does not get to it before the run ends", cpu)}
                   : std::nullopt;
    }

    Why why(const Act& act, const scenario::Smi& smi) {
        const auto enters = [&](unsigned cpu) { return first_after(traces_.smm[cpu], act.began).has_value(); };
        const bool entered =
            smi.cpus.empty()
                ? std::any_of(traces_.smm.begin(), traces_.smm.end(), [&](const auto& of) { return enters(of.first); })
                : std::any_of(smi.cpus.begin(), smi.cpus.end(),
                              [&](const scenario::Cpu& cpu) { return enters(cpu.value.value); });
        return entered ? std::nullopt : Why{"none of its CPUs enters SMM before the run ends"};
    }

    Why why(const Act& act, const scenario::Exception& exception) {
        constexpr std::uint64_t BREAKPOINT = 3;
        constexpr std::uint64_t PAGE_FAULT = 14;
        const unsigned cpu = exception.cpu.value.value;
        const Indices& entered = traces_.exceptions[cpu];
        const bool met = std::any_of(entered.begin(), entered.end(), [&](std::size_t i) {
            return i > act.began && log_.records[i].value == (exception.at_iret ? PAGE_FAULT : BREAKPOINT);
        });
        return met ? std::nullopt
                   : Why{exception.at_iret      ? fmt::format("no NMI handler of CPU {} returns after it", cpu)
                         : down(cpu, act.began) ? fmt::format("CPU {} is down and executes nothing", cpu)
                                                : fmt::format("CPU {} executes nothing more before the run ends", cpu)};
    }

    Why why(const Act& act, const scenario::Nmi& nmi) {
        if (nmi.source == scenario::NmiSource::Ipi) {
            std::optional<std::int64_t> result;
            const Task* task = nullptr;
            Why none = why_no_task(act, result, task);
            return none || !result || *result >= 0 ? none : "the kernel answers " + report::error_words(*result);
        }
        const Source source = nmi.source == scenario::NmiSource::Perf    ? Source::Perf
                              : nmi.source == scenario::NmiSource::Serr  ? Source::Serr
                              : nmi.source == scenario::NmiSource::Iochk ? Source::Iochk
                                                                         : Source::Lint1;
        if (first_after(traces_.accepted[source], act.began)) {
            return std::nullopt;
        }
        const auto lost = first_after(traces_.lost[source], act.began);
        return lost ? "lost: " + log_.text(log_.records[*lost]) : "no local APIC accepts an NMI of it";
    }

    // Each fault meets one message of its source, in the order in which they were asked for.
    Why why(const Act& /*act*/, const scenario::Message& message) {
        constexpr Source SOURCES[] = {Source::Hpet, Source::Ioapic, Source::Remapper};
        const Source source = SOURCES[static_cast<std::size_t>(message.source)];
        return asked_[source]++ < traces_.faulted[source].size()
                   ? std::nullopt
                   : Why{fmt::format("no message of {} comes for it before the run ends",
                                     scenario::name_of(message.source))};
    }

    Why why(const Act& /*act*/, const scenario::Tsc& tsc) {
        const unsigned cpu = tsc.cpu.value.value;
        if (tsc.step) {
            return std::nullopt;
        }
        const bool was = stopped_[cpu];
        stopped_[cpu] = tsc.stop;
        return was != tsc.stop ? std::nullopt : Why{fmt::format("it {} already", was ? "stands still" : "runs")};
    }

    const Log& log_;
    const std::vector<std::string>& told_;
    Traces traces_;
    std::map<Source, std::size_t> asked_;
    std::map<unsigned, bool> stopped_;
};

}  // namespace

std::vector<run::NoEffect> without_effect(const run::Outcome& outcome, const std::vector<std::string>& told) {
    std::vector<run::NoEffect> all;
    if (outcome.stopped) {
        return all;
    }
    Judge judge{outcome, told};
    std::map<unsigned, run::NoEffect> events;
    for (const Act& act : judge.acts()) {
        run::NoEffect& event = events[act.event];
        event.event = act.event;
        ++event.of;
        if (const Why why = judge.why(act)) {
            event.why = event.acts == 0 ? *why : event.why;
            ++event.acts;
        }
    }
    for (unsigned n = 1; n <= outcome.scenario.events.size(); ++n) {
        const auto found = events.find(n);
        if (found == events.end() && outcome.scenario.events[n - 1].at) {
            all.push_back({n, 1, 1, "the run has ended before it"});
        } else if (found != events.end() && found->second.acts > 0) {
            all.push_back(found->second);
        }
    }
    return all;
}

}  // namespace hldsim::execute
