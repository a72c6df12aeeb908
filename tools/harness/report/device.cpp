// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/report/device.hpp"

#include "models/amdvi/registers.hpp"
#include "models/fabric/msi.hpp"
#include "models/hpet/registers.hpp"
#include "models/lapic/msrs.hpp"
#include "models/lapic/registers.hpp"
#include "models/machine/machine.hpp"
#include "models/regs/print.hpp"
#include "models/vtd/formats.hpp"
#include "models/vtd/registers.hpp"

namespace hldsim::report {
namespace {

using trace::Log;
using trace::Record;
using trace::What;

constexpr std::uint64_t PAGE = 0x1000;

std::optional<RegisterAt> find(const regs::Map& map, std::uint64_t base, std::uint64_t physical) {
    const std::uint64_t offset = physical - base;
    for (const regs::Register& spec : map) {
        for (unsigned i = 0; i < spec.repeat.count; ++i) {
            const std::uint64_t begin = spec.offset + std::uint64_t{i} * spec.repeat.stride;
            if (offset >= begin && offset < begin + spec.width / 8) {
                return RegisterAt{&spec, i, base + begin, static_cast<unsigned>(offset - begin) * 8, false};
            }
        }
    }
    return std::nullopt;
}

/// "Tn_INT_ENB_CNF" -> "INT_ENB": what a kernel engineer calls it.
std::string short_name(std::string_view name) {
    if (name.substr(0, 3) == "Tn_") {
        name.remove_prefix(3);
    }
    if (name.size() > 4 && name.substr(name.size() - 4) == "_CNF") {
        name.remove_suffix(4);
    }
    return std::string{name};
}

std::string value_text(std::uint64_t value) {
    if (value < 10) {
        return std::to_string(value);
    }
    unsigned width = 4;
    while (width < 64 && value >> width != 0) {
        width += 4;
    }
    return regs::hexadecimal(value, width);
}

// The device holds the register's last effect; before the first one, its reset value.
std::uint64_t held_before(const Log& log, std::size_t record, const RegisterAt& at) {
    for (std::size_t i = record; i-- > 0;) {
        const Record& earlier = log.records[i];
        if (earlier.what == What::RegisterEffect && earlier.address == at.base && !earlier.period) {
            return earlier.value;
        }
    }
    return at.spec->reset();
}

std::string message_address(std::uint64_t address) {
    if (!msi::is_interrupt_address(address)) {
        return "address " + value_text(address);
    }
    if (msi::FORMAT.get(address) != 0) {  // VT-d 5.1.2.2
        return "entry " +
               value_text(vtd::remappable::HANDLE.get(address) | vtd::remappable::HANDLE_15.get(address) << 15U);
    }
    const std::uint64_t destination = msi::DESTINATION.get(address);
    if (msi::DESTINATION_MODE.get(address) != 0) {
        return "logical " + value_text(destination);
    }
    return destination == msi::BROADCAST ? "all CPUs" : "CPU " + std::to_string(destination);
}

std::string message_data(std::uint64_t data) {
    switch (static_cast<DeliveryMode>(msi::DELIVERY_MODE.get(data))) {
        case DeliveryMode::Nmi:
            return "NMI";
        case DeliveryMode::Fixed:
            return "vector " + value_text(msi::VECTOR.get(data));
        default:
            return "data " + value_text(data);
    }
}

bool names_whole_register(const regs::Register& spec) { return spec.field_count == 1; }

// The fields within `lanes` in which the values differ.
std::string changes(const RegisterAt& at, std::uint64_t before, std::uint64_t after, std::uint64_t lanes) {
    std::string text;
    const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : " ") + part; };
    for (const regs::Field& field : *at.spec) {
        const std::uint64_t value = field.bits.get(after);
        if ((field.bits.mask() & lanes) == 0 || field.name.empty() || field.access == regs::Access::RO) {
            continue;
        }
        if (at.hpet && field.name == "Tn_FSB_INT_ADDR") {
            add(message_address(value));
        } else if (at.hpet && field.name == "Tn_FSB_INT_VAL") {
            const bool handle = msi::FORMAT.get(after >> 32U) != 0;  // the data is a part of it
            add(handle ? "subhandle " + value_text(value) : message_data(value));
        } else if (names_whole_register(*at.spec)) {
            add(value_text(value));
        } else if (field.bits.get(before) != value) {
            add(short_name(field.name) + "=" + value_text(value));
        }
    }
    return text;
}

/// What the device had set by itself and the write has cleared: what is left of it.
std::string cleared(const RegisterAt& at, std::uint64_t after) {
    std::string text;
    for (const regs::Field& field : *at.spec) {
        if (field.access == regs::Access::RW1C) {
            text += (text.empty() ? "" : " ") + short_name(field.name) + "=" + value_text(field.bits.get(after));
        }
    }
    return text.empty() ? regs::instance_name(*at.spec, at.instance) + "=" + value_text(after) : text;
}

std::string name_of(const RegisterAt& at) { return regs::instance_name(*at.spec, at.instance); }

}  // namespace

std::optional<RegisterAt> register_at(std::uint64_t physical) {
    if (physical - Machine::HPET_BASE < PAGE) {
        std::optional<RegisterAt> at = find(hpet::MAP, Machine::HPET_BASE, physical);
        if (at) {
            at->hpet = true;
        }
        return at;
    }
    if (physical - Machine::VTD_BASE < PAGE) {
        return find(vtd::MAP, Machine::VTD_BASE, physical);
    }
    if (physical - Machine::AMDVI_BASE < Amdvi::window()) {
        return find(amdvi::MAP, Machine::AMDVI_BASE, physical);
    }
    constexpr std::uint64_t BASE = lapic::apic_base::PAGE_RESET;
    return physical - BASE < PAGE ? find(lapic::MAP, BASE, physical) : std::nullopt;
}

std::string access_text(const Log& log, std::size_t record) {
    const Record& access = log.records[record];
    const bool write = access.what == What::DeviceWrite;
    const bool quad = write && (access.bytes == 8 || access.value >> 32 != 0);
    const std::string verb = write ? (quad ? "writeq(" : "writel(") : "readl(";
    const std::optional<RegisterAt> at = register_at(access.address);
    if (!at) {
        return verb + value_text(access.address) + (write ? ", " + value_text(access.value) : "") + ")";
    }
    const std::string name = name_of(*at) + (at->shift != 0 ? "+" + std::to_string(at->shift / 8) : "");
    if (!write) {
        return verb + name + ")";
    }
    const std::uint64_t lanes = (quad ? ~std::uint64_t{0} : 0xffff'ffffULL) << at->shift;
    const std::uint64_t before = held_before(log, record, *at);
    const std::uint64_t after = (before & ~lanes) | (access.value << at->shift & lanes);
    const bool whole = names_whole_register(*at->spec);
    const std::string changed = whole ? "" : changes(*at, before, after, lanes);
    return verb + name + ", " + (changed.empty() ? value_text(access.value) : changed) + ")";
}

std::string effect_text(const Log& log, std::size_t record) {
    const Record& effect = log.records[record];
    const std::optional<RegisterAt> at = register_at(effect.address);
    if (!at) {
        return value_text(effect.address) + " is " + value_text(effect.value);
    }
    if (effect.period) {
        return name_of(*at) + " period=" + value_text(effect.value) + " takes effect";
    }
    const std::uint64_t before = held_before(log, record, *at);
    if (effect.flag && before == effect.value) {
        return cleared(*at, effect.value) + " takes effect";
    }
    if (before == effect.value && !names_whole_register(*at->spec)) {
        return name_of(*at) + " is written, the same";
    }
    // Of a register in two halves, the half that changed.
    std::uint64_t lanes = ~std::uint64_t{0};
    if (at->hpet && at->spec->name == "TIMn_PROCMSG_ROUT") {
        const std::uint64_t differ = before ^ effect.value;
        lanes = differ >> 32 != 0 ? ~std::uint64_t{0xffff'ffff} : 0xffff'ffffULL;
    }
    const std::string changed = changes(*at, before, effect.value, lanes);
    if (changed.empty()) {
        return name_of(*at) + " is written, the same";
    }
    if (names_whole_register(*at->spec)) {
        return name_of(*at) + "=" + changed + " takes effect";
    }
    return at->spec->name == "TIMn_PROCMSG_ROUT" ? "route to " + changed + " takes effect" : changed + " takes effect";
}

std::size_t effect_of(const Log& log, std::size_t write) {
    const std::optional<RegisterAt> at = register_at(log.records[write].address);
    for (std::size_t i = write + 1; at && i < log.records.size(); ++i) {
        const Record& later = log.records[i];
        if (later.what == What::RegisterEffect && later.address == at->base && later.at >= log.records[write].at) {
            return i;
        }
    }
    return write;
}

}  // namespace hldsim::report
