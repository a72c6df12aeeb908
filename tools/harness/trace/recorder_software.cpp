// SPDX-License-Identifier: Apache-2.0
// What software notes: locks, NMIs and who claims them, hotplug, tasks, lines, and the reads that it begins.
#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "tools/harness/trace/recorder.hpp"

namespace hldsim::trace {

namespace {

Life life_of(hld_life life) {
    switch (life) {
        case HLD_LIFE_COMING:
            return Life::Coming;
        case HLD_LIFE_UP:
            return Life::Up;
        case HLD_LIFE_OFFLINE:
            return Life::Offline;
        case HLD_LIFE_DEAD:
            break;
    }
    return Life::Dead;
}

/// As dmesg shows a line: what a terminal would obey stands there as \xNN.
std::string printable(std::string_view line) {
    std::string text;
    for (const char c : line) {
        const auto byte = static_cast<unsigned char>(c);
        text +=
            (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f ? fmt::format("\\x{:02x}", byte) : std::string{c};
    }
    return text;
}

What fate_of(hld_nmi_fate fate) {
    switch (fate) {
        case HLD_NMI_CLAIMED:
            return What::NmiClaimed;
        case HLD_NMI_NOT_MINE:
            return What::NmiNotMine;
        case HLD_NMI_UNKNOWN:
            return What::NmiUnknown;
        case HLD_NMI_IGNORED_OFFLINE:
            return What::NmiIgnored;
        case HLD_NMI_SWALLOWED:
            break;
    }
    return What::NmiSwallowed;
}

}  // namespace

void Recorder::lock(const shim::LockNote& note) {
    if (!recording_) {
        return;
    }
    const What what = note.op == HLD_LOCK_WAITS     ? What::LockWaits
                      : note.op == HLD_LOCK_DROPPED ? What::LockDropped
                                                    : What::LockTaken;
    const std::uint32_t text = keep_text(note.name);
    Record& record = by(note.cpu, what, note.at, note.pc);
    record.object = note.lock;
    record.value = (note.kernels ? LOCK_OF_KERNEL : 0U) | (note.read ? LOCK_FOR_READING : 0U) |
                   (note.sleeping ? LOCK_THAT_SLEEPS : 0U);
    record.text = text;
    record.flag = note.op == HLD_LOCK_TRYLOCK_TAKEN;
}

void Recorder::nmi_fate(const shim::NmiNote& note) {
    if (!recording_) {
        return;
    }
    const std::uint32_t text = keep_text(note.handler == nullptr ? "" : note.handler);
    Record& record = by(note.cpu, fate_of(note.fate), note.at, note.pc);
    record.value = note.handled;
    record.text = text;
    record.flag = is_detectors(note.handler);
}

void Recorder::sleep(const shim::SleepNote& note) {
    if (recording_) {
        const std::uint32_t text = keep_text(note.function);
        Record& record = by(note.cpu, What::SleepRefused, note.at, note.pc);
        record.text = text;
        record.flag = note.returned;
        record.value = note.why;
    }
}

// Who registers a handler names it by a constant of its own.
bool Recorder::is_detectors(const char* handler) {
    const auto known =
        std::find_if(handlers_.begin(), handlers_.end(), [&](const auto& each) { return each.first == handler; });
    if (known != handlers_.end()) {
        return known->second;
    }
    Dl_info object{};
    const bool found = dladdr(handler, &object) != 0 &&
                       reinterpret_cast<std::uintptr_t>(object.dli_fbase) == runtime_.detector().load_address();
    handlers_.emplace_back(handler, found);
    return found;
}

void Recorder::subscribe_to_software() {
    runtime_.lock.subscribe([this](const shim::LockNote& note) { lock(note); });
    runtime_.nmi_fate.subscribe([this](const shim::NmiNote& note) { nmi_fate(note); });
    runtime_.sleep.subscribe([this](const shim::SleepNote& note) { sleep(note); });
    runtime_.life.subscribe([this](const shim::LifeNote& note) {
        if (recording_) {
            Record& record = add(What::LifeChanged, note.at);
            record.cpu = note.cpu.value;
            record.value = static_cast<std::uint64_t>(life_of(note.life));
            record.pc = note.pc;
        }
    });
    runtime_.hotplug.subscribe([this](const shim::HotplugNote& note) {
        if (recording_) {
            const std::uint32_t text = keep_text(note.step);
            Record& record = by(*cpu::Cpus::running(), What::HotplugStep, note.at, note.pc);
            record.cpu = note.cpu.value;
            record.value = note.state;
            record.flag = note.bringup;
            record.text = text;
        }
    });
    runtime_.print.subscribe([this](const shim::PrintNote& note) {
        if (recording_) {
            const std::uint32_t text = keep_text(printable(note.text));
            Record& record = by(machine_.cpus.cpu(note.cpu), What::Printed, note.at, nullptr);
            record.value = note.level;
            record.text = text;
        }
    });
    runtime_.task.subscribe([this](const shim::TaskNote& note) {
        if (recording_) {
            Record& record =
                by(machine_.cpus.cpu(note.cpu), note.begun ? What::TaskBegun : What::TaskEnded, note.at, nullptr);
            record.value = note.number;
            record.result = note.result;
        }
    });
    runtime_.irte.subscribe([this](const shim::IrteNote& note) {
        if (recording_) {
            Record& record = by(note.cpu, What::EntryWritten, note.at, note.pc);
            record.value = note.low;
            record.address = note.high;
            record.result = note.index;
            record.cpu = destination(note.low);
        }
    });
    runtime_.mmio.subscribe([this](const shim::MmioNote& note) {
        if (recording_ && !note.write) {
            Record& record = by(note.cpu, What::DeviceRead, note.at, note.pc);
            record.address = note.physical;
            record.bytes = static_cast<std::uint8_t>(bytes(note.size));
        }
    });
}

}  // namespace hldsim::trace
