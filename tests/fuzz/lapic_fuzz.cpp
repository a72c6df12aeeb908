// SPDX-License-Identifier: Apache-2.0
// Any access to a local APIC by page and by MSR, any message, any pin, any time. The oracle is what must always hold.
#include <string>

#include "models/lapic/lapic.hpp"
#include "models/sim/session.hpp"
#include "tests/fuzz/input.hpp"

using namespace hldsim;
using fuzz::Input;
using fuzz::require;

namespace {

struct Outside final : IpiPort, CpuEvents {
    void send(CpuNumber, Shorthand, const InterruptMessage&) override {}
    void broadcast_eoi(std::uint8_t vector) override { require(vector >= 16, "an EOI of an illegal vector"); }
    void nmi(const TokenSet&, std::uint8_t) override {}
    void smi(const TokenSet&) override {}
    void init(const TokenSet&) override {}
    void sipi(std::uint8_t, const TokenSet&) override {}
    void external_interrupt(bool) override {}
    void interrupt_request(bool active) override {
        require(active != requested, "INTR is driven to the level that it has");
        requested = active;
    }
    bool requested = false;
};

std::uint32_t get(Lapic& lapic, std::uint32_t offset) {
    if (lapic.mode() == lapic::Mode::Xapic) {
        return static_cast<std::uint32_t>(lapic.mmio_read(offset, Size::B4));
    }
    std::uint64_t value = 0;
    lapic.rdmsr(lapic::x2apic_msr(offset), value);
    return static_cast<std::uint32_t>(value);
}

unsigned highest(Lapic& lapic, std::uint32_t offset) {
    for (unsigned word = 8; word-- > 0;) {
        const std::uint32_t bits = get(lapic, offset + 16 * word);
        if (bits != 0) {
            return 32 * word + 31 - static_cast<unsigned>(__builtin_clz(bits));
        }
    }
    return 0;
}

// LAPIC-5, LAPIC-19, LAPIC-21, LAPIC-22.
void look(Lapic& lapic, const Outside& outside) {
    if (lapic.mode() == lapic::Mode::Disabled) {
        return;
    }
    const bool enabled = (get(lapic, lapic::SVR) & 0x100) != 0;
    for (const std::uint32_t entry : {lapic::LVT_TIMER, lapic::LVT_PMI, lapic::LVT_LINT0, lapic::LVT_LINT1}) {
        require(enabled || (get(lapic, entry) & 0x10000) != 0, "an entry is unmasked while software-disabled");
    }
    const unsigned tpr = get(lapic, lapic::TPR);
    const unsigned isrv = highest(lapic, lapic::ISR);
    const unsigned irrv = highest(lapic, lapic::IRR);
    const unsigned ppr = get(lapic, lapic::PPR);
    require((isrv == 0 || isrv >= 16) && (irrv == 0 || irrv >= 16), "an illegal vector was accepted");
    require(ppr >> 4 == std::max(tpr >> 4, isrv >> 4), "PPR is not the higher class of TPR and ISRV");
    require(outside.requested == (irrv >> 4 > ppr >> 4), "INTR is not what IRR and PPR say");
}

void step(Lapic& lapic, sim::Timeline& timeline, Input& input) {
    const std::uint8_t what = input.byte();
    switch (what & 7U) {
        case 0:
            return lapic.mmio_write(input.byte() * 16U, Size::B4, input.number(4));
        case 1:
            lapic.mmio_read(static_cast<std::uint32_t>(input.number(2) % 0x1000), input.size());
            return lapic.mmio_write(static_cast<std::uint32_t>(input.number(2) % 0x1000), input.size(),
                                    input.number(8));
        case 2: {
            constexpr std::uint32_t MSRS[] = {lapic::IA32_APIC_BASE, lapic::IA32_TSC_DEADLINE};
            const std::uint32_t msr = (what & 8U) != 0 ? MSRS[what >> 4U & 1U] : 0x800U + input.byte();
            std::uint64_t value = 0;
            lapic.rdmsr(msr, value);
            const std::uint64_t base = 0xfee0'0000U | (input.byte() & 0x0fU) << 8U;
            lapic.wrmsr(msr, msr == lapic::IA32_APIC_BASE ? base : input.number(msr > 0x810 ? 5 : 3));
            return;
        }
        case 3: {
            InterruptMessage message;
            message.mode = static_cast<DeliveryMode>(input.byte() % 8);
            if (static_cast<unsigned>(message.mode) == 3) {
                return;  // no such mode exists behind the route
            }
            message.vector = input.byte();
            message.level = (what & 8U) != 0;
            message.assert_ = (what & 16U) == 0;
            lapic.matches(message);
            return lapic.receive(message);
        }
        case 4: {
            TokenSet tokens;
            lapic.acknowledge(tokens);
            return;
        }
        case 5:
            return (what & 8U) != 0 ? lapic.lint0((what & 16U) != 0) : lapic.lint1((what & 16U) != 0);
        case 6:
            return (what & 8U) != 0 ? lapic.performance_counter_overflowed() : lapic.set_cr8(what >> 4U);
        default:
            return timeline.run_until(timeline.now() + Duration{static_cast<std::int64_t>(input.number(4)) * 1000});
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static sim::Session session;
    static sim::Timeline timeline{"timeline"};
    static Timing timing{Hertz{3'000'000'000}, Hertz{3'000'000'000}, Hertz{24'000'000}, Duration{10'000'000}};
    timing.set(Row::LapicAccept, RowUnit::Time, 20'000'000);
    static Outside outside;
    static TokenCounter tokens;
    static Lapic lapic{"lapic", timeline, timing, {}, CpuNumber{3}, ApicId{0x12}, false, outside, tokens};
    lapic.connect(outside);
    static const std::string fresh = lapic.dump();

    timeline.following(false);  // so that time may run on without end
    timeline.power_on();
    outside.requested = false;
    lapic.reset_enter();
    lapic.reset_hold();
    Input input{data, size};
    for (int n = 0; n < 300 && !input.empty(); ++n) {
        step(lapic, timeline, input);
        look(lapic, outside);
    }
    lapic.reset_enter();
    lapic.reset_hold();
    lapic.reset_exit();
    require(lapic.dump() == fresh, "a reset does not leave a new local APIC");
    return 0;
}
