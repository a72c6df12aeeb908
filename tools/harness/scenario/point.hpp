// SPDX-License-Identifier: Apache-2.0
// Points name an instant of a run by what happens there, in code that knows nothing of it; aims place an event there.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "models/base/apic_id.hpp"
#include "tools/harness/diagnostic/diagnostic.hpp"

namespace hldsim::scenario {

/// A value and where it was written; a mark that points nowhere is a default.
template <typename T>
struct Marked {
    T value{};
    diagnostic::Mark mark;
};

using Cpu = Marked<CpuNumber>;

enum class NmiSource : std::uint8_t { Hpet, Ioapic, Ipi, Perf, Lint1, Serr, Iochk, Timer2 };
enum class Hop : std::uint8_t { Matched, Posted, Remapped, Accepted, Taken, Returned };
enum class Life : std::uint8_t { Up, Leaving, Offline, Dead, Coming };

struct Point {
    enum class Form : std::uint8_t {
        Reads,  // `function`, or what it calls, is about to access `object`
        Writes,
        Updates,  // an atomic read-modify-write
        Locks,    // the lock `object` has just been taken
        Unlocks,  // it is about to be released
        Calls,    // the function `callee` is about to run
        Enters,   // `function`
        Leaves,
        Line,     // the first access of `file`:`line` is about to happen
        Nmi,      // an NMI of `source` for that CPU gets to `hop`
        Becomes,  // the CPU's life becomes `life`
    };
    Form form = Form::Enters;
    Cpu cpu;
    Marked<std::string> function;  // of in, enters, leaves
    Marked<std::string> object;
    Marked<std::string> callee;
    unsigned nth = 1;        // the N-th such access since `function` was entered
    bool nth_given = false;  // if not, a form that fits several different accesses is ambiguous
    Marked<std::string> file;
    unsigned line = 0;
    Hop hop = Hop::Taken;
    NmiSource source = NmiSource::Hpet;
    Life life = Life::Up;
    diagnostic::Mark mark;
};

/// The event is delayed until `that` happens just before, or just after, `other`.
struct Aim {
    Point that;
    Point other;
    bool before = true;
    diagnostic::Mark mark;
};

std::string_view name_of(Point::Form form);  // "reads", "in" forms by their verb; "line", "nmi", "becomes"
std::string_view name_of(NmiSource source);
std::string_view name_of(Hop hop);
std::string_view name_of(Life life);

/// The point as a sentence: "CPU 1, in hld_next_round_robin, reads hld.monitored_mask".
std::string sentence(const Point& point);

}  // namespace hldsim::scenario
