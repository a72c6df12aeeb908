// SPDX-License-Identifier: Apache-2.0
// A machine with a kernel and a detector loaded, ready to be power-cycled: what every run of one configuration uses.
//
//   Made once    per machine configuration and pair of objects; runs differ in parameters and events only
//   Isolation    a run leaves nothing behind but its result: the thousandth equals the first (a test)
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "detector/shim/runtime.hpp"
#include "detector/shim/symbols.hpp"
#include "models/base/choice.hpp"
#include "models/base/state_copy.hpp"
#include "models/machine/machine.hpp"
#include "models/sim/session.hpp"
#include "tools/harness/point/point_watcher.hpp"
#include "tools/harness/trace/recorder.hpp"

namespace hldsim::run {

/// What a rig is made of.
struct Configuration {
    MachineProfile machine;
    cpu::Cpus::Options cpus;
    const shim::Object* kernel = nullptr;
    const shim::Object* detector = nullptr;
    std::uint16_t hpet_source_id = 0;  // in the DMAR table; 0: not there
};

/// Something the operator does at an instant.
struct Planned {
    Instant at;
    unsigned event = 0;  // number of the scenario's event, from 1
    std::function<void()> act;
};

/// How far a run goes and what is kept of it.
struct RunOptions {
    Instant until;
    bool record = true;
    trace::Watched watched;
    bool accesses = false;        // keep every access to shared memory, too
    bool awaits_reports = false;  // a wait without end outside an NMI is no end of the run: it is to be reported
};

struct RunResult {
    cpu::End end = cpu::End::None;
    Instant ended_at;
    std::string reason;           // of a panic, a reset, a bad access
    std::optional<CpuNumber> by;  // whose code ran into the limit of accesses
    std::uint64_t accesses = 0;
};

/// A machine in the middle of a run, kept to begin others from there. Belongs to the rig that made it.
class Checkpoint {
public:
    Instant at() const { return at_; }

private:
    friend class Rig;

    Instant at_;
    StateCopy machine_;
    shim::Runtime::Saved software_;
    StateCopy watcher_state_;
    point::PointWatcher* watcher_ = nullptr;
    RunOptions options_;
    trace::Recorder::Kept recorded_;
    std::vector<Planned> plan_;  // what it has done may refer to it
};

class Rig {
public:
    explicit Rig(const Configuration& configuration);

    /// Throws shim::ParameterError for a parameter that an object lacks.
    void set_parameters(const shim::Runtime::Parameters& kernel, const shim::Runtime::Parameters& detector);

    /// One power cycle. Instants of `plan` must not decrease below each other's order; equal ones keep their order.
    RunResult run(const std::vector<Planned>& plan, const RunOptions& options);

    /// One power cycle up to `at`, before anything of that instant happens; `plan` lies before it. False: the run has
    /// ended before, or an action has planned another one. The watcher keeps its place, too: run_from() needs the same.
    /// What `options` keep is kept of the runs from there, all from power-on; their `until` says nothing.
    bool save(Checkpoint& into, const std::vector<Planned>& plan, Instant at, const RunOptions& options = NO_RECORD);
    /// As run() with both plans; `plan` begins at the checkpoint's instant or later.
    RunResult run_from(Checkpoint& checkpoint, const std::vector<Planned>& plan, Instant until);

    /// The instant at which boot ends with the present parameters: all initcalls have returned.
    Instant boot_ends();

    /// The hotplug callbacks of the runs so far with the present parameters, and their states: name and way up.
    const std::map<std::pair<std::string, bool>, unsigned>& hotplug_states() const { return hotplug_states_; }

    // ---- for the operator's actions and for observers
    Machine& machine() { return *machine_; }
    shim::Runtime& runtime() { return *runtime_; }
    trace::Recorder& recorder() { return *recorder_; }
    const shim::Symbols& symbols() const { return *symbols_; }
    /// What of the machine a point may name registers of: all that software reaches by plain addresses.
    const std::vector<point::Device>& devices() const { return devices_; }
    ChoiceSource& choices() { return *choices_; }
    /// The points that the next runs look for; null: none. It hears of every hook, hop, lock and life.
    void watch(point::PointWatcher* watcher) { watcher_ = watcher; }
    /// Makes a task of that CPU runnable now, by an ordinary interrupt.
    void give(CpuNumber by, const hld_task& task);
    void use_choices(std::unique_ptr<ChoiceSource> choices);

private:
    // The models hold a reference to the source of choice; which one it asks is the rig's affair.
    class Switchable final : public ChoiceSource {
    public:
        std::unique_ptr<ChoiceSource> behind = std::make_unique<DefaultChoice>();
        void power_on() override {
            ChoiceSource::power_on();
            behind->power_on();
        }
        void copy_state(StateCopy& s) override {
            ChoiceSource::copy_state(s);
            behind->copy_state(s);
        }

    private:
        std::uint32_t answer(std::string_view site, std::uint32_t alternatives) override {
            return behind->choose(site, alternatives);
        }
    };

    static const RunOptions NO_RECORD;

    void tell_watcher_of_hardware();
    void tell_watcher_of_software();
    void observe();
    void power_on(const RunOptions& options);
    std::string reason_of(cpu::End end) const;
    RunResult go(const std::vector<Planned>& plan, Instant until);
    void plan(const std::vector<Planned>& plan);

    sim::Session session_;
    std::unique_ptr<Switchable> choices_;
    std::unique_ptr<Machine> machine_;
    std::unique_ptr<shim::Runtime> runtime_;
    std::unique_ptr<trace::Recorder> recorder_;
    std::unique_ptr<shim::Symbols> symbols_;
    std::vector<point::Device> devices_;
    std::optional<Instant> boot_ends_;
    bool asks_when_boot_ends_ = false;
    std::map<std::pair<std::string, bool>, unsigned> hotplug_states_;
    point::PointWatcher* watcher_ = nullptr;
};

}  // namespace hldsim::run
