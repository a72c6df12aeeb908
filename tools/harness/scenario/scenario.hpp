// SPDX-License-Identifier: Apache-2.0
// One run as a scenario file describes it: read, checked as far as that needs no simulation, and nothing resolved yet.
//
//   Marks    what may still turn out wrong (names in debug information, instants before boot) knows where it stands
//   Spans    durations keep their unit: cycles and ticks get their length from the profile
//   Vary     load() gives one Scenario for each combination, in the order of the file, the last key fastest
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "models/base/apic_id.hpp"
#include "tools/harness/diagnostic/diagnostic.hpp"
#include "tools/harness/scenario/point.hpp"
#include "tools/harness/value/span.hpp"

namespace hldsim::scenario {

enum class Apic : std::uint8_t { Xapic, X2apic };
enum class Remapping : std::uint8_t { None, Vtd, Amd };
enum class CostModel : std::uint8_t { Access, Portable };

/// NAME: value of machine.set or detector.options, as it was written.
struct Setting {
    std::string name;
    std::string value;
    diagnostic::Mark name_mark;
    diagnostic::Mark value_mark;
};

struct Machine {
    unsigned cpus = 4;
    diagnostic::Mark cpus_mark;
    unsigned packages = 1;
    Marked<std::string> profile{"desktop-2018", {}};  // a name, or a path (already relative to the working folder)
    std::optional<Remapping> remapping;               // else the profile's
    std::optional<Apic> apic;                         // else the profile's
    CostModel cost = CostModel::Access;
    bool tso = true;
    std::vector<Setting> set;  // over rows and knobs of the profile
};

struct Kernel {
    std::optional<Marked<std::string>> version;  // else the object's
    unsigned watchdog_thresh_s = 10;
    std::string cmdline;
};

struct Detector {
    std::optional<Marked<std::string>> object;  // a path; else the built-in object
    std::optional<Marked<std::string>> design;  // given if the object is built in
    Marked<std::string> policy{"round-robin", {}};
    std::vector<Setting> options;
    std::optional<Marked<std::string>> description;  // a path; else beside the object
};

/// A task on `by` (the lowest other CPU if absent) writes the sysfs file that takes `cpu` up or down.
struct Hotplug {
    bool online = false;
    Cpu cpu;
    std::optional<Cpu> by;
    std::optional<Marked<std::string>> fails_at;  // a hotplug state
};

/// A task on `by` writes a file that the mini-kernel has.
struct WriteFile {
    Marked<std::string> file;
    Marked<std::string> value;
    std::optional<Cpu> by;
};

enum class StuckKind : std::uint8_t { IrqOff, InIrq, InNmi, InSmm, Spinning, Halted, Paused };

struct Stuck {
    Cpu cpu;
    StuckKind kind = StuckKind::IrqOff;
    std::optional<Marked<value::Span>> duration;  // for ever if absent
};

struct Smi {
    std::vector<Cpu> cpus;  // empty: all
    Marked<value::Span> residency;
    std::optional<Marked<value::Span>> iret_after;  // its entry: firmware executes IRET, and has NMIs itself from there
};

/// An exception on that CPU whose handler takes so long and returns by IRET: at its next instruction, or as the fault
/// of the IRET by which its next NMI handler returns.
struct Exception {
    Cpu cpu;
    Marked<value::Span> duration;
    bool at_iret = false;
};

struct Nmi {
    Cpu cpu;  // of SERR# and IOCHK#, which go to all: CPU 0, where Linux takes them
    NmiSource source = NmiSource::Ipi;
    std::optional<Cpu> by;  // who sends the IPI
    diagnostic::Mark mark;  // of the source
};

/// What happens to that CPU's TSC: it stands still, it goes on, or firmware writes it.
struct Tsc {
    Cpu cpu;
    bool stop = false;
    std::optional<Marked<value::Span>> step;  // may be negative; instead of `stop`
};

enum class MessageSource : std::uint8_t { Hpet, Ioapic, Remapper };
enum class MessageFault : std::uint8_t { Drop, Delay, Duplicate, Corrupt, Misroute };

/// What happens to the next MSI of that source.
struct Message {
    MessageSource source = MessageSource::Hpet;
    MessageFault fault = MessageFault::Drop;
    std::optional<Marked<value::Span>> by;  // of Delay
    std::optional<Cpu> to;                  // of Misroute
    diagnostic::Mark mark;                  // of the source
};

using SimpleAction = std::variant<Hotplug, WriteFile, Stuck, Smi, Exception, Nmi, Message, Tsc>;

/// The actions again and again: pass k begins k * every after the event's instant.
struct Repeat {
    unsigned times = 1;
    Marked<value::Span> every;
    std::vector<SimpleAction> actions;
};

using Action = std::variant<Hotplug, WriteFile, Stuck, Smi, Exception, Nmi, Message, Tsc, Repeat>;

struct Event {
    std::optional<Marked<value::Span>> at;  // since power-on; the earliest instant if there is an aim
    std::optional<Point> when;              // instead of `at`
    std::optional<Aim> aim;
    bool instant_fixed = false;  // `at` came from --set or a replay: it is the instant, and the aim is not solved
    Action action;
    diagnostic::Mark mark;
};

struct Window {
    std::optional<std::size_t> event;         // index from 0: moved_by_window()
    std::optional<Marked<value::Span>> from;  // -5 us if absent
    std::optional<Marked<value::Span>> to;    // 5 us
    std::optional<Marked<value::Span>> step;  // a 250th of the range
};

struct ReportExpectation {
    Cpu cpu;
    Marked<value::Span> after;   // no earlier than so long after it got stuck
    Marked<value::Span> within;  // no later
    diagnostic::Mark mark;
};

enum class Ending : std::uint8_t { Time, Deadlock, Panic, Reset };

struct CountExpectation {
    Marked<std::string> stat;
    std::optional<std::uint64_t> min;
    std::optional<std::uint64_t> max;
    diagnostic::Mark mark;
};

struct Expect {
    std::vector<Marked<std::string>> always;     // hazards or invariants
    std::vector<Marked<std::string>> sometimes;  // in at least one run of the file, allowed in all
    std::vector<Marked<std::string>> allow;
    std::vector<Marked<std::string>> never;  // documents only
    std::vector<ReportExpectation> reports;
    bool landing_impossible = false;
    bool loads = true;  // every initcall returns 0: no detector refuses to start
    Ending ends = Ending::Time;
    std::vector<CountExpectation> count;
    std::vector<Marked<std::string>> prints;  // each is part of a line that the kernel prints
    diagnostic::Mark landing_mark;
    diagnostic::Mark ends_mark;
};

struct Varied {
    std::string key;    // "events.1.at"
    std::string value;  // as written, "5 s"
};

struct Scenario {
    std::string file;  // as the user named it
    std::string title;
    std::optional<std::string> claim;  // "C1" .. "C23"
    Machine machine;
    Kernel kernel;
    Detector detector;
    std::vector<Event> events;
    Window window;
    std::optional<Marked<value::Span>> until;  // after the begin of the last event; else 3 thresholds
    Expect expect;
    std::vector<Varied> vary;  // this run's combination
    /// The file's text, then those of what it extends.
    std::vector<std::shared_ptr<const diagnostic::Source>> sources;
};

/// The points that the events name, in their order.
std::vector<const Point*> points_of(const Scenario& scenario);

/// The event whose instant `window` moves, from 0: window.event, else the first aimed one, else the first that has an
/// instant. None: each comes when the run gets to a point.
std::optional<std::size_t> moved_by_window(const Scenario& scenario);

struct LoadOptions {
    std::vector<std::string> set;         // KEY=VALUE, in their order
    std::optional<std::string> detector;  // --detector: another object than the scenario's
    /// In place of the scenario files of these names, which are not read.
    std::vector<std::shared_ptr<const diagnostic::Source>> texts = {};
    std::string set_name = "--set";  // what errors call the source of `set`
};

/// The runs of a file, `-` for standard input; at least one. Throws diagnostic::Error at the first wrong thing.
std::vector<Scenario> load(const std::string& path, const LoadOptions& options = {});

/// Words of this language, in the form in which users write them.
std::string_view name_of(Apic apic);
std::string_view name_of(Remapping remapping);
std::string_view name_of(StuckKind kind);
std::string_view name_of(MessageSource source);
std::string_view name_of(MessageFault fault);
std::string_view name_of(Ending ending);

/// Words of its command line that the mini-kernel knows, without their values.
std::vector<std::string_view> command_line_words();

}  // namespace hldsim::scenario
