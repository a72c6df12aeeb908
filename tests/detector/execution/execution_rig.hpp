// SPDX-License-Identifier: Apache-2.0
// A whole machine that runs the programs of programs.c, or the real detector, and what it did as two hashes.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "detector/shim/object.hpp"
#include "detector/shim/runtime.hpp"
#include "models/base/choice.hpp"
#include "models/machine/machine.hpp"
#include "models/sim/session.hpp"

namespace hldsim::execution {

enum Program : unsigned { RANDOM, PAIRS, WINDOW, TICKS, COPIES, SLEEPERS, BIT_LOCKS };

/// Hashes of effects with CPU, instant, identity, value. Loads, and locked operations that change nothing, are missing
/// from `visible`: a parked loop makes none.
class Trace final : public cpu::Observer {
public:
    void about_to(cpu::Cpu&, const cpu::Access&) override {}
    void entered(cpu::Cpu&, const void*, const void*) override {}
    void leaving(cpu::Cpu&, const void*) override {}
    void effect(const cpu::EffectMade& made) override;
    bool wants_effects() const override { return true; }
    void clear() {
        const auto kept = tell;
        *this = {};
        tell = kept;
    }

    std::uint64_t full = 14695981039346656037U;
    std::uint64_t visible = full;
    std::uint64_t marked = full;  // and visible: what `portable` keeps equal between compilers, loads of loops too
    std::uint64_t effects = 0;
    std::uint64_t nmis = 0;
    /// Called with each effect, if set.
    std::function<void(const cpu::EffectMade&)> tell;

private:
    std::map<std::uint64_t, std::uint64_t> values;  // by identity

    static void add(std::uint64_t& hash, std::uint64_t value) { hash = (hash ^ value) * 1099511628211U; }
};

struct Outcome {
    cpu::End end = cpu::End::None;
    Instant ended_at;
    Trace trace;
    std::uint64_t accesses = 0;
    std::uint64_t parks = 0;
    std::uint64_t deeds = 0;  // a hash of what can be seen without an observer: contexts, hops, notes, with instants

    friend bool operator==(const Outcome& a, const Outcome& b) {
        return a.end == b.end && a.ended_at == b.ended_at && a.trace.full == b.trace.full &&
               a.trace.effects == b.trace.effects;
    }
    friend std::ostream& operator<<(std::ostream& out, const Outcome& o) {
        return out << "end " << int(o.end) << " at " << o.ended_at.fs << " fs, " << o.trace.effects << " effects, "
                   << o.trace.nmis << " NMIs, hash " << o.trace.full;
    }
};

class ExecutionRig {
public:
    enum class Object { Gcc, GccSize, Clang, Detector };

    /// `change` may alter rows of the profile.
    ExecutionRig(Object object, const cpu::Cpus::Options& options, bool following = false,
                 const std::function<void(Timing&)>& change = {});

    /// One power cycle of a program.
    Outcome run(Program program, unsigned seed, unsigned steps);
    /// One power cycle of the window program, with an NMI that CPU 0's local APIC hands on at that instant.
    Outcome run_window(unsigned wait, unsigned width, Instant nmi);
    /// One power cycle of the real detector: a CPU goes down at 30 us after boot and later comes back.
    Outcome run_detector(const std::string& design, Duration phase, Instant until);

    /// Nobody sees the effects of the next runs: accesses may take the shortest way.
    void watch(bool on) { machine_->cpus.observe(on ? &trace_ : nullptr); }
    Trace& trace() { return trace_; }
    Machine& machine() { return *machine_; }
    shim::Runtime& runtime() { return *runtime_; }
    /// The number of the last task note: the window program's answer.
    unsigned noted = 0;

private:
    void power_on();
    void note_deeds();
    void begin(Program program, unsigned seed, unsigned steps);
    Outcome finish(Instant until);

    sim::Session session_;
    DefaultChoice choices_;
    std::unique_ptr<Machine> machine_;
    std::unique_ptr<shim::Runtime> runtime_;
    Trace trace_;
    std::uint64_t deeds_ = 0;
};

}  // namespace hldsim::execution
