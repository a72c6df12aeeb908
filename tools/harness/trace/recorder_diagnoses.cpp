// SPDX-License-Identifier: Apache-2.0
// What devices say of accesses that their specifications do not provide for, and accesses that no device answers.
#include "models/amdvi/registers.hpp"
#include "models/chipset/registers.hpp"
#include "models/hpet/registers.hpp"
#include "models/ioapic/registers.hpp"
#include "models/lapic/msrs.hpp"
#include "models/lapic/registers.hpp"
#include "models/pic/registers.hpp"
#include "models/pit/registers.hpp"
#include "models/pmu/registers.hpp"
#include "models/regs/print.hpp"
#include "models/vtd/registers.hpp"
#include "tools/harness/trace/recorder.hpp"

namespace hldsim::trace {

/// Where an access must have been to be the one that is diagnosed, and what it must have written.
struct AccessWindow {
    std::uint64_t address = 0;
    unsigned bytes = 0;
    std::uint64_t bits = 0;
    unsigned cpu = NO_CPU;  // whose it is, if that is known
};

namespace {

constexpr std::uint64_t IOWIN = 0x10;  // 82093AA, 3.1.2: through which the indexed registers are reached
constexpr std::size_t BACK = 4096;     // records: an access is not longer under way than that

/// The access touches the place and has the bits that are at fault.
bool can_be(const Record& access, const regs::Diagnosis& found, const AccessWindow& window) {
    if (access.what != (found.write ? What::DeviceWrite : What::DeviceRead) ||
        access.address >= window.address + window.bytes || window.address >= access.address + access.bytes ||
        (window.cpu != NO_CPU && access.actor != window.cpu)) {
        return false;
    }
    const std::uint64_t written = access.address >= window.address
                                      ? access.value << 8U * (access.address - window.address)
                                      : access.value >> 8U * (window.address - access.address);
    return !found.write || (written & window.bits) == window.bits;
}

std::uint64_t bits_at_fault(const regs::Diagnosis& found) {
    const bool bits =
        found.kind == regs::Diagnosis::Kind::Reserved || found.kind == regs::Diagnosis::Kind::Unimplemented;
    return bits ? found.value : 0;
}

std::uint64_t place(const regs::Diagnosis& found) { return found.offset == regs::NO_REGISTER ? 0 : found.offset; }

// Of a size or an undefined place the offset is that of the access, of all else that of the register.
AccessWindow window_of(const regs::Diagnosis& found, const regs::Map& map, std::uint64_t base) {
    const bool access = found.kind == regs::Diagnosis::Kind::Size || found.kind == regs::Diagnosis::Kind::Undefined;
    return {base + place(found), access ? bytes(found.size) : regs::bytes_at(map, found.offset), bits_at_fault(found)};
}

// A register behind the index goes through IOWIN, one of 64 bits by halves.
AccessWindow indexed_window(const regs::Diagnosis& found, std::uint64_t base) {
    const std::uint64_t bits = bits_at_fault(found);
    return {base + IOWIN, bytes(Size::B4), (bits | bits >> 32U) & byte_mask(bytes(Size::B4))};
}

// A local APIC's page, MSRs and ports answer while the instruction lasts: it is the one that its CPU is at.
Record running_access(const regs::Diagnosis& found, unsigned cpu) {
    Record access;
    access.cpu = cpu;
    const cpu::Cpu* const running = cpu::Cpus::running();
    if (found.by_access && running != nullptr && (cpu == NO_CPU || cpu == running->number.value)) {
        access.cpu = access.actor = running->number.value;
        access.context = running->nesting.context();
        access.depth = static_cast<std::uint8_t>(running->nesting.depth());
        access.pc = running->pc;
    }
    return access;
}

std::string words_of(const regs::Diagnosis& found, const regs::Map& map) {
    return std::string{map.device} + ": " + regs::describe(found, map);
}

// ---- where no device answers

regs::Diagnosis unmapped(bool write, Size size, std::uint64_t value) {
    return {regs::Diagnosis::Kind::Undefined, write, 0, size, value};
}

// As regs::describe() has it; `place` says where.
std::string nobody_answers(std::string_view space, const regs::Diagnosis& found, const std::string& place) {
    const unsigned count = bytes(found.size);
    return std::string{space} + ": " + std::string{regs::kind_name(found.kind)} + ": no device answers, " +
           (found.write ? "the value is lost (write of " : "all ones are read (read of ") + std::to_string(count) +
           (count == 1 ? " byte, " : " bytes, ") + place +
           (found.write ? ", " + regs::hexadecimal(found.value, 64) : "") + ")";
}

// Linux waits by a write to a port where it expects no device: arch/x86/kernel/io_delay.c.
bool is_delay(const UnmappedPort& access) { return access.write && (access.port == 0x80 || access.port == 0xed); }

}  // namespace

void Recorder::diagnosed(std::string_view words, std::uint64_t at, const Record& access) {
    const std::uint32_t text = keep_text(words);
    Record& record = add(What::Diagnosed, machine_.timeline.now());
    record.address = at;
    record.text = text;
    record.cpu = access.cpu;
    record.actor = access.actor;
    record.context = access.context;
    record.depth = access.depth;
    record.pc = access.pc;
}

// A posted write takes effect long after its instruction: the access is the last one before now that can be the one.
Record Recorder::last_access(const regs::Diagnosis& found, const AccessWindow& window) const {
    const std::size_t end = log_.records.size() > BACK ? log_.records.size() - BACK : 0;
    for (std::size_t i = found.by_access ? log_.records.size() : end; i > end; --i) {
        if (can_be(log_.records[i - 1], found, window)) {
            return log_.records[i - 1];
        }
    }
    return {};
}

void Recorder::diagnosed_of_window(const regs::Diagnosis& found, const regs::Map& map, const AccessWindow& window) {
    if (recording_) {
        diagnosed(words_of(found, map), window.address, last_access(found, window));
    }
}

void Recorder::diagnosed_at_once(const regs::Diagnosis& found, const regs::Map& map, std::uint64_t at, unsigned cpu) {
    if (recording_) {
        diagnosed(words_of(found, map), at, running_access(found, cpu));
    }
}

// Each such access is told when its CPU makes it: the last one of that CPU there.
void Recorder::subscribe_to_unmapped() {
    machine_.fabric.unmapped_access.subscribe([this](const UnmappedAccess& access) {
        if (recording_) {
            const auto found = unmapped(access.write, access.size, access.value);
            const AccessWindow window{access.address, bytes(access.size), 0, access.cpu.value};
            diagnosed(nobody_answers("mmio", found, regs::hexadecimal(access.address, 64)), access.address,
                      last_access(found, window));
        }
    });
    machine_.ports.unmapped_port.subscribe([this](const UnmappedPort& access) {
        if (recording_ && !is_delay(access)) {
            const auto found = unmapped(access.write, access.size, access.value);
            diagnosed(nobody_answers("ports", found, regs::hexadecimal(access.port, 16)), access.port,
                      running_access(found, NO_CPU));
        }
    });
}

void Recorder::subscribe_to_diagnoses() {
    subscribe_to_unmapped();
    const auto window = [this](sim::Probe<regs::Diagnosis>& probe, const regs::Map& map, std::uint64_t base) {
        probe.subscribe([this, &map, base](const regs::Diagnosis& found) {
            diagnosed_of_window(found, map, window_of(found, map, base));
        });
    };
    const auto ports = [this](sim::Probe<regs::Diagnosis>& probe, const regs::Map& map) {
        probe.subscribe(
            [this, &map](const regs::Diagnosis& found) { diagnosed_at_once(found, map, place(found), NO_CPU); });
    };
    window(machine_.hpet.diagnosis, hpet::MAP, Machine::HPET_BASE);
    ports(machine_.pit.diagnosis, pit::MAP);
    ports(machine_.pic.diagnosis, pic::MAP);
    ports(machine_.nmi_control.diagnosis, chipset::MAP);
    for (unsigned n = 0; n < machine_.ioapics(); ++n) {
        const std::uint64_t base = Machine::IOAPIC_BASE + n * std::uint64_t{Ioapic::WINDOW};
        machine_.ioapic(n).diagnosis.subscribe([this, base](const regs::Diagnosis& found) {
            const bool indexed = found.offset >= ioapic::INDEXED;
            diagnosed_of_window(found, ioapic::MAP,
                                indexed ? indexed_window(found, base) : window_of(found, ioapic::MAP, base));
        });
    }
    if (machine_.vtd() != nullptr) {
        window(machine_.vtd()->diagnosis, vtd::MAP, Machine::VTD_BASE);
    }
    if (machine_.amdvi() != nullptr) {
        window(machine_.amdvi()->diagnosis, amdvi::MAP, Machine::AMDVI_BASE);
    }
    for (unsigned n = 0; n < machine_.cpus.count(); ++n) {
        machine_.pmu(CpuNumber{n}).diagnosis.subscribe([this, n](const regs::Diagnosis& found) {
            diagnosed_at_once(found, pmu::MAP, place(found), n);
        });
        machine_.lapic(CpuNumber{n}).access_diagnosed.subscribe([this](const lapic::AccessDiagnosed& told) {
            diagnosed_at_once(told.diagnosis, lapic::MAP, lapic::apic_base::PAGE_RESET + place(told.diagnosis),
                              told.cpu.value);
        });
    }
    machine_.fabric.message_diagnosed.subscribe([this](const MessageDiagnosed& told) {
        if (recording_) {
            const std::uint32_t text = keep_text(std::string{"msi: "} + msi::text(told.fault) + " (address " +
                                                 regs::hexadecimal(told.write.address, 64) + ", data " +
                                                 regs::hexadecimal(told.write.data, 32) +
                                                 (told.delivered ? ")" : "), no interrupt comes of it"));
            Record& record = add(What::Diagnosed, told.at);
            record.token = told.write.token;
            record.text = text;
        }
    });
}

}  // namespace hldsim::trace
