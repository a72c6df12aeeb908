// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/execute/actions.hpp"

#include <algorithm>
#include <cstring>

#include "models/base/limits.hpp"

namespace hldsim::execute {

namespace {

using scenario::Exception;
using scenario::Hotplug;
using scenario::Message;
using scenario::Nmi;
using scenario::Repeat;
using scenario::Smi;
using scenario::Stuck;
using scenario::Tsc;
using scenario::WriteFile;

// The CPU on which the operator's task runs: the lowest other one unless the scenario says which.
CpuNumber runner(const std::optional<scenario::Cpu>& by, std::optional<CpuNumber> not_on) {
    if (by) {
        return by->value;
    }
    return CpuNumber{not_on && not_on->value == 0 ? 1U : 0U};
}

void copy_text(char* to, std::size_t room, const std::string& from) { std::strncpy(to, from.c_str(), room - 1); }

cpu::StuckKind kind_of(scenario::StuckKind kind) {
    switch (kind) {
        case scenario::StuckKind::IrqOff:
            return cpu::StuckKind::IrqOff;
        case scenario::StuckKind::InIrq:
            return cpu::StuckKind::InIrq;
        case scenario::StuckKind::InNmi:
            return cpu::StuckKind::InNmi;
        case scenario::StuckKind::InSmm:
            return cpu::StuckKind::InSmm;
        case scenario::StuckKind::Spinning:
            return cpu::StuckKind::Spinning;
        case scenario::StuckKind::Halted:
            return cpu::StuckKind::Halted;
        case scenario::StuckKind::Paused:
            break;
    }
    return cpu::StuckKind::Paused;
}

// The upper bit of the delivery mode: an NMI becomes a fixed interrupt, of a vector that it never had (SDM 10.11.2).
constexpr std::uint32_t NMI_OR_FIXED = 1U << 10U;

// No run sees what ends later, and Instant could not hold it.
Duration within_a_run(Duration wanted, Instant begin) {
    constexpr Instant LATE{(limits::RUN_SECONDS + 100) * FS_PER_S};
    return std::min(wanted, LATE - begin);
}

class Planner {
public:
    Planner(unsigned number, run::Rig& rig, const Clocks& clocks) : number_{number}, rig_{rig}, clocks_{clocks} {}

    std::vector<run::Planned> plans;

    void add(const scenario::Action& action, Instant t) {
        std::visit([&](const auto& act) { add(act, t); }, action);
    }

private:
    void add(const Hotplug& hotplug, Instant t) {
        hld_task task{};
        task.action = hotplug.online ? HLD_TASK_ONLINE : HLD_TASK_OFFLINE;
        task.cpu = hotplug.cpu.value.value;
        task.number = number_;
        if (hotplug.fails_at) {  // not known before the run in which nothing fails: Stage::find_failures()
            const auto& states = rig_.hotplug_states();
            const auto state = states.find({hotplug.fails_at->value, hotplug.online});
            task.fails_at = state == states.end() ? 0 : state->second;
        }
        give(t, runner(hotplug.by, hotplug.cpu.value), task);
    }
    void add(const WriteFile& write, Instant t) {
        hld_task task{};
        task.action = HLD_TASK_WRITE;
        task.number = number_;
        copy_text(task.file, sizeof task.file, write.file.value);
        copy_text(task.value, sizeof task.value, write.value.value);
        give(t, runner(write.by, std::nullopt), task);
    }
    void add(const Stuck& stuck, Instant t) {
        const Duration span = stuck.duration ? within_a_run(clocks_.of(stuck.duration->value), t) : Duration{};
        act(t, [&rig = rig_, stuck, span] {
            if (!rig.runtime().is_down(stuck.cpu.value)) {
                rig.machine().cpus.stick(stuck.cpu.value, kind_of(stuck.kind), span);
            }
        });
    }
    void add(const Smi& smi, Instant t) {
        const Duration residency = within_a_run(clocks_.of(smi.residency.value), t);
        std::vector<CpuNumber> cpus;
        for (unsigned n = 0; n < rig_.machine().cpus.count(); ++n) {
            const bool named = std::any_of(smi.cpus.begin(), smi.cpus.end(),
                                           [&](const scenario::Cpu& cpu) { return cpu.value.value == n; });
            if (smi.cpus.empty() || named) {
                cpus.push_back(CpuNumber{n});
            }
        }
        const Duration iret = smi.iret_after ? within_a_run(clocks_.of(smi.iret_after->value), t) : cpu::Cpu::NO_IRET;
        act(t, [&rig = rig_, cpus, residency, iret] { rig.machine().cpus.assert_smi(cpus, residency, iret); });
    }
    void add(const Exception& exception, Instant t) {
        const CpuNumber cpu = exception.cpu.value;
        const Duration span = within_a_run(clocks_.of(exception.duration.value), t);
        if (exception.at_iret) {
            act(t, [&rig = rig_, cpu, span] { rig.machine().cpus.fault_iret(cpu, span); });
        } else {
            act(t, [&rig = rig_, cpu, span] { rig.machine().cpus.raise_exception(cpu, span); });
        }
    }
    void add(const Nmi& nmi, Instant t) {
        if (nmi.source == scenario::NmiSource::Ipi) {
            hld_task task{};
            task.action = HLD_TASK_BACKTRACE;
            task.cpu = nmi.cpu.value.value;
            task.number = number_;
            return give(t, runner(nmi.by, nmi.cpu.value), task);
        }
        act(t, [&rig = rig_, nmi] {
            Machine& machine = rig.machine();
            switch (nmi.source) {
                case scenario::NmiSource::Serr:
                    return machine.nmi_control.assert_serr();
                case scenario::NmiSource::Iochk:
                    return machine.nmi_control.assert_iochk();
                case scenario::NmiSource::Lint1:
                    return machine.pulse_lint1(nmi.cpu.value);
                case scenario::NmiSource::Perf: {
                    Pmu& pmu = machine.pmu(nmi.cpu.value);
                    return pmu.overflow(pmu.first_on());
                }
                default:
                    return;
            }
        });
    }
    void add(const Tsc& tsc, Instant t) {
        const CpuNumber cpu = tsc.cpu.value;
        if (!tsc.step) {
            act(t, [&rig = rig_, cpu, stop = tsc.stop] { rig.machine().cpus.stop_tsc(cpu, stop); });
            return;
        }
        const Duration length = clocks_.of(tsc.step->value);
        const bool back = length.fs < 0;
        const ClockDomain clock = ClockDomain::of_frequency(rig_.machine().profile.timing.tsc());
        const auto counts = static_cast<std::int64_t>(clock.last_at(Instant{back ? -length.fs : length.fs})->index);
        act(t, [&rig = rig_, cpu, by = back ? -counts : counts] { rig.machine().cpus.step_tsc(cpu, by); });
    }
    void add(const Message& message, Instant t) {
        MessageFault fault;
        switch (message.fault) {
            case scenario::MessageFault::Drop:
                fault.kind = MessageFaulted::Kind::Drop;
                break;
            case scenario::MessageFault::Delay:
                fault.kind = MessageFaulted::Kind::Delay;
                break;
            case scenario::MessageFault::Duplicate:
                fault.kind = MessageFaulted::Kind::Duplicate;
                break;
            case scenario::MessageFault::Corrupt:
                fault.kind = MessageFaulted::Kind::Corrupt;
                fault.data_flips = NMI_OR_FIXED;
                break;
            case scenario::MessageFault::Misroute:
                fault.kind = MessageFaulted::Kind::Misroute;
                break;
        }
        if (message.by) {
            fault.delay = within_a_run(clocks_.of(message.by->value), t);
        }
        if (message.to) {
            fault.destination = static_cast<std::uint8_t>(message.to->value.value);
        }
        constexpr Source SOURCES[] = {Source::Hpet, Source::Ioapic, Source::Remapper};
        const Source source = SOURCES[static_cast<std::size_t>(message.source)];
        act(t, [&rig = rig_, source, fault] { rig.machine().fabric.inject(source, fault); });
    }
    void add(const Repeat& repeat, Instant t) {
        const Duration every = clocks_.of(repeat.every.value);
        for (unsigned pass = 0; pass < repeat.times; ++pass) {
            for (const scenario::SimpleAction& action : repeat.actions) {
                std::visit([&](const auto& simple) { add(simple, t + every * pass); }, action);
            }
        }
    }

    void give(Instant t, CpuNumber by, const hld_task& task) {
        act(t, [&rig = rig_, by, task] { rig.give(by, task); });
    }
    void act(Instant t, std::function<void()> what) { plans.push_back({t, number_, std::move(what)}); }

    unsigned number_;
    run::Rig& rig_;
    const Clocks& clocks_;
};

}  // namespace

std::vector<run::Planned> plan(const scenario::Event& event, unsigned number, Instant t, run::Rig& rig,
                               const Clocks& clocks) {
    Planner planner{number, rig, clocks};
    planner.add(event.action, t);
    return std::move(planner.plans);
}

std::optional<CpuNumber> runner_of(const scenario::SimpleAction& action) {
    if (const auto* const hotplug = std::get_if<Hotplug>(&action)) {
        return runner(hotplug->by, hotplug->cpu.value);
    }
    if (const auto* const write = std::get_if<WriteFile>(&action)) {
        return runner(write->by, std::nullopt);
    }
    if (const auto* const nmi = std::get_if<Nmi>(&action); nmi != nullptr && nmi->source == scenario::NmiSource::Ipi) {
        return runner(nmi->by, nmi->cpu.value);
    }
    return std::nullopt;
}

Duration extent(const scenario::Event& event, const Clocks& clocks) {
    const auto* const repeat = std::get_if<Repeat>(&event.action);
    return repeat == nullptr || repeat->times == 0
               ? Duration{}
               : clocks.of(repeat->every.value) * static_cast<std::int64_t>(repeat->times - 1);
}

}  // namespace hldsim::execute
