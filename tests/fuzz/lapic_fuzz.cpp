// SPDX-License-Identifier: Apache-2.0
// Any access to a local APIC of any profile by page and by MSR, any message, any pin, any time. The oracle is what must
// always hold.
#include <algorithm>
#include <string>

#include "models/lapic/lapic.hpp"
#include "tests/fuzz/bench.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/tail.hpp"

using namespace hldsim;
using fuzz::Input;
using fuzz::require;
using fuzz::Tail;

namespace {

constexpr Token EXTERNAL_TOKEN{0xff'ffff, Source::None};  // of each ExtINT message

struct Drawn {
    LapicProfile profile;
    bool boot = false;
    bool external = false;  // an 8259 is behind it
    bool sleeps = false;    // bits of a program that were free before there were tails: deep C-states, INIT
};

Drawn drawn_by(Tail& tail) {
    Drawn drawn;
    LapicProfile& p = drawn.profile;
    tail.flip(drawn.boot);
    tail.flip(drawn.sleeps);
    // Of today; no CMCI; six entries and no suppression of EOI; an AMD's.
    tail.draw(p.version, {0x0106'0015U, 0x0105'0014U, 0x0005'0014U, 0x8005'0010U});
    tail.flip(p.x2apic);
    tail.flip(p.tsc_deadline);
    tail.flip(p.always_running_timer);
    tail.draw(p.physical_address_bits, {46U, 36U, 39U, 52U});
    tail.draw(p.timer_clock, {std::optional<Hertz>{}, std::optional<Hertz>{Hertz{100'000'000}}});
    tail.draw(p.nmi_when_soft_disabled, {NmiWhenSoftDisabled::Handle, NmiWhenSoftDisabled::WakeOnly,
                                         NmiWhenSoftDisabled::Drop, NmiWhenSoftDisabled::Drop});
    tail.draw(p.ipi_delivery_status, {IpiDeliveryStatus::Wire, IpiDeliveryStatus::Immediate});
    tail.flip(p.xapic_id_writable);
    tail.flip(p.flat_broadcast_needs_ldr);
    tail.flip(p.x2apic_takes_narrow_broadcast);
    tail.flip(p.x2apic_lowest_priority_ipi);
    tail.flip(p.ppr_subclass_zero_on_tie);
    tail.flip(p.initial_count_zero_in_deadline);
    tail.flip(p.pmi_masks_itself);
    tail.flip(p.illegal_lvt_vector_at_once);
    tail.flip(p.dual_timer.independent_count);
    tail.flip(p.dual_timer.timer2_delivery_mode);
    tail.flip(p.dual_timer.timer2_reason);
    tail.flip(p.nmi_to_self);
    tail.draw(p.divide_change, {DivideChange::AtEdge, DivideChange::AtOnce});
    tail.flip(drawn.external);
    p.max_lvt_entry(tail.one_of({p.max_lvt_entry(), 4U}));
    tail.draw(p.dead_page_reads, {DeadPageReads::Ones, DeadPageReads::Zero});
    return drawn;
}

struct Outside final : IpiPort, CpuEvents, InterruptAcknowledge {
    void send(CpuNumber, Shorthand, const InterruptMessage&) override {}
    void broadcast_eoi(std::uint8_t vector) override { require(vector >= 16, "an EOI of an illegal vector"); }
    void nmi(const TokenSet&, std::uint8_t) override {}
    void smi(const TokenSet&) override {}
    void init(const TokenSet&) override {}
    void sipi(std::uint8_t, const TokenSet&) override {}
    void external_interrupt(bool active) override {
        require(active != external, "the 8259's line is passed on at the level that it has");
        external = active;
    }
    std::uint8_t acknowledge_external(TokenSet&) override {
        ++acknowledges;
        message = false;
        return EXTERNAL_VECTOR;
    }
    void interrupt_request(bool active) override {
        require(active != requested, "INTR is driven to the level that it has");
        requested = active;
    }
    static constexpr std::uint8_t EXTERNAL_VECTOR = 0x0b;  // no vector of an APIC
    bool requested = false;
    bool external = false;      // LINT0 or LINT1 is an 8259's, and is active
    bool message = false;       // an ExtINT message waits for its INTA
    unsigned acknowledges = 0;  // INTA cycles

    bool asks() const { return connected && (external || message); }
    bool connected = false;  // an 8259 is there
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

bool has_timer2(const LapicProfile& p) {
    return p.dual_timer.independent_count || p.dual_timer.timer2_delivery_mode || p.dual_timer.timer2_reason;
}

// LAPIC-5, LAPIC-6, LAPIC-32, LAPIC-38 to LAPIC-40.
void look_at_entries(Lapic& lapic, const LapicProfile& p) {
    const bool enabled = (get(lapic, lapic::SVR) & 0x100) != 0;
    for (const std::uint32_t entry : {lapic::LVT_TIMER, lapic::LVT_THERMAL, lapic::LVT_PMI, lapic::LVT_LINT0,
                                      lapic::LVT_LINT1, lapic::LVT_ERROR, lapic::LVT_CMCI, lapic::LVT_TIMER2}) {
        const unsigned last = p.version >> 16 & 0xff;
        const bool exists = entry == lapic::LVT_CMCI      ? last >= 6
                            : entry == lapic::LVT_THERMAL ? last >= 5
                            : entry == lapic::LVT_TIMER2  ? has_timer2(p)
                                                          : true;
        require(!exists || enabled || (get(lapic, entry) & 0x10000) != 0,
                "an entry is unmasked while software-disabled");
    }
    require(p.tsc_deadline || (get(lapic, lapic::LVT_TIMER) & 0x40000) == 0, "a timer mode that does not exist");
    require((p.version & 0x0100'0000) != 0 || (get(lapic, lapic::SVR) & 0x1000) == 0,
            "EOIs are suppressed where that does not exist");
    const std::uint32_t timer2 = has_timer2(p) ? get(lapic, lapic::LVT_TIMER2) : 0;
    require(p.dual_timer.timer2_delivery_mode || (timer2 & 0x700) == 0, "the second timer has a delivery mode");
    require(p.dual_timer.timer2_reason || (timer2 & 0x4000) == 0, "the second timer has a reason");
}

// LAPIC-15, LAPIC-19 to LAPIC-22.
void look(Lapic& lapic, const LapicProfile& p, const Outside& outside) {
    require(p.x2apic || lapic.mode() != lapic::Mode::X2apic, "x2APIC mode where it does not exist");
    std::uint64_t base = 0;
    lapic.rdmsr(lapic::IA32_APIC_BASE, base);
    require(base >> p.physical_address_bits == 0, "the page is at an address that does not exist");
    if (lapic.mode() != lapic::Mode::Xapic) {
        require(
            lapic.mmio_read(lapic::VERSION, Size::B4) == (p.dead_page_reads == DeadPageReads::Ones ? 0xffff'ffffU : 0U),
            "a page that is not the APIC's reads something");
    }
    if (lapic.mode() == lapic::Mode::Disabled) {
        return;
    }
    look_at_entries(lapic, p);
    require(get(lapic, lapic::VERSION) == p.version, "the version is not the profile's");
    require(p.ipi_delivery_status == IpiDeliveryStatus::Wire || (get(lapic, lapic::ICR_LOW) & 0x1000) == 0,
            "an IPI is being sent that leaves at once");
    const unsigned tpr = get(lapic, lapic::TPR);
    const unsigned isrv = highest(lapic, lapic::ISR);
    const unsigned irrv = highest(lapic, lapic::IRR);
    const unsigned ppr = get(lapic, lapic::PPR);
    require((isrv == 0 || isrv >= 16) && (irrv == 0 || irrv >= 16), "an illegal vector was accepted");
    const bool tie = tpr >> 4 == isrv >> 4;
    const bool by_task = tie ? !p.ppr_subclass_zero_on_tie : tpr > isrv;
    require(ppr == (by_task ? tpr : isrv & 0xf0U), "PPR is not the higher of TPR and ISRV");
    if (lapic.mode() == lapic::Mode::Xapic) {
        const bool task_alone = tpr >> 4 >= irrv >> 4 && tpr >> 4 > isrv >> 4;
        require(get(lapic, lapic::APR) == (task_alone ? tpr : std::max({tpr, irrv, isrv}) & 0xf0U),
                "APR is not what TPR, IRR and ISR make of it");
    }
    require(outside.requested == (outside.asks() || irrv >> 4 > ppr >> 4), "INTR is not what IRR, PPR and 8259 say");
}

struct World {
    /// Of all steps of an input: two periodic timers of count 1 have 800,000 ticks in it, half a second of work.
    static constexpr Duration LONGEST{4 * 1'000'000'000'000LL};

    World(sim::Timeline& on, const Drawn& drawn)
        : profile{drawn.profile}, sleeps{drawn.sleeps}, timeline{on}, lapic{"lapic",    timeline,     timing(),
                                                                            profile,    CpuNumber{3}, ApicId{0x12},
                                                                            drawn.boot, outside,      tokens} {
        lapic.connect(static_cast<CpuEvents&>(outside));
        if (drawn.external) {
            lapic.connect(static_cast<InterruptAcknowledge&>(outside));
        }
        outside.connected = drawn.external;
        lapic.hop.subscribe([this](const HopReached& reached) {
            const bool external = reached.token.id == EXTERNAL_TOKEN.id && reached.hop == Hop::Accepted;
            outside.message = outside.message || external;
        });
        fresh = lapic.dump();
    }
    void power_on(const Tail& /*tail*/) {
        outside.requested = outside.external = outside.message = false;
        tokens.power_on();
        time_left = LONGEST;
        reset();
    }
    void reset() {
        lapic.reset_enter();
        lapic.reset_hold();
        lapic.reset_exit();
        outside.message = false;
    }
    void init() {
        lapic.init_reset();
        outside.message = false;
    }
    // An 8259 is asked before the APIC's own vectors.
    void acknowledge() {
        const bool by_8259 = outside.asks();
        const unsigned cycles = outside.acknowledges;
        const bool on = lapic.mode() != lapic::Mode::Disabled;
        const unsigned in_service = on ? highest(lapic, lapic::ISR) : 0;
        TokenSet carried;
        const std::uint8_t vector = lapic.acknowledge(carried);
        require(outside.acknowledges == cycles + (by_8259 ? 1 : 0),
                "an 8259 that asks is not acknowledged, or one that does not");
        require(!by_8259 || vector == Outside::EXTERNAL_VECTOR, "the vector is not the 8259's");
        require(!by_8259 || !on || in_service == highest(lapic, lapic::ISR), "an 8259's vector enters service here");
    }
    static const Timing& timing() {
        static const Timing rows = [] {
            Timing t{Hertz{3'000'000'000}, Hertz{3'000'000'000}, Hertz{24'000'000}, Duration{10'000'000}};
            t.set(Row::LapicAccept, RowUnit::Time, 20'000'000);
            t.set(Row::IpiWire, RowUnit::Time, 50'000'000);
            return t;
        }();
        return rows;
    }
    LapicProfile profile;
    bool sleeps;
    Duration time_left = LONGEST;
    sim::Timeline& timeline;
    Outside outside;
    TokenCounter tokens;
    Lapic lapic;
    std::string fresh;  // its dump
};

void step(World& world, Input& input) {
    Lapic& lapic = world.lapic;
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
            const lapic::Mode before = lapic.mode();
            lapic.wrmsr(msr, msr == lapic::IA32_APIC_BASE ? base : input.number(msr > 0x810 ? 5 : 3));
            // LAPIC-2: power-up state.
            const bool off = before != lapic.mode() && lapic.mode() != lapic::Mode::X2apic;
            world.outside.message = world.outside.message && !off;
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
            message.token = message.mode == DeliveryMode::ExtInt ? EXTERNAL_TOKEN : Token{};
            lapic.matches(message);
            return lapic.receive(message);
        }
        case 4: {
            if (world.sleeps && (what & 8U) != 0) {
                return (what & 16U) != 0 ? world.init() : lapic.core_sleeps_deeply((what & 32U) != 0);
            }
            return world.acknowledge();
        }
        case 5:
            return (what & 8U) != 0 ? lapic.lint0((what & 16U) != 0) : lapic.lint1((what & 16U) != 0);
        case 6:
            return (what & 8U) != 0 ? lapic.performance_counter_overflowed() : lapic.set_cr8(what >> 4U);
        default: {
            const Duration wanted{static_cast<std::int64_t>(input.number(4)) * 1000};
            const Duration time = std::min(wanted, world.time_left);
            world.time_left = world.time_left - time;
            return world.timeline.run_until(world.timeline.now() + time);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static fuzz::Bench<World> bench;
    Tail tail{data, size};
    const Drawn drawn = drawn_by(tail);
    World& world = bench.of(tail, drawn);
    Input input{data, tail.program()};
    for (int n = 0; n < 300 && !input.empty(); ++n) {
        step(world, input);
        look(world.lapic, world.profile, world.outside);
    }
    world.reset();
    require(world.lapic.dump() == world.fresh, "a reset does not leave a new local APIC");
    return 0;
}
