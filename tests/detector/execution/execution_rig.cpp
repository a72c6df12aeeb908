// SPDX-License-Identifier: Apache-2.0
#include "tests/detector/execution/execution_rig.hpp"

#include <map>
#include <utility>

#include "tools/harness/profile/profile.hpp"

namespace hldsim::execution {

namespace {

// One kernel a process would be enough for one detector; programs need nothing of the kernel that they run on.
const shim::Object& kernel_of(ExecutionRig::Object object) {
    if (object == ExecutionRig::Object::Detector) {
        static auto& real = *new shim::Object(HLDSIM_KERNEL, shim::Object::Role::Kernel);
        return real;
    }
    static auto& least = *new shim::Object(EXECUTION_KERNEL, shim::Object::Role::Kernel);
    return least;
}

const shim::Object& object_of(ExecutionRig::Object object) {
    using Which = ExecutionRig::Object;
    static auto& loaded = *new std::map<Which, std::unique_ptr<shim::Object>>;
    const std::map<Which, const char*> paths = {{Which::Gcc, EXECUTION_GCC},
                                                {Which::GccSize, EXECUTION_GCC_SIZE},
                                                {Which::Clang, EXECUTION_CLANG},
                                                {Which::Detector, HLDSIM_DETECTOR}};
    auto& found = loaded[object];
    if (!found) {
        found = std::make_unique<shim::Object>(paths.at(object), shim::Object::Role::Detector);
    }
    return *found;
}

}  // namespace

void Trace::effect(const cpu::EffectMade& made) {
    const auto add_to = [&](std::uint64_t& hash) {
        add(hash, static_cast<std::uint64_t>(made.effect) << 32U | made.cpu.value);
        add(hash, static_cast<std::uint64_t>(made.at.fs));
        add(hash, made.identity);
        add(hash, made.value);
    };
    if (tell) {
        tell(made);
    }
    ++effects;
    nmis += made.effect == cpu::Effect::NmiTaken ? 1 : 0;
    add_to(full);
    const bool writes = made.effect == cpu::Effect::Rmw || made.effect == cpu::Effect::Visible;
    const bool changes = !writes || std::exchange(values[made.identity], made.value) != made.value;
    if (made.effect != cpu::Effect::Load && (changes || made.effect != cpu::Effect::Rmw)) {
        add_to(visible);
    }
    if (made.marked) {
        add_to(marked);
    }
}

ExecutionRig::ExecutionRig(Object object, const cpu::Cpus::Options& options, bool following,
                           const std::function<void(Timing&)>& change) {
    profile::Profile timing = profile::load("desktop-2018", HLDSIM_PROFILES);
    if (change) {
        change(timing.timing);
    }
    MachineProfile machine_profile{timing.timing, HpetProfile::pch_100(), {}, {}, {}, false};
    machine_profile.hpet.period = timing.hpet_period;
    machine_ = std::make_unique<Machine>(machine_profile, options, choices_);
    machine_->timeline.following(following);
    shim::Firmware firmware;
    for (unsigned n = 0; n < options.count; ++n) {
        firmware.apic_ids.push_back(n);
        firmware.packages.push_back(0);
    }
    firmware.tsc_khz = timing.tsc.numerator / timing.tsc.denominator / 1000;
    firmware.crystal_hz = timing.crystal.numerator / timing.crystal.denominator;
    const shim::Object& kernel_first = kernel_of(object);
    runtime_ = std::make_unique<shim::Runtime>(machine_->cpus, kernel_first, object_of(object), firmware);
    runtime_->task.subscribe([this](const shim::TaskNote& note) { noted = note.number; });
    machine_->cpus.observe(&trace_);
    note_deeds();
}

void ExecutionRig::note_deeds() {
    const auto add = [this](std::initializer_list<std::uint64_t> values) {
        for (const std::uint64_t value : values) {
            deeds_ = (deeds_ ^ value) * 1099511628211U;
        }
    };
    const auto number = [](Instant t) { return static_cast<std::uint64_t>(t.fs); };
    machine_->cpus.context_changed.subscribe([=](const cpu::ContextChanged& changed) {
        add({1, changed.cpu.value, static_cast<std::uint64_t>(changed.context), changed.entered ? 1U : 0U,
             number(changed.at)});
    });
    machine_->hpet.register_written.subscribe([=](const hpet::RegisterWritten& written) {
        add({2, written.offset, written.after, number(machine_->timeline.now())});
    });
    runtime_->mmio.subscribe([=](const shim::MmioNote& note) {
        add({3, note.cpu.number.value, note.physical, note.value, number(note.at)});
    });
    runtime_->lock.subscribe([=](const shim::LockNote& note) {
        add({4, note.cpu.number.value, static_cast<std::uint64_t>(note.op), number(note.at)});
    });
}

void ExecutionRig::power_on() {
    runtime_->restore();
    machine_->power_on();
    runtime_->apply_parameters();
    trace_.clear();
    deeds_ = 14695981039346656037U;
}

Outcome ExecutionRig::finish(Instant until) {
    Outcome outcome;
    outcome.end = machine_->run(until);
    outcome.ended_at = machine_->timeline.now();
    outcome.trace = trace_;
    outcome.accesses = machine_->cpus.accesses();
    outcome.parks = machine_->cpus.parks();
    outcome.deeds = deeds_;
    return outcome;
}

void ExecutionRig::begin(Program program, unsigned seed, unsigned steps) {
    power_on();
    hld_task task{};
    task.number = program;
    task.cpu = seed;
    task.fails_at = steps;
    for (unsigned n = 0; n < machine_->cpus.count(); ++n) {
        runtime_->give(CpuNumber{n}, task);
    }
}

Outcome ExecutionRig::run(Program program, unsigned seed, unsigned steps) {
    begin(program, seed, steps);
    return finish(Instant{FS_PER_S / 10});
}

Outcome ExecutionRig::run_window(unsigned wait, unsigned width, Instant nmi) {
    begin(WINDOW, wait, width);
    machine_->at(nmi, [this] {
        TokenSet tokens;
        tokens.add(machine_->tokens.next(Source::Operator));
        machine_->cpus.cpu(CpuNumber{0}).nmi(tokens, 0);
    });
    return finish(Instant{FS_PER_S / 10});
}

Outcome ExecutionRig::run_detector(const std::string& design, Duration phase, Instant until) {
    runtime_->set_parameters({}, {{"design", design}});
    power_on();
    hld_task task{};
    for (const hld_task_action action : {HLD_TASK_OFFLINE, HLD_TASK_ONLINE}) {
        task.action = action;
        task.cpu = 2;
        ++task.number;
        const Instant at = Instant{5 * FS_PER_S} + phase + Duration{FS_PER_S} * (action == HLD_TASK_ONLINE ? 3 : 0);
        machine_->at(at, [this, task] {
            runtime_->give(CpuNumber{0}, task);
            machine_->interrupt(CpuNumber{0}, HLD_TASK_VECTOR);
        });
    }
    return finish(until);
}

}  // namespace hldsim::execution
