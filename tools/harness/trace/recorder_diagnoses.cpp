// SPDX-License-Identifier: Apache-2.0
// What devices say of accesses that their specifications do not provide for, in the log.
#include "models/amdvi/registers.hpp"
#include "models/chipset/registers.hpp"
#include "models/hpet/registers.hpp"
#include "models/ioapic/registers.hpp"
#include "models/lapic/registers.hpp"
#include "models/pic/registers.hpp"
#include "models/pit/registers.hpp"
#include "models/regs/print.hpp"
#include "models/vtd/registers.hpp"
#include "tools/harness/trace/recorder.hpp"

namespace hldsim::trace {

namespace {

constexpr std::uint64_t IOWIN = 0x10;  // 82093AA, 3.1.2: through which the indexed registers are reached
constexpr std::size_t BACK = 4096;     // records: an access is not longer under way than that

/// The access can be the one: it touches what is at `at`, and has the bits that are at fault.
bool can_be(const Record& access, const regs::Diagnosis& found, std::uint64_t at) {
    if (access.what != (found.write ? What::DeviceWrite : What::DeviceRead) ||
        access.address >= at + bytes(found.size) || at >= access.address + access.bytes) {
        return false;
    }
    const bool bits =
        found.kind == regs::Diagnosis::Kind::Reserved || found.kind == regs::Diagnosis::Kind::Unimplemented;
    const std::uint64_t written =
        access.address >= at ? access.value << 8U * (access.address - at) : access.value >> 8U * (at - access.address);
    return !found.write || !bits || (written & found.value) == found.value;
}

}  // namespace

// A posted write takes effect long after its instruction: the access is the last one before now that can be the one.
void Recorder::diagnosed(const regs::Diagnosis& found, const regs::Map& map, std::uint64_t at) {
    if (!recording_) {
        return;
    }
    Record made;
    const std::size_t end = log_.records.size() > BACK ? log_.records.size() - BACK : 0;
    for (std::size_t i = log_.records.size(); i > end; --i) {
        const Record& access = log_.records[i - 1];
        if (can_be(access, found, at)) {
            made = access;
            break;
        }
    }
    const std::uint32_t text = keep_text(std::string{map.device} + ": " + regs::describe(found, map));
    Record& record = add(What::Diagnosed, machine_.timeline.now());
    record.cpu = made.cpu;
    record.actor = made.actor;
    record.context = made.context;
    record.pc = made.pc;
    record.address = at;
    record.text = text;
}

void Recorder::subscribe_to_diagnoses() {
    const auto subscribe = [this](sim::Probe<regs::Diagnosis>& probe, const regs::Map& map, std::uint64_t base) {
        probe.subscribe(
            [this, &map, base](const regs::Diagnosis& found) { diagnosed(found, map, base + found.offset); });
    };
    constexpr std::uint64_t PORTS = 0;  // a device behind ports tells the port
    subscribe(machine_.hpet.diagnosis, hpet::MAP, Machine::HPET_BASE);
    subscribe(machine_.pit.diagnosis, pit::MAP, PORTS);
    subscribe(machine_.pic.diagnosis, pic::MAP, PORTS);
    subscribe(machine_.nmi_control.diagnosis, chipset::MAP, PORTS);
    for (unsigned n = 0; n < machine_.ioapics(); ++n) {
        const std::uint64_t base = Machine::IOAPIC_BASE + n * std::uint64_t{Ioapic::WINDOW};
        machine_.ioapic(n).diagnosis.subscribe([this, base](const regs::Diagnosis& found) {
            const bool indexed = found.offset >= ioapic::INDEXED;
            diagnosed(found, ioapic::MAP, base + (indexed ? IOWIN : found.offset));
        });
    }
    if (machine_.vtd() != nullptr) {
        subscribe(machine_.vtd()->diagnosis, vtd::MAP, Machine::VTD_BASE);
    }
    if (machine_.amdvi() != nullptr) {
        subscribe(machine_.amdvi()->diagnosis, amdvi::MAP, Machine::AMDVI_BASE);
    }
    for (unsigned n = 0; n < machine_.cpus.count(); ++n) {
        machine_.lapic(CpuNumber{n}).access_diagnosed.subscribe([this](const lapic::AccessDiagnosed& told) {
            diagnosed(told.diagnosis, lapic::MAP, lapic::apic_base::PAGE_RESET + told.diagnosis.offset);
            if (recording_ && log_.records.back().actor == NO_CPU) {
                log_.records.back().cpu = log_.records.back().actor = told.cpu.value;
            }
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
