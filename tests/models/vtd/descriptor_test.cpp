// SPDX-License-Identifier: Apache-2.0
// Descriptors of 128 and 256 bits, bit by bit and at the ends of the ring: VTD-24, VTD-26, VTD-28, VTD-29.
#include "tests/models/vtd/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

constexpr std::uint64_t WIDE_QUEUE = 1U << 11;  // IQA.DW
constexpr std::uint64_t RESERVED_FIELD = 4;
constexpr std::uint64_t INVALID_TYPE = 3;

struct DescriptorFixture : VtdFixture {
    explicit DescriptorFixture(const VtdProfile& profile = {}) {
        make(profile);
        start();
    }

    std::uint64_t information() { return r64(IQERCD) & 0xfU; }
    bool stopped() { return (r32(FSTS) & IQE) != 0; }
    /// Of IQERCD, for that one descriptor in a queue of either width; the queue goes on behind it.
    std::uint64_t error_of(std::uint64_t q0, std::uint64_t q1 = 0, std::uint64_t q2 = 0, std::uint64_t q3 = 0) {
        const bool wide = (r64(IQA) & WIDE_QUEUE) != 0;
        const std::uint64_t at = r64(IQH);
        const std::uint64_t words[] = {q0, q1, q2, q3};
        for (unsigned n = 0; n < (wide ? 4U : 2U); ++n) {
            memory.put(QUEUE + at + 8U * n, words[n]);
        }
        w64(IQT, (at + (wide ? 32 : 16)) % 4096);
        by(2_us);
        const std::uint64_t found = information();
        CHECK(stopped() == (found != 0));
        if (found != 0) {
            CHECK(r64(IQH) == at);
            for (unsigned n = 0; n < (wide ? 4U : 2U); ++n) {
                memory.put(QUEUE + at + 8U * n, n == 0 ? wait_for(0).low : 0);
            }
            w32(FSTS, IQE);
            by(2_us);
        }
        REQUIRE(r64(IQH) == r64(IQT));
        return found;
    }
};

/// A queue of 256-bit descriptors, in legacy mode.
struct WideFixture : DescriptorFixture {
    WideFixture() : DescriptorFixture{profile()} { set_pages(0); }
    static VtdProfile profile() {
        VtdProfile p;
        p.scalable_mode = true;
        return p;
    }
    void set_pages(std::uint64_t qs) { w64(IQA, QUEUE | WIDE_QUEUE | qs); }
    void fill_with_waits(std::uint64_t bytes) {
        for (std::uint64_t at = 0; at < bytes; at += 32) {
            memory.put(QUEUE + at, wait_for(0).low);
        }
    }
};

/// The bits that VT-d 5.10, 6.5.2, does not name, as its figures have them; not the model's.
bool is_reserved_in_invalidation(unsigned bit) {
    return (bit >= 5 && bit <= 8) || (bit >= 12 && bit <= 26) || bit >= 48;
}
bool is_reserved_in_wait(unsigned bit) {
    return bit == 7 || bit == 8 || (bit >= 12 && bit <= 31) || bit == 64 || bit == 65;  // 7 is PD, and PDS is 0
}
bool is_of_type(unsigned bit) { return bit <= 3 || (bit >= 9 && bit <= 11); }

std::uint64_t half(unsigned bit, unsigned n) { return bit / 64 == n ? std::uint64_t{1} << (bit % 64) : 0; }

}  // namespace

// ---- bit by bit

TEST_CASE_METHOD(DescriptorFixture, "each reserved bit of an IEC descriptor is IQEI 4, each other bit is none",
                 "[vtd][VTD-24][VTD-29]") {
    for (unsigned bit = 0; bit < 128; ++bit) {
        if (!is_of_type(bit)) {
            CAPTURE(bit);
            CHECK(error_of(4 | half(bit, 0), half(bit, 1)) == (is_reserved_in_invalidation(bit) ? RESERVED_FIELD : 0));
        }
    }
}

TEST_CASE_METHOD(DescriptorFixture, "each reserved bit of a wait descriptor is IQEI 4, each other bit is none",
                 "[vtd][VTD-24][VTD-28]") {
    for (unsigned bit = 0; bit < 128; ++bit) {
        if (!is_of_type(bit)) {
            CAPTURE(bit);
            CHECK(error_of(5 | half(bit, 0), half(bit, 1)) == (is_reserved_in_wait(bit) ? RESERVED_FIELD : 0));
        }
    }
}

TEST_CASE_METHOD(DescriptorFixture, "the bits of the type that are not in 3:0 make another type", "[vtd][VTD-24]") {
    const std::uint64_t type = GENERATE(1U, 2U, 3U, 4U, 5U);
    for (const unsigned bit : {9U, 10U, 11U}) {
        CHECK(error_of(type | half(bit, 0)) == INVALID_TYPE);
    }
    CHECK(error_of(type) == 0);
}

TEST_CASE_METHOD(WideFixture, "256 bits: each bit of the upper two quadwords is IQEI 4, of IEC and wait",
                 "[vtd][VTD-24]") {
    const std::uint64_t type = GENERATE(4U, 5U);
    CHECK(error_of(type) == 0);
    for (unsigned bit = 0; bit < 128; ++bit) {
        CAPTURE(bit);
        CHECK(error_of(type, 0, half(bit, 0), half(bit, 1)) == RESERVED_FIELD);
    }
}

// ---- the ends of the ring

TEST_CASE_METHOD(WideFixture, "256 bits: the last slot of the queue may be the tail, one beyond is IQEI 1",
                 "[vtd][VTD-24][VTD-26]") {
    const unsigned pages = GENERATE(0U, 1U);  // 2^QS
    set_pages(pages);
    const std::uint64_t bytes = 0x1000ULL << pages;
    fill_with_waits(bytes);
    SECTION("the last slot") {
        w64(IQT, bytes - 32);
        by(1_ms);
        CHECK(r64(IQH) == bytes - 32);
        CHECK_FALSE(stopped());
    }
    SECTION("one beyond") {
        w64(IQT, bytes);
        CHECK(stopped());
        CHECK(information() == 1);
        CHECK(r64(IQH) == 0);
    }
}

TEST_CASE_METHOD(DescriptorFixture, "128 bits: the last slot of the queue may be the tail, one beyond is IQEI 1",
                 "[vtd][VTD-24][VTD-26]") {
    for (std::uint64_t at = 0; at < 0x1000; at += 16) {
        memory.put(QUEUE + at, wait_for(0).low);
    }
    w64(IQT, 0x1000 - 16);
    by(1_ms);
    CHECK(r64(IQH) == 0x1000 - 16);
    CHECK_FALSE(stopped());
    w64(IQT, 0x1000);
    CHECK(information() == 1);
    CHECK(r64(IQH) == 0x1000 - 16);
}

TEST_CASE_METHOD(WideFixture, "256 bits: the ring wraps at its size: 127 of 128 slots may be filled, and 127 more",
                 "[vtd][VTD-26]") {
    std::vector<std::uint32_t> positions;
    unit->descriptor_fetched.subscribe([&](const vtd::DescriptorFetched& d) { positions.push_back(d.position); });
    fill_with_waits(0x1000);
    w64(IQT, 127 * 32);
    by(1_ms);
    REQUIRE(positions.size() == 127);
    w64(IQT, 126 * 32);
    by(1_ms);
    REQUIRE(positions.size() == 254);
    for (std::uint32_t n = 0; n < 254; ++n) {
        CHECK(positions[n] == n % 128);
    }
    CHECK(r64(IQH) == 126 * 32);
    CHECK_FALSE(stopped());
}

// ---- fields

TEST_CASE("a mask of MHMV is by index, legal and not diagnosed; one more is neither", "[vtd][VTD-29]") {
    VtdProfile profile;
    profile.max_index_mask = GENERATE(0U, 2U, 15U);
    profile.mask_too_large = GENERATE(MaskTooLarge::Global, MaskTooLarge::Error);
    DescriptorFixture f{profile};
    const unsigned mask = profile.max_index_mask;
    CHECK(f.error_of(invalidate(0, mask).low) == 0);
    REQUIRE(f.invalidated.size() == 1);
    CHECK_FALSE(f.invalidated[0].global);
    CHECK(f.invalidated[0].count == 1U << mask);
    CHECK_FALSE(f.diagnosed(Kind::Misuse));
    const bool error = profile.mask_too_large == MaskTooLarge::Error;
    CHECK(f.error_of(invalidate(0, mask + 1).low) == (error ? RESERVED_FIELD : 0));
    CHECK(f.invalidated.size() == (error ? 1 : 2));
    CHECK(f.invalidated.back().global == !error);
    CHECK(f.diagnosed(Kind::Misuse) == !error);
}

TEST_CASE("bits of STADDR from the host address width on are ignored, those below count", "[vtd][VTD-28]") {
    VtdProfile profile;
    profile.host_address_width = GENERATE(36U, 39U, 46U, 52U);
    DescriptorFixture f{profile};
    for (unsigned bit = 30; bit < 64; ++bit) {
        CAPTURE(bit, profile.host_address_width);
        f.memory.put(STATUS, 0);
        CHECK(f.error_of(wait_for(WAIT_SW, bit).low, STATUS | 1ULL << bit) == 0);
        CHECK(f.memory.u32(STATUS) == (bit >= profile.host_address_width ? bit : 0));
    }
}
