// SPDX-License-Identifier: Apache-2.0
// Writes the Log of a run from the probes of models and shim. Switched off, it costs a branch an event.
#pragma once
#include <deque>
#include <functional>
#include <string_view>

#include "detector/shim/runtime.hpp"
#include "models/machine/machine.hpp"
#include "tools/harness/trace/log.hpp"
#include "tools/harness/trace/mask_tracker.hpp"
#include "tools/harness/trace/set_up.hpp"

namespace hldsim::trace {

struct AccessWindow;

class Recorder final : public cpu::Observer {
public:
    /// Subscribes to everything; both must outlive the recorder.
    Recorder(Machine& machine, shim::Runtime& runtime);

    /// Begins a run: forgets the last one. What is watched in memory belongs to the detector that is loaded.
    void begin(bool recording, const Watched& watched, bool accesses = false);
    /// What has been recorded so far: other runs go on from there, each after a begin() like this one's.
    struct Kept;
    void keep(Kept& kept) const;
    void go_on_from(const Kept& kept);
    /// Of the scenario's events, and of the end.
    void event_began(unsigned number, Instant at);
    void run_ended(std::string_view why);
    /// A point of the detector's description was reached.
    void mark(What what, CpuNumber cpu, Instant at, const void* pc);

    /// Another observer (points of a scenario) that sees the same hooks.
    void forward_to(cpu::Observer* next) { next_ = next; }
    bool needed() const { return recording_ || next_ != nullptr; }

    /// The detector's mask, in recorded runs and in others that are given one: an access that may change it is about to
    /// be made; what it has changed, told when the next record or access comes and dated by the access.
    sim::Probe<MaskWrite> mask_written;
    sim::Probe<MaskChange> mask_changed;

    const Log& log() const { return log_; }
    Log take() { return std::move(log_); }

    // ---- cpu::Observer
    void about_to(cpu::Cpu& cpu, const cpu::Access& access) override;
    void entered(cpu::Cpu& cpu, const void* pc, const void* caller) override;
    void leaving(cpu::Cpu& cpu, const void* pc) override;
    void effect(const cpu::EffectMade& made) override;
    bool wants_effects() const override { return accesses_ || (next_ != nullptr && next_->wants_effects()); }
    bool follows(CpuNumber cpu) const override { return accesses_ || (next_ != nullptr && next_->follows(cpu)); }
    Memory looks_into() const override { return {mask_.mask().monitored, mask_.mask().monitored_bytes}; }

private:
    void subscribe_to_hardware();
    void subscribe_to_software();
    void subscribe_to_lines();
    void subscribe_to_remapper();
    void subscribe_to_amdvi();
    void subscribe_to_diagnoses();
    void subscribe_to_unmapped();
    void subscribe_to_losses();
    void subscribe_to_sources();
    void lost(Token token, unsigned cpu, std::string_view why);
    void diagnosed(std::string_view words, std::uint64_t at, const Record& access);
    Record last_access(const regs::Diagnosis& found, const AccessWindow& window) const;
    void diagnosed_of_window(const regs::Diagnosis& found, const regs::Map& map, const AccessWindow& window);
    void diagnosed_at_once(const regs::Diagnosis& found, const regs::Map& map, std::uint64_t at, unsigned cpu);
    unsigned destination(std::uint64_t low) const;
    std::int64_t next_match(std::uint32_t offset) const;
    const void* place_in_detector(const cpu::Cpu& cpu) const;
    void line(Line which, std::uint64_t number, bool level, Instant at);
    void hop(const HopReached& reached);
    void lock(const shim::LockNote& note);
    void nmi_fate(const shim::NmiNote& note);
    void sleep(const shim::SleepNote& note);
    Record& add(What what, Instant at);
    Record& by(const cpu::Cpu& actor, What what, Instant at, const void* pc);
    std::uint32_t keep_text(std::string_view text);
    bool is_detectors(const char* handler);
    void flush_mask();
    void take_back(const cpu::Cpu& cpu, const cpu::Access& access);

    Machine& machine_;
    shim::Runtime& runtime_;
    Log log_;
    bool recording_ = false;
    bool accesses_ = false;
    std::vector<std::pair<const char*, bool>> handlers_;  // seen so far: is it one of the detector's?
    MaskTracker mask_;
    SetUp set_up_;
    std::vector<std::deque<std::size_t>> buffered_;  // by CPU: stores that others do not see yet
    cpu::Observer* next_ = nullptr;
};

struct Recorder::Kept {
    Log log;
    MaskTracker mask;
    SetUp::State set_up;
    std::vector<std::deque<std::size_t>> buffered;
};

}  // namespace hldsim::trace
