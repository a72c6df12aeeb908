// SPDX-License-Identifier: Apache-2.0
// The unit at its place: HPET, fabric, remapping unit, local APICs. VTD-1.1, VTD-32, VTD-40, VTD-42.
#include "models/fabric/fabric.hpp"
#include "models/hpet/hpet.hpp"
#include "models/lapic/lapic.hpp"
#include "tests/models/vtd/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

constexpr Duration DEVICE_TO_ROOT = 229_ns;
constexpr Duration IPI_WIRE = 157_ns;
constexpr std::uint64_t HPET_BASE = 0xfed0'0000;
constexpr std::uint64_t VTD_BASE = 0xfed9'0000;
constexpr CpuNumber CPU0{0};

struct Core final : CpuEvents {
    explicit Core(sim::Timeline& on) : timeline{on} {}
    void nmi(const TokenSet& tokens, std::uint8_t) override { nmis.emplace_back(timeline.now(), *tokens.begin()); }
    void smi(const TokenSet& /*tokens*/) override {}
    void init(const TokenSet& /*tokens*/) override {}
    void sipi(std::uint8_t /*vector*/, const TokenSet& /*tokens*/) override {}
    void external_interrupt(bool /*active*/) override {}
    void interrupt_request(bool active) override { requested = active; }

    sim::Timeline& timeline;
    std::vector<std::pair<Instant, Token>> nmis;
    bool requested = false;
};

struct Completion final : ReadCompletion {
    explicit Completion(sim::Timeline& on) : timeline{on} {}
    void completed(std::uint64_t value) override {
        at = timeline.now();
        got = value;
    }
    sim::Timeline& timeline;
    Instant at = Instant::never();
    std::uint64_t got = 0;
};

struct NoPins final : InterruptPins {
    void drive(unsigned /*input*/, bool /*active*/, Token /*token*/) override {}
};

Timing path_timing() {
    Timing t = VtdFixture::timing();
    const auto set = [&](Row row, Duration d) { t.set(row, RowUnit::Time, d.fs); };
    set(Row::MsiDeviceToRoot, DEVICE_TO_ROOT);
    set(Row::IpiWire, IPI_WIRE);
    set(Row::FabricReadRequest, 211_ns);
    set(Row::FabricReadResponse, 13_ns);  // so short that a completion would overtake every message
    set(Row::FabricPostedWrite, 227_ns);
    set(Row::HpetService, 83_ns);
    return t;
}

HpetProfile hpet_profile() {
    HpetProfile profile = HpetProfile::pch();
    profile.match_to_msi_ticks = 0;
    return profile;
}

/// Four CPUs in x2APIC mode with APIC ids 0, 0x101, 0x202, 0x303; the unit remaps with EIME.
struct PathFixture {
    explicit PathFixture(const VtdProfile& profile = {})
        : unit{"vtd", timeline, timing, profile, {}, memory, tokens, choices} {
        fabric.route_through(&unit);
        fabric.map(HPET_BASE, hpet.window(), hpet, Row::HpetService);
        fabric.map(VTD_BASE, Vtd::window(), unit, Row::HpetService);
        for (unsigned n = 0; n < 4; ++n) {
            cores.push_back(std::make_unique<Core>(timeline));
            apics.push_back(std::make_unique<Lapic>(("apic" + std::to_string(n)).c_str(), timeline, timing,
                                                    LapicProfile{}, CpuNumber{n}, ApicId{0x101 * n}, n == 0, fabric,
                                                    tokens));
            apics.back()->connect(*cores.back());
            fabric.add(CpuNumber{n}, *apics.back());
            apics.back()->reset_enter();
            apics.back()->reset_hold();
            std::uint64_t base = 0;
            apics.back()->rdmsr(lapic::IA32_APIC_BASE, base);
            apics.back()->wrmsr(lapic::IA32_APIC_BASE, base | 1U << 10U);
            apics.back()->wrmsr(lapic::x2apic_msr(lapic::SVR), 0x1ff);
        }
        unit.request_blocked.subscribe([this](const auto& b) { blocked.push_back(b); });
        unit.hop.subscribe([this](const auto& h) { hops.push_back(h); });
        unit.write(IQA, Size::B8, QUEUE);
        command(QIE);
        unit.write(IRTA, Size::B8, TABLE | EIME | 7);
        command(QIE | SIRTP);
        command(QIE | IRE);
    }
    void command(std::uint64_t value) {
        unit.write(GCMD, Size::B4, value);
        by(2_us);
    }
    void by(Duration d) { timeline.run_until(timeline.now() + d); }
    void put(std::uint32_t index, const Entry& entry) {
        memory.put(TABLE + 16 * index, entry.low);
        memory.put(TABLE + 16 * index + 8, entry.high);
    }
    /// Timer n matches one tick from now and sends the message of that handle.
    void arm(unsigned n, std::uint32_t handle) {
        const MessageWrite message = VtdFixture::message(handle);
        hpet.write(0x110 + 0x20 * n, Size::B8, message.address << 32U);
        hpet.write(0x10, Size::B8, 0);
        hpet.write(0xf0, Size::B8, 0);
        hpet.write(0x108 + 0x20 * n, Size::B8, 2);
        hpet.write(0x100 + 0x20 * n, Size::B4, 0x4004);
        hpet.write(0x10, Size::B8, 1);
    }
    void disarm(unsigned n) { hpet.write(0x100 + 0x20 * n, Size::B4, 0x4000); }
    std::vector<std::size_t> nmis() const {
        std::vector<std::size_t> counts;
        for (const auto& core : cores) {
            counts.push_back(core->nmis.size());
        }
        return counts;
    }

    sim::Session session;
    sim::Timeline timeline{"timeline"};
    Timing timing = path_timing();
    PlainMemory memory;
    TokenCounter tokens;
    DefaultChoice choices;
    NoPins pins;
    Fabric fabric{"fabric", timeline, timing, choices};
    Hpet hpet{"hpet", timeline, hpet_profile(), fabric, pins, tokens, choices};
    Vtd unit;
    std::vector<std::unique_ptr<Core>> cores;
    std::vector<std::unique_ptr<Lapic>> apics;
    std::vector<vtd::RequestBlocked> blocked;
    std::vector<HopReached> hops;
};

using Counts = std::vector<std::size_t>;

}  // namespace

TEST_CASE_METHOD(PathFixture, "W-25, WI-13: an HPET message is remapped with the requester id of its comparator",
                 "[vtd][1.1][VTD-40][M-10][W-25][WI-13]") {
    put(3, Entry{}.to(0x202).from(1, 0, 0xfa78));
    Instant posted;
    hpet.hop.subscribe([&](const HopReached& h) { posted = h.hop == Hop::Posted ? h.at : posted; });
    arm(0, 3);
    by(2_us);
    CHECK(nmis() == Counts{0, 0, 1, 0});
    CHECK(cores[2]->nmis[0].first == posted + DEVICE_TO_ROOT + IEC_MISS + ROOT_TO_LAPIC + ACCEPT);
    CHECK(blocked.empty());
}

TEST_CASE_METHOD(PathFixture, "a request with a PASID gets to no entry, and no interrupt fault is on record",
                 "[vtd][M-1]") {
    put(3, Entry{}.to(0x202));
    MessageWrite write = VtdFixture::message(3);
    write.with_pasid = true;
    fabric.post(write);
    by(2_us);
    CHECK(nmis() == Counts{0, 0, 0, 0});
    CHECK(blocked.empty());
}

TEST_CASE_METHOD(PathFixture, "address bits 1:0 of a remappable request are ignored and diagnosed, blocked or not",
                 "[vtd][M-1][VTD-12]") {
    const bool present = GENERATE(true, false);
    const std::uint64_t low = GENERATE(0U, 1U, 2U, 3U);
    put(3, present ? Entry{}.to(0x202) : Entry{}.absent());
    std::vector<MessageDiagnosed> diagnosed;
    fabric.message_diagnosed.subscribe([&](const MessageDiagnosed& d) { diagnosed.push_back(d); });
    MessageWrite write = VtdFixture::message(3);
    write.address |= low;
    fabric.post(write);
    by(2_us);
    CHECK(nmis() == (present ? Counts{0, 0, 1, 0} : Counts{0, 0, 0, 0}));
    CHECK(blocked.size() == (present ? 0 : 1));
    REQUIRE(diagnosed.size() == (low != 0 ? 1 : 0));
    if (low != 0) {
        CHECK(diagnosed[0].fault == msi::Fault::Misaligned);
        CHECK(diagnosed[0].delivered);
    }
}

TEST_CASE_METHOD(PathFixture,
                 "WI-61: each comparator of a PCH has an id of its own: SQ 00 refuses the other seven, 11 none",
                 "[vtd][VTD-40][WI-61]") {
    const bool all_bits = GENERATE(true, false);
    put(3, Entry{}.to(0x101).from(1, all_bits ? 0 : 3, 0xfa78));
    for (unsigned n = 0; n < 8; ++n) {
        arm(n, 3);
        by(2_us);
        disarm(n);
    }
    CHECK(cores[1]->nmis.size() == (all_bits ? 1 : 8));
    CHECK(blocked.size() == (all_bits ? 7 : 0));
    for (const vtd::RequestBlocked& b : blocked) {
        CHECK(b.reason == Reason::SourceId);
    }
    if (all_bits) {
        CHECK(blocked[6].write.requester.value == 0xfa7f);
        CHECK((unit.peek(FRCD + 8) & 0xffffU) == 0xfa79);
    }
}

TEST_CASE_METHOD(PathFixture, "a wrong DMAR scope names another device: every NMI is lost, the fault log says why",
                 "[vtd][VTD-41]") {
    put(3, Entry{}.to(0x101).from(1, 3, 0xf010));
    arm(0, 3);
    by(2_us);
    CHECK(nmis() == Counts{0, 0, 0, 0});
    CHECK((unit.peek(FRCD + 8) >> 32U & 0xffU) == 0x26);
    CHECK((unit.peek(FRCD + 8) & 0xffffU) == 0xfa78);
    CHECK((unit.peek(FRCD) >> 48U) == 3);
}

TEST_CASE_METHOD(PathFixture, "an NMI entry leaves nothing to acknowledge: no IRR, no ISR, no EOI, and the next comes",
                 "[vtd][VTD-42]") {
    put(3, Entry{}.to(0x101).vector(0x31));
    std::size_t eois = 0;
    fabric.eoi_broadcast.subscribe([&](const EoiBroadcast& /*e*/) { ++eois; });
    for (int round = 0; round < 3; ++round) {
        arm(0, 3);
        by(2_us);
        disarm(0);
    }
    CHECK(nmis() == Counts{0, 3, 0, 0});
    CHECK_FALSE(cores[1]->requested);
    for (unsigned word = 0; word < 8; ++word) {
        std::uint64_t irr = 0;
        std::uint64_t isr = 0;
        apics[1]->rdmsr(lapic::x2apic_msr(lapic::IRR + 16 * word), irr);
        apics[1]->rdmsr(lapic::x2apic_msr(lapic::ISR + 16 * word), isr);
        CHECK(irr == 0);
        CHECK(isr == 0);
    }
    CHECK(eois == 0);
    CHECK((hpet.read(0x20, Size::B4) & 1U) == 0);
}

TEST_CASE_METHOD(PathFixture, "remapped, an APIC id above 255 is reached", "[vtd][M-12][LAPIC-8]") {
    put(3, Entry{}.to(0x303));
    arm(0, 3);
    by(2_us);
    CHECK(nmis() == Counts{0, 0, 0, 1});
}

TEST_CASE_METHOD(PathFixture, "an NMI to a logical set goes to all of it; with RH to one", "[vtd][VTD-17][VTD-21]") {
    // x2APIC logical ids: cluster = id 31:4, bit = id 3:0.
    put(3, Entry{}.to(0x20U << 16U | 1U << 2U).logical());
    arm(0, 3);
    by(2_us);
    CHECK(nmis() == Counts{0, 0, 1, 0});
    disarm(0);
    put(4, Entry{}.to(0xffff'ffff));  // broadcast
    arm(0, 4);
    by(2_us);
    CHECK(nmis() == Counts{1, 1, 2, 1});
    disarm(0);
    put(5, Entry{}.to(0xffff'ffff).logical().hint());
    arm(0, 5);
    by(2_us);
    const Counts after = nmis();
    CHECK(after[0] + after[1] + after[2] + after[3] == 6);
}

TEST_CASE_METHOD(PathFixture, "an IPI does not pass the unit", "[vtd][1.1]") {
    const std::size_t before = hops.size();
    apics[0]->wrmsr(lapic::x2apic_msr(lapic::ICR_LOW), 0x101ULL << 32U | 0x4400);
    by(1_us);
    CHECK(nmis() == Counts{0, 1, 0, 0});
    CHECK(hops.size() == before);
    CHECK(blocked.empty());
}

TEST_CASE_METHOD(PathFixture, "the unit's own event reaches its CPU although no entry would let it",
                 "[vtd][1.1][VTD-39]") {
    unit.write(FEDATA, Size::B4, 0x51);
    unit.write(FEADDR, Size::B4, 0xfee0'1000);
    unit.write(FEUADDR, Size::B4, 0x100);
    unit.write(FECTL, Size::B4, 0);
    arm(0, 9);  // not present
    by(2_us);
    CHECK(cores[1]->requested);
    CHECK(blocked.size() == 1);
}

// ---- stop, read back: VTD-32

namespace {

/// Stops timer 0 and reads it back when its message is `before` from the root.
Instant stop_and_read_back(PathFixture& f, Completion& completion, Duration before) {
    f.put(3, Entry{}.to(0x101));
    Instant posted = Instant::never();
    f.hpet.hop.subscribe([&](const HopReached& h) { posted = h.hop == Hop::Posted ? h.at : posted; });
    f.arm(0, 3);
    while (posted == Instant::never()) {
        f.by(1_ns);
    }
    const Instant at_root = posted + DEVICE_TO_ROOT;
    f.timeline.run_until(at_root - before);
    f.disarm(0);
    f.fabric.read(CPU0, HPET_BASE + 0x100, Size::B4, completion);
    f.by(3_us);
    REQUIRE(f.nmis() == Counts{0, 1, 0, 0});
    return at_root;
}

}  // namespace

TEST_CASE_METHOD(PathFixture, "a read-back completes when the message has left the unit: the NMI may still come",
                 "[vtd][VTD-32][read_completion_pushes]") {
    Completion completion{timeline};
    // The completion leaves the HPET as late as the message has left it, and is much faster.
    const Instant at_root = stop_and_read_back(*this, completion, 200_ns);
    CHECK(completion.at == at_root + IEC_MISS);
    CHECK(cores[1]->nmis[0].first > completion.at);
}

TEST_CASE("with completions that push to the APIC a read-back proves that the CPU has the NMI pending",
          "[vtd][VTD-32][read_completion_pushes]") {
    VtdProfile profile;
    profile.read_completion_pushes = ReadCompletionPushes::Apic;
    PathFixture f{profile};
    Completion completion{f.timeline};
    stop_and_read_back(f, completion, 200_ns);
    CHECK(completion.at == f.cores[1]->nmis[0].first);
}

TEST_CASE("a read-back whose message is through is not delayed, and other devices' messages do not count",
          "[vtd][VTD-32][VTD-33]") {
    PathFixture f;
    Completion completion{f.timeline};
    const Instant begin = f.timeline.now();
    MessageWrite foreign = VtdFixture::message(3, NIC);
    f.put(3, Entry{}.to(0x101));
    f.fabric.post(foreign);
    f.fabric.read(CPU0, HPET_BASE + 0x100, Size::B4, completion);
    f.by(2_us);
    CHECK(completion.at == begin + 211_ns + 83_ns + 13_ns);
    CHECK(f.cores[1]->nmis[0].first > completion.at);
}

// ---- the mail's two modes of rotation

TEST_CASE_METHOD(PathFixture, "an entry per CPU: the next CPU is one 32-bit write to the route, no invalidation",
                 "[vtd][VTD-13][irte-per-cpu]") {
    for (unsigned n = 0; n < 4; ++n) {
        put(n, Entry{}.to(0x101 * n).from(1, 3, 0xfa78));
    }
    arm(0, 0);
    by(2_us);
    for (unsigned n = 1; n < 4; ++n) {
        hpet.write(0x114, Size::B4, VtdFixture::message(n).address);
        hpet.write(0x108, Size::B8, hpet.main_counter() + 2);
        by(2_us);
    }
    CHECK(nmis() == Counts{1, 1, 1, 1});
    CHECK(unit.peek(IQT) == 0);
    CHECK(blocked.empty());
}
