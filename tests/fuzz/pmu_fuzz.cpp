// SPDX-License-Identifier: Apache-2.0
// Any RDMSR and WRMSR of any MSR, an overflow of any counter at any time, sleep and time. The oracle is the counters
// written a second time from SDM vol. 3B, 18.2.2, as three counters that each know their own bits and add up cycles.
#include <cstdint>
#include <optional>
#include <string>

#include "models/pmu/pmu.hpp"
#include "models/sim/session.hpp"
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

constexpr std::uint64_t END = std::uint64_t{1} << 48U;
constexpr std::int64_t PERIODS_PER_NS_TENTHS[] = {0, 30, 25};  // 3 GHz and 2.5 GHz

/// Edges of a clock of counter n up to and including t.
std::uint64_t edges_by(unsigned n, Instant t) {
    constexpr std::int64_t FS_PER_10_NS = 10'000'000;
    return static_cast<std::uint64_t>(t.fs / FS_PER_10_NS * PERIODS_PER_NS_TENTHS[n] +
                                      t.fs % FS_PER_10_NS * PERIODS_PER_NS_TENTHS[n] / FS_PER_10_NS);
}

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

    /// Time goes from one instant to another. How many interrupts come meanwhile?
    unsigned pass(Instant from, Instant to) {
        unsigned interrupts = 0;
        for (unsigned n = 1; n < 3; ++n) {
            Counter& counter = of[n];
            if (asleep || !counter.allowed || (counter.rings & 1U) == 0) {
                continue;
            }
            counter.count += edges_by(n, to) - edges_by(n, from);
            if (counter.count >= END) {
                counter.count -= END;
                counter.overflowed = true;
                interrupts += counter.pmi ? 1 : 0;
            }
        }
        return interrupts;
    }
    bool count_cycles() const { return (of[1].rings != 0 && of[1].allowed) || (of[2].rings != 0 && of[2].allowed); }

    Counter of[3];
    bool asleep = false;
};

struct World final : LocalInterrupts {
    World() {
        pmu.diagnosis.subscribe([this](const regs::Diagnosis& /*told*/) { ++diagnoses; });
    }
    void performance_counter_overflowed() override { ++interrupts; }

    void power_on() {
        timeline.following(false);  // so that time may run on without end
        pmu.reset_enter();
        timeline.power_on();
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

    void pass(std::uint64_t fs) {
        interrupts = 0;
        const Instant from = timeline.now();
        timeline.run_until(from + Duration{static_cast<std::int64_t>(fs)});
        require(interrupts == counters.pass(from, timeline.now()), "cycles interrupt too often, or not");
    }
    void sleep(bool on) {
        counters.asleep = on;
        pmu.asleep(on);
    }

    sim::Session session;
    sim::Timeline timeline{"timeline"};
    Timing timing{Hertz{3'000'000'000}, Hertz{2'500'000'000}, Hertz{24'000'000}, Duration{10'000'000}};
    Counters counters;
    unsigned interrupts = 0;
    unsigned diagnoses = 0;
    Pmu pmu{timeline, timing, *this};
};

void step(World& world, Input& input) {
    const std::uint8_t what = input.byte();
    const std::uint32_t near = 0x305U + (what >> 3U) % 16U + ((what & 0x80U) != 0 ? 0x84U : 0U);
    switch (what & 7U) {
        case 0: {
            const unsigned n = (what >> 3U) % 3U;
            if ((what & 0x80U) == 0) {
                return world.overflow(n);
            }
            const std::uint64_t near_end = END - 1 - input.number(2);
            return require(world.pmu.wrmsr(0x309 + n, near_end) && world.counters.write(0x309 + n, near_end),
                           "a count cannot be written");
        }
        case 1:
            return world.look(static_cast<std::uint32_t>(input.number(4)));
        case 2: {
            const auto msr = static_cast<std::uint32_t>(input.number(4));
            const std::uint64_t value = input.number(8);
            return require(world.pmu.wrmsr(msr, value) == world.counters.write(msr, value), "WRMSR faults or does not");
        }
        case 3:
            switch (what >> 3U & 3U) {
                case 0:
                    return what == 3 ? world.power_on() : world.pass(input.number(1));
                case 1:
                    return world.sleep((what & 0x80U) != 0);
                default:
                    return world.pass(input.number((what & 8U) != 0 ? 4 : 2) << (what >> 5U) * 2U);
            }
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
        require(world.pmu.count_cycles() == world.counters.count_cycles(), "the CPU says when it sleeps, or does not");
    }
    world.power_on();
    require(world.pmu.dump() == fresh, "a reset does not leave new counters");
    return 0;
}
