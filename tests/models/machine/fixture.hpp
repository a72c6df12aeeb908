// SPDX-License-Identifier: Apache-2.0
// A whole machine whose software is a few lines of C++ a CPU: every device as a run has it, no compiled C.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/machine/machine.hpp"
#include "models/sim/session.hpp"
#include "tests/support/catch.hpp"
#include "tools/harness/profile/profile.hpp"

namespace hldsim::test {

using namespace hldsim::literals;

constexpr CpuNumber CPU0{0};
constexpr CpuNumber CPU1{1};

// MSRs of the fixed counters, and their entry of the local vector table.
constexpr std::uint32_t FIXED_CTR1 = 0x30a, FIXED_CTR_CTRL = 0x38d, GLOBAL_STATUS = 0x38e, GLOBAL_CTRL = 0x38f,
                        GLOBAL_OVF_CTRL = 0x390;
constexpr std::uint32_t LVT_PMI = 0x340;

struct MachineFixture : cpu::Software {
    // Entries of the redirection table, and of the HPET's configuration.
    static constexpr std::uint64_t MASKED = 1U << 16, LEVEL = 1U << 15, REMOTE_IRR = 1U << 14, LOGICAL = 1U << 11;
    static constexpr std::uint64_t NMI = 4U << 8, EXTINT = 7U << 8;
    static constexpr std::uint64_t to(std::uint64_t destination) { return destination << 56; }
    static constexpr std::uint64_t ENABLE = 1, LEGACY = 2;
    static constexpr std::uint64_t BY_LEVEL = 2, INT_ENB = 4, PERIODIC = 8, VAL_SET = 0x40, FSB = 0x4000;
    static constexpr std::uint32_t SVR = 0xf0, EOI = 0xb0, ICR_LOW = 0x300, ICR_HIGH = 0x310, LINT0 = 0x350;
    static constexpr std::uint64_t LAPIC = 0xfee0'0000;

    struct Taken {
        unsigned cpu;
        Instant at;
        unsigned vector;
    };

    explicit MachineFixture(const std::string& profile_name = "desktop-2018", unsigned cpus = 2)
        : loaded{profile::load(profile_name, HLDSIM_PROFILES)},
          wanted{loaded.timing, HpetProfile::pch_100(), {}, {}, {}, loaded.apic == scenario::Apic::X2apic} {
        wanted.hpet.period = loaded.hpet_period;
        count = cpus;
        programs.resize(count);
    }

    /// Builds the machine as `wanted` says, with every probe on record.
    Machine& make() {
        cpu::Cpus::Options options;
        options.count = count;
        machine_ = std::make_unique<Machine>(wanted, options, choices);
        machine_->cpus.load(*this, {});
        machine_->observe_hops([this](const HopReached& h) { hops.push_back(h); });
        machine_->power_on();
        return *machine_;
    }
    Machine& machine() { return machine_ ? *machine_ : make(); }
    void run(Instant until) { machine().run(until); }
    void power_on() {
        machine().power_on();
        hops.clear();
        nmis.clear();
        irqs.clear();
    }

    // ---- what programs do, on their CPU
    cpu::Cpu& cpu(unsigned n) { return machine_->cpus.cpu(CpuNumber{n}); }
    Instant now(unsigned n) { return cpu(n).local.now(); }
    std::uint64_t read(unsigned n, std::uint64_t address, Size size = Size::B4) {
        return machine_->cpus.mmio_read(cpu(n), address, size);
    }
    void write(unsigned n, std::uint64_t address, std::uint64_t value, Size size = Size::B4) {
        machine_->cpus.mmio_write(cpu(n), address, size, value);
    }
    void hpet(std::uint32_t offset, std::uint64_t value, Size size = Size::B4) {
        write(0, Machine::HPET_BASE + offset, value, size);
    }
    void apic(unsigned n, std::uint32_t offset, std::uint32_t value) {
        if (wanted.x2apic) {
            machine_->cpus.wrmsr(cpu(n), lapic::x2apic_msr(offset), value);
        } else {
            write(n, LAPIC + offset, value);
        }
    }
    void enable_apic(unsigned n) { apic(n, SVR, 0x1ff); }
    /// High half, then low half, of an entry; by CPU 0. When it returns the posted writes have arrived.
    void program_entry(unsigned pin, std::uint64_t value, unsigned ioapic = 0) {
        const std::uint64_t base = Machine::IOAPIC_BASE + std::uint64_t{ioapic} * 0x1000;
        write(0, base, 0x11 + 2 * pin);
        write(0, base + 0x10, value >> 32);
        write(0, base, 0x10 + 2 * pin);
        write(0, base + 0x10, value & 0xffff'ffff);
        read(0, base);
    }
    /// What a device that is not modelled does, at the instant that CPU n has come to.
    template <class Act>
    void outside(unsigned n, Act act) {
        machine_->cpus.spend(cpu(n), Cycles{1});
        machine_->timeline.actor_at(now(n));
        act();
        machine_->timeline.update_horizon();
    }
    void drive(unsigned n, unsigned pin, bool level, unsigned ioapic = 0) {
        outside(n, [&] { machine_->drive_gsi(machine_->gsi_base(ioapic) + pin, level); });
    }
    /// Starts CPU n by INIT and SIPI.
    void start_cpu(unsigned n) {
        for (const std::uint32_t command : {0x4500U, 0x4608U}) {
            if (wanted.x2apic) {
                machine_->cpus.wrmsr(cpu(0), lapic::x2apic_msr(ICR_LOW), std::uint64_t{n} << 32 | command);
            } else {
                write(0, LAPIC + ICR_HIGH, n << 24);
                write(0, LAPIC + ICR_LOW, command);
            }
            machine_->cpus.delay(cpu(0), 10_us);
        }
    }
    void spend(unsigned n, Duration span) { machine_->cpus.delay(cpu(n), span); }
    void out(std::uint16_t port, unsigned value) { machine_->cpus.port_out(cpu(0), port, Size::B1, value); }
    unsigned in(std::uint16_t port) { return static_cast<unsigned>(machine_->cpus.port_in(cpu(0), port, Size::B1)); }
    /// Vectors 30h and 38h; nothing masked but what `mask` says; icw4 01h, or 03h for automatic end of interrupt.
    void start_pic(unsigned icw4 = 1, unsigned mask = 0) {
        for (const std::uint16_t chip : {std::uint16_t{0x20}, std::uint16_t{0xa0}}) {
            for (const unsigned word : {0U, 1U, 2U, 3U, 4U}) {
                const unsigned values[] = {0x11, chip == 0x20 ? 0x30U : 0x38U, chip == 0x20 ? 4U : 2U, icw4, mask};
                out(static_cast<std::uint16_t>(word == 0 ? chip : chip + 1), values[word]);
            }
        }
    }
    /// A tick each `count` pulses of the 8254.
    void start_pit(unsigned pulses) {
        out(0x43, 0x34);
        out(0x40, pulses & 0xff);
        out(0x40, pulses >> 8);
    }

    // ---- Software
    void reset_vector(CpuNumber n) override { begin(n); }
    void startup(CpuNumber n, std::uint8_t /*vector*/) override {
        machine_->cpus.load_idt(cpu(n.value));
        begin(n);
    }
    void begin(CpuNumber n) {
        if (programs[n.value]) {
            programs[n.value]();
        }
        for (;;) {
            machine_->cpus.halt(cpu(n.value), true);
        }
    }
    void interrupt(CpuNumber n, std::uint8_t vector, const void* /*ip*/, bool /*enabled*/) override {
        irqs.push_back({n.value, now(n.value), vector});
        if (on_interrupt) {
            on_interrupt(n.value, vector);
        }
    }
    void nmi(CpuNumber n, const void* /*ip*/, bool /*enabled*/) override {
        nmis.push_back({n.value, now(n.value), 2});
        if (on_nmi) {
            on_nmi(n.value);
        }
    }
    bool waits_for_ever(CpuNumber /*n*/) override { return false; }

    Instant hop(std::uint32_t token, Hop which) const {
        for (const HopReached& h : hops) {
            if (h.token.id == token && h.hop == which) {
                return h.at;
            }
        }
        return Instant::never();
    }
    Duration row(Row r) const { return wanted.timing.duration(r); }
    std::vector<unsigned> vectors() const {
        std::vector<unsigned> all;
        for (const Taken& t : irqs) {
            all.push_back(t.vector);
        }
        return all;
    }

    sim::Session session;
    profile::Profile loaded;
    MachineProfile wanted;
    unsigned count;
    DefaultChoice choices;
    std::vector<std::function<void()>> programs;
    std::function<void(unsigned, unsigned)> on_interrupt;
    std::function<void(unsigned)> on_nmi;
    std::vector<HopReached> hops;
    std::vector<Taken> nmis;
    std::vector<Taken> irqs;

private:
    std::unique_ptr<Machine> machine_;
};

}  // namespace hldsim::test
