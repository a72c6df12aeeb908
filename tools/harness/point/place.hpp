// SPDX-License-Identifier: Apache-2.0
// A scenario's point with its names looked up: addresses that a watcher can compare with, and nothing to search for.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "detector/shim/symbols.hpp"
#include "models/base/apic_id.hpp"
#include "models/regs/spec.hpp"
#include "tools/harness/scenario/point.hpp"

namespace hldsim::point {

/// Code as ranges that are sorted and do not overlap.
class Code {
public:
    Code() = default;
    explicit Code(std::vector<shim::CodeRange> ranges);

    bool empty() const { return ranges_.empty(); }
    /// Is the call that returns to `pc` inside?
    bool holds(const void* pc) const {
        const std::uintptr_t address = reinterpret_cast<std::uintptr_t>(pc) - 1;
        if (address - begin_ >= end_ - begin_) {
            return false;  // most code is elsewhere
        }
        std::size_t first = 0;
        std::size_t count = ranges_.size();
        while (count > 0) {
            const std::size_t half = count / 2;
            if (ranges_[first + half].end <= address) {
                first += half + 1;
                count -= half + 1;
            } else {
                count = half;
            }
        }
        return first < ranges_.size() && ranges_[first].contains(address);
    }

private:
    std::vector<shim::CodeRange> ranges_;
    std::uintptr_t begin_ = 0;  // of the first
    std::uintptr_t end_ = 0;    // of the last
};

/// A function's code out of line, which is entered by a call, and wherever it is inlined, which is entered by getting
/// there. A source line is inlined code in this sense.
struct Function {
    Code body;
    Code inlined;
};

/// Registers of a device, by physical address.
struct Registers {
    std::uint64_t begin = 0;
    std::uint64_t length = 0;

    bool touched_by(std::uint64_t physical, std::uint64_t size) const {
        return length != 0 && (physical - begin < length || begin - physical < size);
    }
};

struct ResolvedPoint {
    using Form = scenario::Point::Form;

    Form form = Form::Enters;
    CpuNumber cpu;
    Function in;      // of forms with `in`
    Function target;  // what is called, entered, left; the line
    std::vector<shim::Stretch> memory;
    Registers registers;  // instead of memory
    unsigned nth = 1;
    scenario::Hop hop = scenario::Hop::Taken;
    scenario::NmiSource source = scenario::NmiSource::Hpet;
    scenario::Life life = scenario::Life::Up;
    std::string sentence;

    bool within_function() const { return form <= Form::Calls; }
    bool is_of_code() const { return form <= Form::Line; }
    bool is_leaving() const { return form == Form::Becomes && life == scenario::Life::Leaving; }
    bool touches(const void* at, std::size_t size) const {
        const auto address = reinterpret_cast<std::uintptr_t>(at);
        for (const shim::Stretch& stretch : memory) {
            if (stretch.touches(address, size)) {
                return true;
            }
        }
        return false;
    }
};

/// A device of the machine: its register map, where it answers, and what of the map this one lacks.
struct Device {
    struct Limit {
        std::string_view name;  // of the row: "TIMn_CONF"
        unsigned present = 0;   // only the first so many instances exist
    };
    const regs::Map* map = nullptr;
    std::uint64_t base = 0;
    std::vector<Limit> limits = {};

    /// How many instances of that register there are.
    unsigned present(const regs::Register& spec) const {
        for (const Limit& limit : limits) {
            if (limit.name == spec.name) {
                return limit.present;
            }
        }
        return spec.repeat.count;
    }
};

/// Throws diagnostic::Error at the point's mark: a name that neither debug information nor a register map knows (with
/// the nearest one that they know), a register that this device lacks, a lock that is a register or no lock, a
/// function or line without code.
ResolvedPoint resolve(const scenario::Point& point, const shim::Symbols& symbols, const std::vector<Device>& devices);

}  // namespace hldsim::point
