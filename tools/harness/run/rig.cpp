// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/run/rig.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "models/amdvi/registers.hpp"
#include "models/hpet/registers.hpp"
#include "models/lapic/msrs.hpp"
#include "models/lapic/registers.hpp"
#include "models/vtd/registers.hpp"
#include "tools/harness/check/finding.hpp"

namespace hldsim::run {

namespace {

shim::Firmware firmware_of(const Configuration& configuration) {
    shim::Firmware firmware;
    const unsigned count = configuration.cpus.count;
    const unsigned per_package = (count + configuration.cpus.packages - 1) / configuration.cpus.packages;
    for (unsigned n = 0; n < count; ++n) {
        firmware.apic_ids.push_back(n);
        firmware.packages.push_back(n / per_package);
    }
    const Timing& timing = configuration.machine.timing;
    firmware.x2apic = configuration.machine.x2apic;
    firmware.tsc_khz = timing.tsc().numerator / timing.tsc().denominator / 1000;
    firmware.crystal_hz = timing.crystal().numerator / timing.crystal().denominator;
    firmware.tsc_deadline = configuration.machine.lapic.tsc_deadline;
    const DualTimer& dual = configuration.machine.lapic.dual_timer;
    firmware.apic_timer2 = dual.independent_count && dual.timer2_delivery_mode && dual.timer2_reason;
    if (configuration.machine.vtd) {
        firmware.remapping = 1;
        firmware.dmar_address = Machine::VTD_BASE;
        firmware.hpet_source_id = configuration.hpet_source_id;
    } else if (configuration.machine.amdvi) {
        firmware.remapping = 2;
        firmware.dmar_address = Machine::AMDVI_BASE;
        firmware.hpet_source_id = configuration.hpet_source_id;
    }
    return firmware;
}

// The I/O APIC is not among them: its registers stand behind an index.
// Which instances there are is what the models say to their register files (File::limit).
std::vector<point::Device> devices_of(const MachineProfile& machine) {
    const auto timers = static_cast<unsigned>(machine.hpet.timers.size());
    std::vector<point::Device> devices{{&hpet::MAP,
                                        Machine::HPET_BASE,
                                        {{"TIMn_CONF", timers}, {"TIMn_COMP", timers}, {"TIMn_PROCMSG_ROUT", timers}}}};
    if (!machine.x2apic) {
        devices.push_back({&lapic::MAP, lapic::apic_base::PAGE_RESET, {}});
    }
    if (machine.vtd) {
        const unsigned records = machine.vtd->fault_records;
        devices.push_back({&vtd::MAP, Machine::VTD_BASE, {{"FRCDn_LO", records}, {"FRCDn_HI", records}}});
    }
    if (machine.amdvi) {
        devices.push_back({&amdvi::MAP, Machine::AMDVI_BASE, {{"XT_INT_CTRL", machine.amdvi->xt ? 1U : 0U}}});
    }
    return devices;
}

}  // namespace

const RunOptions Rig::NO_RECORD{{}, false, {}, false};

Rig::Rig(const Configuration& configuration)
    : choices_{std::make_unique<Switchable>()},
      machine_{std::make_unique<Machine>(configuration.machine, configuration.cpus, *choices_)},
      runtime_{std::make_unique<shim::Runtime>(machine_->cpus, *configuration.kernel, *configuration.detector,
                                               firmware_of(configuration))},
      recorder_{std::make_unique<trace::Recorder>(*machine_, *runtime_)},
      symbols_{std::make_unique<shim::Symbols>(std::vector<shim::Symbols::Binary>{
          {configuration.kernel->path(), configuration.kernel->load_address()},
          {configuration.detector->path(), configuration.detector->load_address()}})},
      devices_{devices_of(configuration.machine)} {
    const shim::Memory& memory = runtime_->memory();
    symbols_->set_per_cpu({memory.per_cpu_offset(0), memory.per_cpu_stride(), configuration.cpus.count});
    machine_->connect_memory(shim::Memory::ARENA_PHYSICAL, memory.arena(), shim::Memory::ARENA);
    symbols_->set_heap(reinterpret_cast<std::uintptr_t>(memory.arena()), shim::Memory::ARENA);
    runtime_->task.subscribe([this](const shim::TaskNote& note) {
        if (note.number == HLD_TASK_BOOT && !note.begun && !boot_ends_) {
            boot_ends_ = note.at;
            if (asks_when_boot_ends_) {
                machine_->timeline.stop();
            }
        }
    });
    runtime_->hotplug.subscribe([this](const shim::HotplugNote& note) {
        hotplug_states_.try_emplace({note.step, note.bringup}, note.state);
        if (watcher_ != nullptr) {
            watcher_->on_hotplug(note.cpu, !note.bringup, note.at);
        }
    });
    tell_watcher_of_hardware();
    tell_watcher_of_software();
}

void Rig::tell_watcher_of_hardware() {
    machine_->observe_hops([this](const HopReached& reached) {
        if (watcher_ != nullptr) {
            const bool as_nmi = reached.cpu.value == HopReached::NO_CPU || reached.hop != Hop::Taken ||
                                machine_->cpus.cpu(reached.cpu).nesting.context() == cpu::Context::Nmi;
            watcher_->on_hop(reached, as_nmi);
        }
    });
}

void Rig::tell_watcher_of_software() {
    runtime_->lock.subscribe([this](const shim::LockNote& note) {
        if (watcher_ != nullptr) {
            watcher_->on_lock(note.cpu, note.op, note.lock);
        }
    });
    runtime_->mmio.subscribe([this](const shim::MmioNote& note) {
        if (watcher_ != nullptr) {
            watcher_->on_mmio(note.cpu, note.physical, bytes(note.size), note.write);
        }
    });
    runtime_->local.subscribe([this](const shim::LocalNote& note) {
        if (watcher_ != nullptr) {
            watcher_->on_local(note.cpu, note.at, note.size, note.op);
        }
    });
    runtime_->life.subscribe([this](const shim::LifeNote& note) {
        if (watcher_ != nullptr) {
            const scenario::Life life = note.life == HLD_LIFE_COMING    ? scenario::Life::Coming
                                        : note.life == HLD_LIFE_UP      ? scenario::Life::Up
                                        : note.life == HLD_LIFE_OFFLINE ? scenario::Life::Offline
                                                                        : scenario::Life::Dead;
            watcher_->on_life(note.cpu, life, note.at);
        }
    });
    recorder_->mask_written.subscribe([this](const trace::MaskWrite& write) {
        if (watcher_ != nullptr) {
            watcher_->on_mask_write(CpuNumber{write.by}, write.depth, write.at);
        }
    });
    recorder_->mask_changed.subscribe([this](const trace::MaskChange& change) {
        if (watcher_ != nullptr) {
            watcher_->on_mask_change(change.cpu, change.set, change.write.at);
        }
    });
}

void Rig::set_parameters(const shim::Runtime::Parameters& kernel, const shim::Runtime::Parameters& detector) {
    runtime_->set_parameters(kernel, detector);
    boot_ends_.reset();
    hotplug_states_.clear();
}

void Rig::use_choices(std::unique_ptr<ChoiceSource> choices) { choices_->behind = std::move(choices); }

void Rig::give(CpuNumber by, const hld_task& task) {
    runtime_->give(by, task);
    machine_->interrupt(by, HLD_TASK_VECTOR);
}

void Rig::power_on(const RunOptions& options) {
    runtime_->restore();
    machine_->power_on();
    runtime_->apply_parameters();
    runtime_->go_on_for_reports(options.awaits_reports);
    recorder_->begin(options.record, options.watched, options.accesses);
    recorder_->forward_to(watcher_);
    if (watcher_ != nullptr) {
        watcher_->reset();
    }
    observe();
}

void Rig::observe() { machine_->cpus.observe(recorder_->needed() ? recorder_.get() : nullptr); }

void Rig::plan(const std::vector<Planned>& plan) {
    for (const Planned& planned : plan) {
        machine_->at(planned.at, [this, &planned] {
            recorder_->event_began(planned.event, machine_->timeline.now());
            planned.act();
        });
    }
}

RunResult Rig::go(const std::vector<Planned>& plan_of_run, Instant until) {
    plan(plan_of_run);
    RunResult result;
    result.end = machine_->run(until);
    result.ended_at = machine_->timeline.now();
    result.reason = reason_of(result.end);
    if (result.end == cpu::End::AccessLimit && !machine_->cpus.fault().storm) {
        result.by = machine_->cpus.fault().cpu;
    }
    result.accesses = machine_->cpus.accesses();
    recorder_->run_ended(result.reason);
    return result;
}

// What the software has said of it, else what the CPUs know.
std::string Rig::reason_of(cpu::End end) const {
    const cpu::Cpus& cpus = machine_->cpus;
    if (!runtime_->end_reason().empty()) {
        return runtime_->end_reason();
    }
    if ((end == cpu::End::BadAccess || end == cpu::End::AccessLimit) && cpus.fault().what != nullptr) {
        const cpu::Fault& fault = cpus.fault();
        const shim::Symbols::Frame place = symbols_->place_at(fault.pc);
        return fmt::format("CPU {} {} in {}, in {} {}:{}", fault.cpu.value, fault.what,
                           check::context_words(fault.context), place.function, place.file, place.line);
    }
    if (end == cpu::End::AccessLimit) {
        const cpu::Fault& last = cpus.fault();
        const bool of_blocks = machine_->cpus.cpu(last.cpu).effort.now.blocks > cpus.options().most_blocks;
        const std::string after = of_blocks ? fmt::format("{} blocks of code", cpus.options().most_blocks)
                                            : fmt::format("{} accesses", cpus.options().most_accesses);
        return fmt::format("it was ended after {}, with CPU {} in {}, in {}", after, last.cpu.value,
                           check::context_words(last.context), symbols_->place_at(last.pc).function);
    }
    return {};
}

RunResult Rig::run(const std::vector<Planned>& plan, const RunOptions& options) {
    power_on(options);
    return go(plan, options.until);
}

bool Rig::save(Checkpoint& into, const std::vector<Planned>& plan_before, Instant at, const RunOptions& options) {
    into.plan_ = plan_before;
    into.options_ = options;
    power_on(options);
    plan(into.plan_);
    if (machine_->run_up_to(at) != cpu::End::None || machine_->plans_left()) {
        return false;
    }
    into.at_ = at;
    into.machine_.save_anew();
    into.machine_(*machine_);
    runtime_->save(into.software_);
    recorder_->keep(into.recorded_);
    into.watcher_ = watcher_;
    if (watcher_ != nullptr) {
        into.watcher_state_.save_anew();
        into.watcher_state_(*watcher_);
    }
    return true;
}

RunResult Rig::run_from(Checkpoint& checkpoint, const std::vector<Planned>& plan, Instant until) {
    if (checkpoint.watcher_ != watcher_) {
        throw std::logic_error("a run begins at a checkpoint with the watcher that saw the run before");
    }
    machine_->forget_plans();
    checkpoint.machine_.restore_from_begin();
    checkpoint.machine_(*machine_);
    runtime_->restore(checkpoint.software_);
    recorder_->begin(checkpoint.options_.record, checkpoint.options_.watched, checkpoint.options_.accesses);
    recorder_->go_on_from(checkpoint.recorded_);
    recorder_->forward_to(watcher_);
    if (watcher_ != nullptr) {
        checkpoint.watcher_state_.restore_from_begin();
        checkpoint.watcher_state_(*watcher_);
    }
    observe();
    return go(plan, until);
}

Instant Rig::boot_ends() {
    if (!boot_ends_) {
        constexpr Duration LONG_ENOUGH{60 * FS_PER_S};
        asks_when_boot_ends_ = true;
        run({}, {Instant{} + LONG_ENOUGH, false, {}});
        asks_when_boot_ends_ = false;
        machine_->timeline.go_on();
    }
    return boot_ends_.value_or(Instant::never());
}

}  // namespace hldsim::run
