// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/trace/set_up.hpp"

#include <algorithm>

#include "models/ioapic/ioapic.hpp"
#include "models/ioapic/registers.hpp"
#include "models/lapic/msrs.hpp"
#include "models/machine/machine.hpp"

namespace hldsim::trace {

namespace {

constexpr std::uint64_t IOAPIC_PAGES = (1 + limits::MORE_IOAPICS) * std::uint64_t{Ioapic::WINDOW};
constexpr std::uint64_t ENTRY_WINDOW = 0x10;  // IOWIN; IOREGSEL is at 0 (82093AA, 3.1)
constexpr std::uint32_t LVT_LINT0 = 0x350;
constexpr std::uint32_t X2APIC_MSRS = 0x800;  // SDM vol. 3A, 10.12.1.2: offset / 16 behind it
constexpr std::uint64_t APIC_PAGE = 0x1000;

}  // namespace

void SetUp::begin(unsigned cpus) {
    state_ = {};
    state_.cpus.resize(cpus);
}

// ---- whose access

// From the access outwards: code of the kernel, of which the detector's has called the outermost function.
bool SetUp::by_detector(const cpu::Cpu& cpu, const void* pc) const {
    const void* called = nullptr;
    const void* at = pc;
    for (std::size_t left = cpu.callers.size();; --left) {
        if (detector_->code().contains(at)) {
            return called == nullptr || is_driver(called);
        }
        if (!kernel_->code().contains(at) || left == cpu.callers_below) {
            return false;
        }
        called = at;
        at = cpu.callers[left - 1];
    }
}

bool SetUp::is_driver(const void* pc) const {
    const auto inside = [&](const shim::Object::Symbol& symbol) {
        return symbol.function && reinterpret_cast<std::uintptr_t>(pc) - 1 - symbol.at < symbol.size;
    };
    const auto function = std::find_if(kernel_->symbols().begin(), kernel_->symbols().end(), inside);
    return function != kernel_->symbols().end() &&
           (function->name.rfind("apic_", 0) == 0 || function->name.rfind("lapic_", 0) == 0);
}

// ---- what is set up

void SetUp::stored(const cpu::Cpu& cpu, std::uint64_t address, std::uint64_t value, const void* pc) {
    if (address - lapic::apic_base::PAGE_RESET < APIC_PAGE) {
        if (address % APIC_PAGE == LVT_LINT0) {
            state_.cpus[cpu.number.value].lint0 = by_detector(cpu, pc);
        }
        return;
    }
    if (address - Machine::IOAPIC_BASE >= IOAPIC_PAGES) {
        return;
    }
    const auto number = static_cast<unsigned>((address - Machine::IOAPIC_BASE) / Ioapic::WINDOW);
    const std::uint64_t offset = address % Ioapic::WINDOW;
    if (offset == 0) {
        state_.selected[number] = value;
        return;
    }
    const std::uint64_t selected = state_.selected[number];
    if (offset != ENTRY_WINDOW || selected < ioapic::FIRST_RTE || (selected - ioapic::FIRST_RTE) % 2 != 0) {
        return;
    }
    const std::pair<unsigned, unsigned> entry{number, static_cast<unsigned>((selected - ioapic::FIRST_RTE) / 2)};
    if (by_detector(cpu, pc)) {
        state_.entries.insert(entry);
    } else {
        state_.entries.erase(entry);
    }
}

bool SetUp::msr_written(const cpu::Cpu& cpu, std::uint32_t msr) {
    PerCpu& self = state_.cpus[cpu.number.value];
    if (msr == X2APIC_MSRS + LVT_LINT0 / 16) {
        self.lint0 = by_detector(cpu, cpu.pc);
    }
    if (msr - pmu::FIRST_MSR >= pmu::COUNTERS) {
        return false;
    }
    bool& own = self.counters[msr - pmu::FIRST_MSR];
    own = by_detector(cpu, cpu.pc);
    return own;
}

void SetUp::entry_sent(unsigned ioapic, const ioapic::EntrySent& sent) {
    const bool nmi = sent.mode == DeliveryMode::Nmi;
    state_.sent = nmi && state_.entries.count({ioapic, sent.pin}) != 0 ? sent.token : Token{};
}

bool SetUp::is_detectors(const HopReached& reached, const cpu::Cpu* sender) const {
    if (reached.mode != DeliveryMode::Nmi || reached.hop > Hop::Posted) {
        return false;
    }
    if (state_.sent && reached.token == state_.sent) {
        return true;
    }
    const unsigned cpu = reached.cpu.value;
    switch (reached.token.source) {
        case Source::Ipi:
            return reached.hop == Hop::Matched && sender != nullptr && sender->number.value == cpu &&
                   by_detector(*sender, sender->pc);
        case Source::Perf:
            return reached.hop == Hop::Matched && cpu < state_.cpus.size() &&
                   state_.cpus[cpu].counters[state_.cpus[cpu].interrupting];
        case Source::Pit:
            return cpu < state_.cpus.size() && state_.cpus[cpu].lint0;
        default:
            return false;
    }
}

}  // namespace hldsim::trace
