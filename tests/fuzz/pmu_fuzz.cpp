// SPDX-License-Identifier: Apache-2.0
// Any RDMSR and WRMSR of any MSR, an overflow of any counter at any time. The oracle is the counters
// written a second time from SDM vol. 3B, 18.2.2, as three counters that each know their own bits.
#include <cstdint>
#include <optional>
#include <string>

#include "models/pmu/pmu.hpp"
#include "tests/fuzz/input.hpp"

using namespace hldsim;
using fuzz::Input;
using fuzz::require;

namespace {

struct Counter {
    std::uint64_t count = 0;
    unsigned rings = 0;  // that it counts in
    bool pmi = false;
    bool allowed = false;
    bool overflowed = false;
};

struct Counters {
    std::optional<std::uint64_t> read(std::uint32_t msr) const {
        std::uint64_t value = 0;
        if (msr >= 0x309 && msr <= 0x30b) {
            return of[msr - 0x309].count;
        }
        if (msr < 0x38d || msr > 0x390) {
            return std::nullopt;
        }
        for (unsigned n = 0; n < 3; ++n) {
            const std::uint64_t own[] = {std::uint64_t{of[n].rings + (of[n].pmi ? 8U : 0U)} << (4 * n),
                                         std::uint64_t{of[n].overflowed} << (32 + n),
                                         std::uint64_t{of[n].allowed} << (32 + n), 0};
            value += own[msr - 0x38d];
        }
        return value;
    }
    bool write(std::uint32_t msr, std::uint64_t value) {
        if (msr >= 0x309 && msr <= 0x30b) {
            if (value >> 48U != 0) {
                return false;
            }
            of[msr - 0x309].count = value;
            return true;
        }
        const std::uint64_t three = value >> 32U;
        switch (msr) {
            case 0x38d:
                if (value > 0xfff || (value & 0x444U) != 0) {
                    return false;
                }
                for (unsigned n = 0; n < 3; ++n) {
                    of[n].rings = static_cast<unsigned>(value >> 4 * n & 3U);
                    of[n].pmi = (value >> 4 * n & 8U) != 0;
                }
                return true;
            case 0x38f:
                if ((value & 0xffff'ffffU) != 0 || three > 7) {
                    return false;
                }
                for (unsigned n = 0; n < 3; ++n) {
                    of[n].allowed = (three >> n & 1U) != 0;
                }
                return true;
            case 0x390:
                if ((value & 0xffff'ffffU) != 0 || (three & 0x3fff'fff8U) != 0) {
                    return false;
                }
                for (unsigned n = 0; n < 3; ++n) {
                    of[n].overflowed = of[n].overflowed && (three >> n & 1U) == 0;
                }
                return true;
            default:
                return false;
        }
    }
    /// Does it interrupt? Nothing if the counter is off.
    std::optional<bool> overflow(unsigned n) {
        Counter& counter = of[n];
        if (counter.rings == 0 || !counter.allowed) {
            return std::nullopt;
        }
        counter.count = 0;
        counter.overflowed = true;
        return counter.pmi;
    }

    Counter of[3];
};

struct World final : LocalInterrupts {
    World() {
        pmu.diagnosis.subscribe([this](const regs::Diagnosis& /*told*/) { ++diagnoses; });
    }
    void performance_counter_overflowed() override { ++interrupts; }

    void power_on() {
        pmu.reset_enter();
        pmu.reset_hold();
        pmu.reset_exit();
        counters = {};
    }
    void overflow(unsigned n) {
        interrupts = diagnoses = 0;
        const std::optional<bool> expected = counters.overflow(n);
        pmu.overflow(n);
        require(interrupts == (expected.value_or(false) ? 1U : 0U), "an interrupt too many, or none");
        require(diagnoses == (expected ? 0U : 1U), "a counter that is off, and only that, is diagnosed");
    }
    void look(std::uint32_t msr) {
        std::uint64_t value = 0;
        const std::optional<std::uint64_t> expected = counters.read(msr);
        require(pmu.rdmsr(msr, value) == expected.has_value(), "RDMSR faults or does not");
        require(!expected || value == *expected, "a register reads something else");
    }

    Counters counters;
    unsigned interrupts = 0;
    unsigned diagnoses = 0;
    Pmu pmu{*this};
};

void step(World& world, Input& input) {
    const std::uint8_t what = input.byte();
    const std::uint32_t near = 0x305U + (what >> 3U) % 16U + ((what & 0x80U) != 0 ? 0x84U : 0U);
    switch (what & 7U) {
        case 0:
            return world.overflow((what >> 3U) % 3U);
        case 1:
            return world.look(static_cast<std::uint32_t>(input.number(4)));
        case 2: {
            const auto msr = static_cast<std::uint32_t>(input.number(4));
            const std::uint64_t value = input.number(8);
            return require(world.pmu.wrmsr(msr, value) == world.counters.write(msr, value), "WRMSR faults or does not");
        }
        case 3:
            if ((what >> 3U) == 0) {
                world.power_on();
            }
            return;
        default: {
            const std::uint64_t value =
                (what & 2U) != 0 ? input.number(2) << ((what & 1U) != 0 ? 32U : 0U) : input.number(8);
            return require(world.pmu.wrmsr(near, value) == world.counters.write(near, value),
                           "WRMSR faults or does not");
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static World world;
    static const std::string fresh = world.pmu.dump();

    world.power_on();
    Input input{data, size};
    for (int n = 0; n < 400 && !input.empty(); ++n) {
        step(world, input);
        for (const std::uint32_t msr : {0x309U, 0x30aU, 0x30bU, 0x38dU, 0x38eU, 0x38fU, 0x390U}) {
            world.look(msr);
        }
    }
    world.power_on();
    require(world.pmu.dump() == fresh, "a reset does not leave new counters");
    return 0;
}
