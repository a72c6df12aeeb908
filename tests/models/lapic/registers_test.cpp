// SPDX-License-Identifier: Apache-2.0
// Registers in both modes: section 2.1.
#include "tests/models/lapic/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;
using lapic::DiscardReason;
using Kind = regs::Diagnosis::Kind;

TEST_CASE_METHOD(LapicFixture, "every register has its reset value", "[lapic][2.1]") {
    struct Row {
        std::uint32_t offset;
        std::uint32_t value;
    };
    const Row rows[] = {{lapic::ID, 0x1200'0000},
                        {lapic::VERSION, 0x0106'0015},
                        {lapic::TPR, 0},
                        {lapic::APR, 0},
                        {lapic::PPR, 0},
                        {lapic::LDR, 0},
                        {lapic::DFR, 0xffff'ffff},
                        {lapic::SVR, 0xff},
                        {lapic::ESR, 0},
                        {lapic::ICR_LOW, 0},
                        {lapic::ICR_HIGH, 0},
                        {lapic::LVT_CMCI, MASKED},
                        {lapic::LVT_TIMER, MASKED},
                        {lapic::LVT_THERMAL, MASKED},
                        {lapic::LVT_PMI, MASKED},
                        {lapic::LVT_LINT0, MASKED},
                        {lapic::LVT_LINT1, MASKED},
                        {lapic::LVT_ERROR, MASKED},
                        {lapic::INITIAL_COUNT, 0},
                        {lapic::CURRENT_COUNT, 0},
                        {lapic::DIVIDE, 0}};
    for (const Row& row : rows) {
        CAPTURE(row.offset);
        CHECK(get(row.offset) == row.value);
    }
    for (std::uint32_t offset = lapic::ISR; offset < lapic::ESR; offset += 16) {
        CHECK(get(offset) == 0);
    }
    CHECK(diagnosed.empty());
}

TEST_CASE_METHOD(LapicFixture, "a write changes exactly the writable bits of each register", "[lapic][2.1]") {
    enable();
    for (const regs::Register& r : lapic::REGISTERS) {
        const std::uint32_t offset = r.offset;
        if (!lapic::in_xapic(offset) || offset == lapic::LVT_TIMER2 || r.mask(regs::Access::RW) == 0 ||
            offset == lapic::ICR_LOW) {
            continue;
        }
        CAPTURE(r.name);
        const auto writable = static_cast<std::uint32_t>(r.mask(regs::Access::RW));
        const auto fixed = static_cast<std::uint32_t>(r.reset()) & ~writable;
        put(offset, ~0U);
        CHECK(get(offset) == (writable | fixed));
        put(offset, 0);
        CHECK(get(offset) == fixed);
        enable();
    }
}

TEST_CASE_METHOD(LapicFixture, "reserved bits are ignored in xAPIC mode, diagnosed, and #GP in x2APIC mode",
                 "[lapic][2.1]") {
    enable();
    put(lapic::LVT_TIMER, MASKED | NMI_MODE | 0x40);
    CHECK(get(lapic::LVT_TIMER) == (MASKED | 0x40));
    CHECK(diagnosed == std::vector{Kind::Reserved});
    enter_x2apic();
    CHECK_FALSE(put_x2(lapic::LVT_TIMER, MASKED | NMI_MODE | 0x41));
    CHECK(x2(lapic::LVT_TIMER) == (MASKED | 0x40));
    CHECK(put_x2(lapic::LVT_TIMER, MASKED | 0x41));
}

TEST_CASE_METHOD(LapicFixture, "a size or an offset between registers is diagnosed and does nothing", "[lapic][2.1]") {
    lapic->mmio_write(lapic::TPR, Size::B1, 0x20);
    lapic->mmio_write(lapic::TPR + 4, Size::B4, 0x20);
    CHECK(get(lapic::TPR) == 0);
    CHECK(lapic->mmio_read(lapic::TPR, Size::B8) == ~std::uint64_t{0});
    CHECK(diagnosed == std::vector{Kind::Size, Kind::Size, Kind::Size});
}

TEST_CASE_METHOD(LapicFixture, "what is not modelled is diagnosed as unimplemented", "[lapic]") {
    CHECK(get(lapic::RRD) == 0);
    CHECK(diagnosed == std::vector{Kind::Unimplemented});
    enable();
    accept(DeliveryMode::ExtInt);
    CHECK(diagnosed.back() == Kind::Unimplemented);
    CHECK(discarded == std::vector{DiscardReason::Unimplemented});
}

TEST_CASE_METHOD(LapicFixture, "x2APIC: which MSRs exist, which are read-only and which write-only", "[lapic][2.1]") {
    CHECK_FALSE(readable_x2(lapic::TPR));  // not in xAPIC mode
    CHECK_FALSE(put_x2(lapic::TPR, 0));
    enter_x2apic();
    for (std::uint32_t number = 0x800; number <= 0x8ff; ++number) {
        CAPTURE(number);
        const std::uint32_t offset = lapic::offset_of_msr(number);
        const bool write_only = offset == lapic::EOI || offset == lapic::SELF_IPI;
        const bool gone = offset == lapic::DFR || offset == lapic::APR || offset == lapic::RRD ||
                          offset == lapic::ICR_HIGH || offset == lapic::LVT_TIMER2;
        const bool known = number <= 0x83f && lapic::row_at(offset) != nullptr && !gone;
        CHECK(readable_x2(offset) == (known && !write_only));
        const bool read_only = offset == lapic::ID || offset == lapic::VERSION || offset == lapic::PPR ||
                               offset == lapic::LDR || offset == lapic::CURRENT_COUNT ||
                               (offset >= lapic::ISR && offset < lapic::ESR);
        const std::uint64_t harmless = offset == lapic::SELF_IPI ? 0x40 : 0;
        CHECK(put_x2(offset, harmless) == (known && !read_only));
    }
}

TEST_CASE_METHOD(LapicFixture, "x2APIC: bits 63:32 of a 32-bit register, EOI and ESR other than 0 fault",
                 "[lapic][2.1]") {
    enter_x2apic();
    CHECK_FALSE(put_x2(lapic::TPR, 1ULL << 32));
    CHECK_FALSE(put_x2(lapic::EOI, 1));
    CHECK_FALSE(put_x2(lapic::ESR, 1));
    CHECK_FALSE(put_x2(lapic::SELF_IPI, 0x140));
    CHECK_FALSE(put_x2(lapic::ICR_LOW, 1U << 12));  // delivery status does not exist there
    CHECK_FALSE(put_x2(lapic::ICR_LOW, 1U << 20));
    CHECK(put_x2(lapic::ICR_LOW, 0x55'0000'4440));
    CHECK(x2(lapic::ICR_LOW) == 0x55'0000'4440);
}

TEST_CASE_METHOD(LapicFixture, "the page is not the APIC's in x2APIC mode nor while it is disabled",
                 "[lapic][2.1][LAPIC-2]") {
    const std::uint64_t bits = GENERATE(std::uint64_t{0}, BASE_EN | BASE_EXTD);
    REQUIRE(set_base(bits));
    CHECK(get(lapic::VERSION) == 0xffff'ffff);
    put(lapic::SVR, APIC_ENABLED);
    CHECK(diagnosed == std::vector{Kind::Undefined, Kind::Undefined});
    if (bits != 0) {
        CHECK(x2(lapic::SVR) == 0xff);
    }
}

TEST_CASE_METHOD(LapicFixture, "lapic.dead_page_reads zero: of any size, the page reads 0 where it is not the APIC's",
                 "[lapic][2.1][LAPIC-2]") {
    LapicProfile profile;
    profile.dead_page_reads = DeadPageReads::Zero;
    make(profile);
    CHECK(get(lapic::VERSION) == profile.version);
    const std::uint64_t bits = GENERATE(std::uint64_t{0}, BASE_EN | BASE_EXTD);
    REQUIRE(set_base(bits));
    CHECK(lapic->mmio_read(lapic::VERSION, Size::B4) == 0);
    CHECK(lapic->mmio_read(lapic::VERSION + 1, Size::B8) == 0);
    CHECK(diagnosed == std::vector{Kind::Undefined, Kind::Undefined});
}

TEST_CASE_METHOD(LapicFixture, "lapic.max_lvt_entry: CMCI came with entry 6, thermal with 5", "[lapic][2.1]") {
    struct Row {
        std::uint32_t entry;
        unsigned since;
    };
    const Row row = GENERATE(values<Row>({{lapic::LVT_CMCI, 6},
                                          {lapic::LVT_THERMAL, 5},
                                          {lapic::LVT_PMI, 4},
                                          {lapic::LVT_TIMER, 4},
                                          {lapic::LVT_LINT0, 4},
                                          {lapic::LVT_LINT1, 4},
                                          {lapic::LVT_ERROR, 4}}));
    const unsigned last = GENERATE(4U, 5U, 6U);
    const bool exists = last >= row.since;
    LapicProfile profile;
    profile.max_lvt_entry(last);
    make(profile);
    CHECK(get(lapic::VERSION) == (0x0100'0015 | last << 16));
    enable();
    put(row.entry, 0x42);
    CHECK(get(row.entry) == (exists ? 0x42 : 0));
    CHECK(errors() == (exists ? 0 : 0x80));
    REQUIRE(set_base(BASE_EN | BASE_EXTD));
    std::uint64_t value = 0;
    CHECK(lapic->rdmsr(lapic::x2apic_msr(row.entry), value) == exists);
    CHECK(put_x2(row.entry, MASKED) == exists);
}

TEST_CASE("no local APIC ends its local vector table elsewhere than at entry 4 to 6", "[lapic][2.1]") {
    const unsigned last = GENERATE(0U, 3U, 7U, 255U);
    LapicProfile profile;
    profile.max_lvt_entry(last);
    CHECK_THROWS_AS(profile.validate(), std::invalid_argument);
    profile.max_lvt_entry(GENERATE(4U, 6U));
    CHECK_NOTHROW(profile.validate());
}

TEST_CASE("a local APIC is not made of a profile that none can have", "[lapic]") {
    LapicProfile profile;
    SECTION("a narrow address") { profile.physical_address_bits = 31; }
    SECTION("a timer that stands") { profile.timer_clock = Hertz{0}; }
    SECTION("too many LVT entries") { profile.max_lvt_entry(7); }
    CHECK_THROWS_WITH(LapicFixture{profile}, Catch::StartsWith("lapic profile: "));
}
