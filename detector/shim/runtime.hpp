// SPDX-License-Identifier: GPL-2.0 OR MIT
// Runs a kernel object and a detector object on simulated CPUs: entry points, parameters, tasks, and what the C notes.
//
// One Runtime is current in a process: the hooks and the hld_* calls are C functions without an argument of ours.
#pragma once
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "detector/shim/locks.hpp"
#include "detector/shim/memory.hpp"
#include "detector/shim/object.hpp"
#include "models/cpu/cpus.hpp"
#include "models/cpu/software.hpp"
#include "models/sim/probe.hpp"

namespace hldsim::shim {

/// What ACPI and CPUID tell.
struct Firmware {
    std::vector<std::uint32_t> apic_ids;
    std::vector<std::uint32_t> packages;
    bool x2apic = false;
    unsigned remapping = 0;
    std::uint64_t lapic_address = 0xfee0'0000;
    std::uint64_t hpet_address = 0xfed0'0000;
    std::uint64_t ioapic_address = 0xfec0'0000;
    std::uint64_t dmar_address = 0;  // 0: no remapping unit
    std::uint16_t hpet_source_id = 0;
    std::uint64_t tsc_khz = 0;
    std::uint64_t crystal_hz = 0;
    bool tsc_deadline = true;
    bool apic_timer2 = false;
};

/// A parameter that the object does not have, or a value that does not fit its type.
class ParameterError : public std::runtime_error {
public:
    ParameterError(std::string name, const std::string& what, std::string expected = {})
        : std::runtime_error{what}, name_{std::move(name)}, expected_{std::move(expected)} {}
    const std::string& name() const { return name_; }
    /// Of its value; empty: there is no such parameter.
    const std::string& expected() const { return expected_; }

private:
    std::string name_;
    std::string expected_;
};

struct LifeNote {
    CpuNumber cpu;
    hld_life life = HLD_LIFE_COMING;
    Instant at;
    const void* pc = nullptr;
};
struct HotplugNote {
    CpuNumber cpu;
    unsigned state = 0;
    bool bringup = false;
    const char* step = "";
    Instant at;
    const void* pc = nullptr;
};
struct NmiNote {
    cpu::Cpu& cpu;
    hld_nmi_fate fate = HLD_NMI_CLAIMED;
    const char* handler = "";
    unsigned handled = 0;
    Instant at;
    const void* pc = nullptr;
};
struct SleepNote {
    cpu::Cpu& cpu;
    const char* function = "";
    unsigned why = 0;       // HLD_SLEEP_...
    bool returned = false;  // from an initcall, a work or a hotplug callback, to where one must not sleep
    Instant at;
    const void* pc = nullptr;
};
struct PrintNote {
    CpuNumber cpu;
    unsigned level = 0;
    std::string_view text;
    Instant at;
    cpu::Context context = cpu::Context::Task;
};
struct TaskNote {
    CpuNumber cpu;
    unsigned number = 0;
    bool begun = false;
    long result = 0;
    Instant at;
};
struct IrteNote {  // an entry of the remapping table is about to be written as a whole
    cpu::Cpu& cpu;
    unsigned index = 0;
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    Instant at;
    const void* pc = nullptr;
};
struct MmioNote {  // an uncached access is about to be made
    cpu::Cpu& cpu;
    std::uint64_t physical = 0;
    Size size = Size::B4;
    bool write = false;
    std::uint64_t value = 0;
    const void* pc = nullptr;
    Instant at;
};

struct MsrNote {  // an MSR is about to be written
    cpu::Cpu& cpu;
    std::uint32_t msr = 0;
};

struct LocalNote {  // one instruction on a per-CPU variable is about to be made
    cpu::Cpu& cpu;
    void* at = nullptr;
    unsigned size = 0;
    hld_local_op op = HLD_LOCAL_READ;
};

class Runtime final : public cpu::Software {
public:
    using Parameters = std::map<std::string, std::string>;

    Runtime(cpu::Cpus& cpus, const Object& kernel, const Object& detector, Firmware firmware);
    Runtime(const Runtime&) = delete;
    Runtime& operator=(const Runtime&) = delete;
    Runtime(Runtime&&) = delete;
    Runtime& operator=(Runtime&&) = delete;
    ~Runtime() override;

    /// Parameters that each power-on sets. Throws ParameterError.
    void set_parameters(const Parameters& kernel, const Parameters& detector);
    /// Memory as loaded, parameters set, no task. Call before Cpus::power_on(), which forgets what was touched.
    void restore();
    /// After Cpus::power_on().
    void apply_parameters();
    /// A CPU that waits for ever outside an NMI does not end the run: somebody is to report it.
    void go_on_for_reports(bool on) { reports_awaited_ = on; }

    /// The memory of software and what the shim knows of it, at some moment while no CPU runs.
    struct Saved {
        cpu::Lines::Saved lines;
        std::vector<char> memory;
        StateCopy state;
        std::uint64_t number = 0;
    };
    void save(Saved& saved);
    /// Puts it back, wherever the machine is now; costs as much as was touched since the last save() or restore().
    void restore(Saved& saved);
    void copy_state(StateCopy& s) { s(memory_, locks_, tasks_, down_, coming_, end_reason_, strings_used_); }

    /// Makes a task available to that CPU; the caller raises HLD_TASK_VECTOR there.
    void give(CpuNumber cpu, const hld_task& wanted);

    static Runtime* current() { return current_; }
    cpu::Cpus& cpus() { return cpus_; }
    const Memory& memory() const { return memory_; }
    Memory& memory() { return memory_; }
    const Locks& locks() const { return locks_; }
    /// Does it run no code of the kernel, as far as that says: dead, or not started yet?
    bool is_down(CpuNumber cpu) const { return down_[cpu.value] != 0; }
    const Object& kernel() const { return kernel_; }
    const Object& detector() const { return detector_; }
    const std::string& end_reason() const { return end_reason_; }

    // ---- what the C notes
    sim::Probe<LockNote> lock;
    sim::Probe<LifeNote> life;
    sim::Probe<HotplugNote> hotplug;
    sim::Probe<NmiNote> nmi_fate;
    sim::Probe<SleepNote> sleep;
    sim::Probe<PrintNote> print;
    sim::Probe<TaskNote> task;
    sim::Probe<IrteNote> irte;
    sim::Probe<MmioNote> mmio;
    sim::Probe<MsrNote> msr;
    sim::Probe<LocalNote> local;

    // ---- cpu::Software
    void reset_vector(CpuNumber cpu) override;
    void startup(CpuNumber cpu, std::uint8_t sipi_vector) override;
    void interrupt(CpuNumber cpu, std::uint8_t vector, const void* ip, bool interrupts_enabled) override;
    void nmi(CpuNumber cpu, const void* ip, bool interrupts_enabled) override;
    bool waits_for_ever(CpuNumber cpu) override;
    void shut_down(CpuNumber cpu, const char* chain) override;

    // ---- for the hld_* calls
    const struct hld_firmware& firmware() const { return firmware_table_; }
    bool take(CpuNumber cpu, hld_task& next);
    void note_life(const LifeNote& note);
    bool is_silent(cpu::Cpu& asker, CpuNumber cpu);
    void note_lock(cpu::Cpu& cpu, hld_lock_op op, const void* lock, const char* name, bool sleeping);
    void end(cpu::End how, const char* why);
    void bad_access(const char* what);

private:
    void check(const Object& object, const Parameters& parameters) const;
    void apply(const Object& object, const Parameters& parameters);

    cpu::Cpus& cpus_;
    const Object& kernel_;
    const Object& detector_;
    Memory memory_;
    Locks locks_;
    std::vector<char> down_;  // by CPU
    struct Coming {
        bool begun = true;
        Instant asked = Instant::never();  // first, since it was made to come
    };
    std::vector<Coming> coming_;  // by CPU
    Firmware firmware_;
    struct hld_firmware firmware_table_ {};
    Parameters kernel_parameters_;
    Parameters detector_parameters_;
    std::size_t strings_used_ = 0;
    std::vector<std::deque<hld_task>> tasks_;
    bool reports_awaited_ = false;
    std::string end_reason_;
    std::uint64_t saved_ = 0;  // how many there have been
    std::uint64_t since_ = 0;  // the one that touched lines count from; 0: power-on
    void (*start_kernel_)() = nullptr;
    void (*start_secondary_)() = nullptr;
    void (*interrupt_)(hld_u32, hld_u64, hld_u64) = nullptr;
    void (*nmi_)(hld_u64, hld_u64) = nullptr;

    static inline Runtime* current_ = nullptr;
};

}  // namespace hldsim::shim
