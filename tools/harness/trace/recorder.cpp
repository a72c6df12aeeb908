// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/trace/recorder.hpp"

#include <algorithm>

namespace hldsim::trace {

Recorder::Recorder(Machine& machine, shim::Runtime& runtime)
    : machine_{machine}, runtime_{runtime}, set_up_{runtime.kernel(), runtime.detector()} {
    subscribe_to_hardware();
    subscribe_to_software();
    machine_.cpus.observe(this);
}

void Recorder::begin(bool recording, const Watched& watched, bool accesses) {
    accesses_ = accesses;
    buffered_.assign(accesses ? machine_.cpus.count() : 0, {});
    log_.clear();
    log_.cpus = machine_.cpus.count();
    recording_ = recording;
    mask_.begin(watched);
    set_up_.begin(machine_.cpus.count());
}

void Recorder::keep(Kept& kept) const {
    kept.log = log_;
    kept.mask = mask_;
    kept.set_up = set_up_.state();
    kept.buffered = buffered_;
}

void Recorder::go_on_from(const Kept& kept) {
    log_ = kept.log;
    mask_ = kept.mask;
    set_up_.go_on_from(kept.set_up);
    buffered_ = kept.buffered;
}

// ---- records

Record& Recorder::add(What what, Instant at) {
    flush_mask();
    log_.records.emplace_back();
    Record& record = log_.records.back();
    record.what = what;
    record.at = at;
    return record;
}

Record& Recorder::by(const cpu::Cpu& actor, What what, Instant at, const void* pc) {
    Record& record = add(what, at);
    record.actor = record.cpu = actor.number.value;
    record.context = actor.nesting.context();
    record.depth = static_cast<std::uint8_t>(actor.nesting.depth());
    record.pc = pc;
    return record;
}

std::uint32_t Recorder::keep_text(std::string_view text) {
    if (text.empty()) {
        return 0;
    }
    log_.texts.emplace_back(text);
    return static_cast<std::uint32_t>(log_.texts.size() - 1);
}

void Recorder::flush_mask() {
    for (const MaskChange& change : mask_.changes()) {  // whom it is told may make records, and get here again
        if (recording_) {
            Record record;
            record.what = change.set ? What::MaskSet : What::MaskCleared;
            record.cpu = change.cpu.value;
            record.actor = change.write.by;
            record.value = record.actor;
            record.context = change.write.context;
            record.depth = change.write.depth;
            record.at = change.write.at;
            record.pc = change.write.pc;
            log_.records.push_back(record);
        }
        mask_changed.emit(change);
    }
}

void Recorder::event_began(unsigned number, Instant at) {
    if (recording_) {
        add(What::EventBegan, at).value = number;
    }
}

// Where the innermost of the detector's functions stands that the CPU is in; in none: where an interrupt stands, and
// null for a task.
const void* Recorder::place_in_detector(const cpu::Cpu& cpu) const {
    if (cpu.nesting.context() != cpu::Context::Task && cpu.nesting.context() != cpu::Context::Interrupt) {
        return nullptr;
    }
    const shim::Object::Range& code = runtime_.detector().code();
    if (code.contains(cpu.pc)) {
        return cpu.pc;
    }
    const auto inner = std::find_if(cpu.callers.rbegin(), cpu.callers.rend(),
                                    [&](const void* caller) { return code.contains(caller); });
    const bool task = cpu.nesting.context() == cpu::Context::Task;
    return inner != cpu.callers.rend() ? *inner : task ? nullptr : cpu.pc;
}

void Recorder::run_ended(std::string_view why) {
    // The timeline stands at the last turn that began; the CPU that had it may have gone on from there.
    log_.ended_at = machine_.timeline.now();
    for (const Record& record : log_.records) {
        log_.ended_at = std::max(log_.ended_at, record.at);
    }
    if (recording_) {
        for (unsigned number = 0; number < machine_.cpus.count(); ++number) {
            const cpu::Cpu& cpu = machine_.cpus.cpu(CpuNumber{number});
            if (cpu.state == cpu::Cpu::State::WaitForSipi) {
                continue;  // an INIT has taken it from whatever it was in
            }
            if (cpu.nesting.context() == cpu::Context::Nmi) {
                by(cpu, What::StillInNmi, log_.ended_at, cpu.pc);
            } else if (const void* const place = place_in_detector(cpu)) {
                Record& still = by(cpu, What::StillInCode, log_.ended_at, place);
                still.flag = cpu.state == cpu::Cpu::State::Halted;
                still.value = static_cast<std::uint64_t>(cpu.awake_since.fs);
            }
        }
        const std::uint32_t text = keep_text(why);
        add(What::RunEnded, log_.ended_at).text = text;
    }
}

void Recorder::mark(What what, CpuNumber cpu, Instant at, const void* pc) {
    if (recording_) {
        by(machine_.cpus.cpu(cpu), what, at, pc);
    }
}

// ---- hooks

// The last announcement of that access: others came first.
void Recorder::take_back(const cpu::Cpu& cpu, const cpu::Access& access) {
    const auto same = [&](const MemoryAccess& one) {
        return one.cpu == cpu.number.value && one.pc == access.pc && one.object == access.at;
    };
    const auto found = std::find_if(log_.accesses.rbegin(), log_.accesses.rend(), same);
    if (found == log_.accesses.rend()) {
        return;
    }
    const auto gone = static_cast<std::size_t>(std::prev(log_.accesses.rend()) - found);
    log_.accesses.erase(log_.accesses.begin() + static_cast<std::ptrdiff_t>(gone));
    for (std::deque<std::size_t>& waiting : buffered_) {
        waiting.erase(std::remove(waiting.begin(), waiting.end(), gone), waiting.end());
        for (std::size_t& index : waiting) {
            index -= index > gone ? 1 : 0;
        }
    }
}

void Recorder::about_to(cpu::Cpu& cpu, const cpu::Access& access) {
    if (accesses_) {
        if (access.again) {
            take_back(cpu, access);
        }
        const Instant now = cpu.local.now();
        const bool buffered = access.kind == cpu::AccessKind::Store;
        if (buffered) {
            buffered_[cpu.number.value].push_back(log_.accesses.size());
        }
        log_.accesses.push_back({cpu.number.value, cpu.nesting.context(), access.kind, now,
                                 buffered ? Instant::never() : now, access.at, access.pc});
    }
    if (mask_.tracks()) {
        flush_mask();
        if (mask_.about_to(cpu, access)) {
            mask_written.emit(mask_.write());
        }
    }
    if (next_ != nullptr) {
        next_->about_to(cpu, access);
    }
}

void Recorder::entered(cpu::Cpu& cpu, const void* pc, const void* caller) {
    if (next_ != nullptr) {
        next_->entered(cpu, pc, caller);
    }
}

void Recorder::leaving(cpu::Cpu& cpu, const void* pc) {
    if (next_ != nullptr) {
        next_->leaving(cpu, pc);
    }
}

void Recorder::effect(const cpu::EffectMade& made) {
    if (accesses_ && made.effect == cpu::Effect::Visible) {
        std::deque<std::size_t>& waiting = buffered_[made.cpu.value];  // a store buffer keeps the order
        if (!waiting.empty()) {
            log_.accesses[waiting.front()].visible = made.at;
            waiting.pop_front();
        }
    }
    if (next_ != nullptr && next_->wants_effects()) {
        next_->effect(made);
    }
}

// ---- probes

void Recorder::hop(const HopReached& reached) {
    if (!recording_) {
        return;
    }
    Record& record = add(What::HopReached, reached.at);
    record.token = reached.token;
    record.hop = reached.hop;
    record.cpu = reached.cpu.value;
    record.flag = set_up_.is_detectors(reached, cpu::Cpus::running());
    record.value = reached.hop == Hop::Accepted ? static_cast<std::uint64_t>(reached.mode) : 0;
}

// Of the timer whose register that is.
std::int64_t Recorder::next_match(std::uint32_t offset) const {
    constexpr std::uint32_t TIMERS = 0x100;  // TIM0_CONF, and how far its next is: IA-PC HPET Specification 1.0a, 2.3.1
    constexpr std::uint32_t STRIDE = 0x20;
    if (offset < TIMERS) {
        return 0;
    }
    const std::vector<hpet::ArmedMatch> armed = machine_.hpet.armed();
    const auto next = std::find_if(armed.begin(), armed.end(), [&](const hpet::ArmedMatch& each) {
        return each.timer == (offset - TIMERS) / STRIDE && !each.matched;
    });
    return next == armed.end() ? 0 : next->at.fs;
}

void Recorder::subscribe_to_hardware() {
    machine_.observe_hops([this](const HopReached& reached) { hop(reached); });
    subscribe_to_sources();
    subscribe_to_lines();
    subscribe_to_remapper();
    subscribe_to_diagnoses();
    subscribe_to_losses();
    machine_.hpet.matched.subscribe([this](const hpet::TimerMatched& matched) {
        if (recording_) {
            Record& record = add(What::TimerMatched, matched.at);
            record.value = matched.timer;
            record.flag = matched.outlet != hpet::Outlet::Message;
            record.token = matched.token;
        }
    });
    machine_.hpet.register_written.subscribe([this](const hpet::RegisterWritten& written) {
        if (recording_) {
            Record& record = add(What::RegisterEffect, written.at);
            record.address = Machine::HPET_BASE + written.offset;
            record.value = written.loads_period ? written.period : written.after;
            record.period = written.loads_period;
            record.flag = written.before != written.after;
            record.result = next_match(written.offset);
        }
    });
    machine_.cpus.context_changed.subscribe([this](const cpu::ContextChanged& changed) {
        if (recording_) {
            const cpu::Cpu& self = machine_.cpus.cpu(changed.cpu);
            Record& record =
                by(self, changed.entered ? What::ContextEntered : What::ContextLeft, changed.at, changed.interrupted);
            record.context = changed.context;
            record.value = changed.vector;
            record.flag = self.nesting.nmi_blocked();
        }
    });
    machine_.cpus.initialized.subscribe([this](const cpu::Initialized& now) {
        if (recording_) {
            Record& record = by(machine_.cpus.cpu(now.cpu), What::Initialized, now.at, nullptr);
            record.flag = machine_.cpus.cpu(now.cpu).nesting.nmi_blocked();
        }
    });
    machine_.cpus.iret_in_smm.subscribe([this](const cpu::IretInSmm& now) {
        if (recording_) {
            by(machine_.cpus.cpu(now.cpu), What::IretInSmm, now.at, nullptr);
        }
    });
    machine_.cpus.device_stored.subscribe([this](const cpu::DeviceStored& now) {
        if (recording_) {
            set_up_.stored(machine_.cpus.cpu(now.cpu), now.address, now.value, now.pc);
            Record& record = by(machine_.cpus.cpu(now.cpu), What::DeviceWrite, now.at, now.pc);
            record.address = now.address;
            record.bytes = static_cast<std::uint8_t>(now.bytes);
            record.value = now.value;
        }
    });
    machine_.cpus.stuck_changed.subscribe([this](const cpu::StuckChanged& changed) {
        if (recording_) {
            Record& record = add(changed.stuck ? What::StuckBegan : What::StuckEnded, changed.at);
            record.cpu = record.actor = changed.cpu.value;
            record.value = static_cast<std::uint64_t>(changed.kind);
        }
    });
}

// Who has set up what NMIs come from.
void Recorder::subscribe_to_sources() {
    runtime_.msr.subscribe([this](const shim::MsrNote& note) {
        if (recording_ && set_up_.msr_written(note.cpu, note.msr)) {
            log_.own_counter = true;
        }
    });
    for (unsigned n = 0; n < machine_.cpus.count(); ++n) {
        machine_.pmu(CpuNumber{n}).interrupting.subscribe([this, n](unsigned counter) {
            if (recording_) {
                set_up_.counter_interrupts(n, counter);
            }
        });
    }
    for (unsigned n = 0; n < machine_.ioapics(); ++n) {
        machine_.ioapic(n).entry_sent.subscribe([this, n](const ioapic::EntrySent& sent) {
            if (recording_) {
                set_up_.entry_sent(n, sent);
            }
        });
    }
}

void Recorder::line(Line which, std::uint64_t number, bool level, Instant at) {
    if (recording_) {
        Record& record = add(What::LineMoved, at);
        record.address = static_cast<std::uint64_t>(which);
        record.value = number;
        record.flag = level;
    }
}

void Recorder::subscribe_to_lines() {
    for (unsigned n = 0; n < machine_.ioapics(); ++n) {
        machine_.ioapic(n).pin_moved.subscribe([this, n](const ioapic::PinMoved& moved) {
            line(Line::IoapicInput, n * 256U + moved.pin, moved.level, moved.at);
        });
    }
    machine_.pic.output_moved.subscribe(
        [this](const pic::OutputMoved& moved) { line(Line::InterruptLine, 0, moved.level, moved.at); });
    machine_.pit.output_moved.subscribe(
        [this](const pit::OutputMoved& moved) { line(Line::Timer, 0, moved.level, moved.at); });
    machine_.nmi_control.output_moved.subscribe(
        [this](const chipset::OutputMoved& moved) { line(Line::Nmi, 0, moved.level, moved.at); });
}

}  // namespace hldsim::trace
