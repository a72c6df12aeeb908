// SPDX-License-Identifier: Apache-2.0
// The mini-kernel and the project's detector on a whole machine: what a run noted, as text.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "detector/shim/object.hpp"
#include "detector/shim/runtime.hpp"
#include "models/base/choice.hpp"
#include "models/machine/machine.hpp"
#include "models/sim/session.hpp"

namespace hldsim::test {

/// CPUHP_TEARDOWN_CPU of linux/cpuhotplug.h.
constexpr unsigned TEARDOWN_CPU = 18;

struct KernelRig {
    /// `object`: what the kernel loads, if it is not the project's detector. `remaps`: by VT-d, or by the unit `amdvi`.
    /// `store_drain_cycles`: in place of the profile's, so that what needs a fence shows it.
    explicit KernelRig(unsigned cpus, const shim::Runtime::Parameters& kernel = {},
                       const shim::Runtime::Parameters& detector = {}, bool x2apic = false, bool remaps = false,
                       const char* object = nullptr, const std::optional<AmdviProfile>& amdvi = {},
                       bool nmi_source = false, std::int64_t store_drain_cycles = 0);

    /// Powers on, runs to `until` (s since power-on).
    cpu::End run(double until_seconds);
    /// Gives a task to that CPU at an instant of the next run.
    void plan(double at_seconds, unsigned by, hld_task_action action, unsigned cpu, unsigned fails_at = 0);
    /// A message to that CPU's local APIC at an instant of the next run: an NMI, or a fixed vector.
    void plan_message(Instant at, unsigned cpu, DeliveryMode mode, std::uint8_t vector = 0);
    /// What somebody outside does at an instant of the next run.
    void plan_act(Instant at, std::function<void()> act) { acts_.emplace_back(at, std::move(act)); }
    void forget_plans() {
        planned_.clear();
        acts_.clear();
    }
    void plan_write(double at_seconds, unsigned by, const std::string& file, const std::string& value);

    bool online(unsigned cpu) const;
    std::uint64_t word(const char* symbol) const;
    long count(hld_nmi_fate wanted, unsigned number) const;

    struct Hotplug {
        unsigned cpu;
        std::string step;
        bool bringup;
    };

    std::vector<std::string> lines;  // printk
    std::vector<Hotplug> steps;      // callbacks
    std::vector<std::string> lives;  // "cpu 2 offline"
    std::vector<Instant> lived;      // when
    std::vector<long> results;       // of tasks, without the boot
    struct Fate {
        unsigned cpu;
        hld_nmi_fate fate;
        double at;  // s
        std::string handler;
    };
    std::vector<Fate> fates;
    Instant booted = Instant::never();
    bool verbose = false;

    sim::Session session;
    DefaultChoice choices;
    std::unique_ptr<Machine> machine;
    std::unique_ptr<shim::Runtime> runtime;

private:
    struct Planned {
        Instant at;
        unsigned by;
        hld_task task;
    };
    std::vector<Planned> planned_;
    std::vector<std::pair<Instant, std::function<void()>>> acts_;
    unsigned events_ = 0;
};

}  // namespace hldsim::test
