// SPDX-License-Identifier: Apache-2.0
// Queued invalidation: VTD-24 to VTD-29.
#include "tests/models/vtd/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

struct QueueFixture : VtdFixture {
    QueueFixture() {
        start();
        unit->descriptor_fetched.subscribe([this](const vtd::DescriptorFetched& d) { fetched.push_back(d); });
    }
    std::uint64_t information() { return r64(IQERCD) & 0xfU; }
    bool stopped() { return (r32(FSTS) & IQE) != 0; }

    std::vector<vtd::DescriptorFetched> fetched;
};

constexpr Command128 NO_OP = wait_for(0);

}  // namespace

// ---- errors

TEST_CASE_METHOD(QueueFixture, "each queue error has its number in IQERCD", "[vtd][VTD-24]") {
    SECTION("1: the tail is beyond the queue") {
        w64(IQT, 0x1000);
        CHECK(stopped());  // without fetching anything
        CHECK(information() == 1);
        CHECK(fetched.empty());
    }
    SECTION("2: the descriptor cannot be read") {
        memory.broken = QUEUE;
        memory.broken_end = QUEUE + 16;
        submit({NO_OP});
        by(1_us);
        CHECK(information() == 2);
    }
    SECTION("3: no such type") {
        submit({{GENERATE(0ULL, 6ULL, 9ULL, 0xaULL, 0xfULL, 4ULL | 1ULL << 9, 5ULL | 4ULL << 9), 0}});
        by(1_us);
        CHECK(information() == 3);
    }
    SECTION("4: a reserved field") {
        submit({GENERATE(Command128{4 | 1U << 5, 0}, Command128{4, 1}, Command128{4 | 1ULL << 48, 0},
                         Command128{5 | 1U << 7, 0}, Command128{5 | 1U << 12, 0}, Command128{5, 1}, Command128{5, 2})});
        by(1_us);
        CHECK(information() == 4);
    }
    SECTION("5: descriptors of 256 bits on a unit that knows no scalable mode") {
        w64(IQA, QUEUE | 1U << 11);
        w64(IQT, 32);
        by(1_us);
        CHECK(information() == 5);
    }
    SECTION("6: the tail is not aligned to 256 bits") {
        w64(IQA, QUEUE | 1U << 11);
        w64(IQT, 16);
        CHECK(information() == 6);
    }
    CHECK(stopped());
    CHECK((r64(IQH) & ~0x7fff0ULL) == 0);
    CHECK(r64(IQH) == 0);
}

TEST_CASE_METHOD(QueueFixture, "IQEI 7: a translation mode that the unit does not have", "[vtd][VTD-24]") {
    const std::uint64_t mode = GENERATE(1U, 2U, 3U);
    w64(RTADDR, mode << 10U);
    set_and_wait(SRTP);
    submit({NO_OP});
    by(1_us);
    CHECK(information() == 7);
}

TEST_CASE_METHOD(QueueFixture, "the translation mode acts when SRTP latches it", "[vtd][VTD-24]") {
    w64(RTADDR, 1U << 10U);
    submit({NO_OP});
    by(1_us);
    CHECK_FALSE(stopped());
}

TEST_CASE("WI-63: scalable and abort-DMA mode take 256-bit descriptors only, and types up to Ah",
          "[vtd][VTD-24][WI-63]") {
    const bool scalable = GENERATE(true, false);
    VtdProfile profile;
    (scalable ? profile.scalable_mode : profile.abort_dma_mode) = true;
    VtdFixture f;
    f.make(profile);
    f.start();
    f.w64(RTADDR, (scalable ? 1ULL : 3ULL) << 10U);
    f.set_and_wait(SRTP);
    SECTION("128 bits: every descriptor is invalid") {
        f.submit({wait_for(WAIT_SW, 1, STATUS)});
        f.by(1_us);
        CHECK((f.r64(IQERCD) & 0xfU) == 5);
    }
    SECTION("256 bits") {
        f.w64(IQA, QUEUE | 1U << 11);
        f.memory.put(QUEUE, 0xa);
        f.memory.put(QUEUE + 32, wait_for(WAIT_SW, 7, STATUS).low);
        f.memory.put(QUEUE + 40, STATUS);
        f.w64(IQT, 64);
        f.by(5_us);
        CHECK(f.memory.u32(STATUS) == 7);
        CHECK(f.r64(IQH) == 64);
        f.memory.put(QUEUE + 64, 4);
        f.memory.put(QUEUE + 64 + 16, 1);  // quadword 2 is reserved
        f.w64(IQT, 96);
        f.by(1_us);
        CHECK((f.r64(IQERCD) & 0xfU) == 4);
        f.memory.put(QUEUE + 64, 0xb);
        f.w32(FSTS, IQE);
        f.by(1_us);
        CHECK((f.r64(IQERCD) & 0xfU) == 3);
    }
}

TEST_CASE("a unit with abort-DMA mode alone takes 256-bit descriptors in legacy mode as well", "[vtd][VTD-24]") {
    VtdProfile profile;
    profile.abort_dma_mode = true;
    VtdFixture f;
    f.make(profile);
    f.w64(IQA, QUEUE | 1U << 11);
    f.set_and_wait(QIE);
    f.memory.put(QUEUE, wait_for(WAIT_SW, 7, STATUS).low);
    f.memory.put(QUEUE + 8, STATUS);
    f.w64(IQT, 32);
    f.by(2_us);
    CHECK(f.memory.u32(STATUS) == 7);
    CHECK((f.r32(FSTS) & IQE) == 0);
}

TEST_CASE_METHOD(QueueFixture, "WI-6: on an error IQH stays at the bad descriptor; what was fetched before completes",
                 "[vtd][VTD-25][WI-6]") {
    submit({invalidate_all(), wait_for(WAIT_SW, 3, STATUS), {0xf, 0}, wait_for(WAIT_SW, 9, STATUS)});
    by(10_us);
    CHECK(stopped());
    CHECK(r64(IQH) == 32);
    CHECK(memory.u32(STATUS) == 3);
    CHECK(fetched.size() == 3);
    CHECK(fetched[2].position == 2);
    CHECK(fetched[2].error == 3);
    w64(IQT, tail + 16);  // a tail write fetches nothing while IQE is 1
    by(10_us);
    CHECK(fetched.size() == 3);
}

TEST_CASE_METHOD(QueueFixture, "WI-7: repaired and with IQE cleared the queue goes on by itself",
                 "[vtd][VTD-25][WI-7]") {
    submit({{0xf, 0}, wait_for(WAIT_SW, 9, STATUS)});
    by(1_us);
    REQUIRE(stopped());
    memory.put(QUEUE, NO_OP.low);
    w32(FSTS, IQE);
    CHECK(information() == 0);
    by(5_us);
    CHECK(memory.u32(STATUS) == 9);
    CHECK(r64(IQH) == 32);
    CHECK_FALSE(stopped());
}

TEST_CASE_METHOD(QueueFixture, "not repaired it stops there again", "[vtd][VTD-25]") {
    submit({{0xf, 0}});
    by(1_us);
    w32(FSTS, IQE);
    CHECK_FALSE(stopped());
    by(1_us);
    CHECK(stopped());
    CHECK(information() == 3);
}

// ---- the ring

TEST_CASE_METHOD(QueueFixture, "WI-16: IQH = IQT is an empty queue: nothing is fetched, nothing completes",
                 "[vtd][VTD-26][WI-16]") {
    w64(IQT, 0);
    by(10_us);
    CHECK(fetched.empty());
    CHECK(unit->idle());
}

TEST_CASE_METHOD(QueueFixture, "the ring wraps at its size: 255 of 256 slots may be filled, and 255 more",
                 "[vtd][VTD-26]") {
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 255; ++i) {
            queue({NO_OP});
        }
        w64(IQT, tail);
        by(100_us);
        CHECK(r64(IQH) == tail);
        CHECK(fetched.size() == 255U * static_cast<unsigned>(round + 1));
    }
    CHECK(tail == 510 % 256 * 16);
    CHECK_FALSE(stopped());
}

TEST_CASE_METHOD(QueueFixture, "QS gives 2^QS pages", "[vtd][VTD-26]") {
    for (std::uint64_t slot = 0; slot < 512; ++slot) {
        memory.put(QUEUE + 16 * slot, NO_OP.low);
    }
    w64(IQA, QUEUE | 1);
    w64(IQT, 0x1000);  // 256 descriptors ahead, of 512
    by(100_us);
    CHECK(r64(IQH) == 0x1000);
    CHECK_FALSE(stopped());
    w64(IQT, 0x2000);
    by(100_us);
    CHECK(stopped());
}

TEST_CASE_METHOD(QueueFixture, "the base must not change while the queue is not empty", "[vtd][VTD-26]") {
    w64(IQA, QUEUE);
    CHECK(diagnoses.empty());
    submit({NO_OP});
    w64(IQA, QUEUE);
    CHECK(diagnosed(Kind::Misuse));
}

// ---- execution

TEST_CASE_METHOD(QueueFixture, "latencies: a fetch each, one behind the other; an invalidation beside the next fetch",
                 "[vtd][VTD-27][latency]") {
    const Instant begin = now();
    submit({invalidate_all(), wait_for(WAIT_SW, 1, STATUS)});
    to(begin + QI_FETCH - 1_fs);
    CHECK(r64(IQH) == 0);
    by(1_fs);
    CHECK(r64(IQH) == 16);
    to(begin + QI_FETCH + QI_FETCH);
    CHECK(r64(IQH) == 32);
    to(begin + QI_FETCH + IEC_INV + STATUS_WRITE - 1_fs);
    CHECK(memory.u32(STATUS) == 0);
    by(1_fs);
    CHECK(memory.u32(STATUS) == 1);
}

TEST_CASE_METHOD(QueueFixture, "a wait completes behind every invalidation since the wait before it", "[vtd][VTD-27]") {
    submit({invalidate(1), invalidate(2), {1, 0}, {2, 0}, {3, 0}, wait_for(WAIT_SW, 1, STATUS)});
    by(QI_FETCH * 5 + IEC_INV + STATUS_WRITE - 1_fs);
    CHECK(memory.u32(STATUS) == 0);
    by(1_fs);
    CHECK(memory.u32(STATUS) == 1);
}

TEST_CASE_METHOD(QueueFixture, "WI-62: of two waits the second may be first, unless the first has FN",
                 "[vtd][VTD-27][WI-62]") {
    const bool turned = GENERATE(false, true);
    const bool fence = GENERATE(false, true);
    if (turned) {
        choices.script["vtd.wait_order"] = {1};
    }
    submit({invalidate_all(), wait_for(WAIT_SW | (fence ? WAIT_FN : 0), 1, STATUS), wait_for(WAIT_SW, 2, STATUS + 4)});
    by(10_us);
    REQUIRE(waits.size() == 2);
    CHECK(waits[0].data == (turned && !fence ? 2U : 1U));
    CHECK(choices.log().size() == (fence ? 0 : 1));
    CHECK(memory.u32(STATUS) == 1);
    CHECK(memory.u32(STATUS + 4) == 2);
}

TEST_CASE_METHOD(QueueFixture, "behind a fence nothing is executed before it is complete; without, it may be",
                 "[vtd][VTD-27]") {
    const bool fence = GENERATE(false, true);
    submit({invalidate(1), wait_for(fence ? WAIT_FN : 0), invalidate(2)});
    const Instant begin = now();
    by(10_us);
    REQUIRE(invalidated.size() == 2);
    const Duration second = fence ? QI_FETCH + IEC_INV + QI_FETCH + IEC_INV : QI_FETCH * 3 + IEC_INV;
    CHECK(invalidated[1].at == begin + second);
}

// ---- wait descriptors

TEST_CASE_METHOD(QueueFixture, "WI-15: a wait with SW writes STDATA to STADDR, 4 bytes", "[vtd][VTD-28][WI-15]") {
    memory.put(STATUS, ~0ULL);
    submit({wait_for(WAIT_SW, 0x1234'5678, STATUS)});
    by(5_us);
    CHECK(memory.u64(STATUS) == 0xffff'ffff'1234'5678);
    CHECK(r32(ICS) == 0);
}

TEST_CASE_METHOD(QueueFixture, "a wait with IF sets IWC and raises the event, once until software clears it",
                 "[vtd][VTD-28]") {
    w32(IECTL, 0);
    w32(IEDATA, 0x41);
    w32(IEADDR, 0xfee0'3000);
    submit({wait_for(WAIT_IF)});
    by(5_us);
    CHECK(r32(ICS) == 1);
    REQUIRE(output.delivered.size() == 1);
    CHECK(output.delivered[0].message.vector == 0x41);
    submit({wait_for(WAIT_IF)});
    by(5_us);
    CHECK(output.delivered.size() == 1);
    w32(ICS, 1);
    submit({wait_for(WAIT_IF)});
    by(5_us);
    CHECK(output.delivered.size() == 2);
}

TEST_CASE_METHOD(QueueFixture, "WI-8: a wait with SW and IF does both, the status first", "[vtd][VTD-28][WI-8]") {
    w32(IECTL, 0);
    std::uint32_t seen = 0;
    unit->event_raised.subscribe([&](const vtd::EventRaised& e) {
        CHECK(e.sent);
        seen = memory.u32(STATUS);
    });
    submit({wait_for(WAIT_SW | WAIT_IF, 5, STATUS)});
    by(5_us);
    CHECK(seen == 5);
    CHECK(waits.size() == 1);
}

TEST_CASE_METHOD(QueueFixture, "WI-9: a wait with neither is a legal no-op", "[vtd][VTD-28][WI-9]") {
    submit({wait_for(0), wait_for(WAIT_FN)});
    by(5_us);
    CHECK_FALSE(stopped());
    CHECK(waits.size() == 2);
    CHECK(r32(ICS) == 0);
    CHECK(r64(IQH) == 32);
}

TEST_CASE_METHOD(QueueFixture, "address bits of STADDR above the host address width are ignored", "[vtd][VTD-28]") {
    submit({wait_for(WAIT_SW, 6, STATUS | 1ULL << 46U)});
    by(5_us);
    CHECK(memory.u32(STATUS) == 6);
}

TEST_CASE_METHOD(QueueFixture, "a status write that leads to no memory is lost, and diagnosed", "[vtd][VTD-28]") {
    submit({wait_for(WAIT_SW | WAIT_IF, 6, MEMORY_END)});
    by(5_us);
    CHECK(diagnosed(Kind::Misuse));
    CHECK(r32(ICS) == 1);
}

// ---- index-selective

TEST_CASE_METHOD(QueueFixture, "an index-selective invalidation takes 2^IM entries from the aligned index",
                 "[vtd][VTD-29]") {
    const unsigned mask = GENERATE(0U, 1U, 3U);
    for (std::uint32_t i = 0; i < 16; ++i) {
        put(i, Entry{}.to(i));
        request(i);
    }
    submit_and_wait(invalidate(0xb, mask));
    REQUIRE(invalidated.size() == 1);
    CHECK_FALSE(invalidated[0].global);
    CHECK(invalidated[0].first == (0xbU >> mask << mask));
    CHECK(invalidated[0].dropped == 1U << mask);
    for (std::uint32_t i = 0; i < 16; ++i) {
        request(i);
        CHECK(used.back().cached == (i >> mask != 0xbU >> mask));
    }
}

TEST_CASE("a mask above MHMV is taken as global and diagnosed, or is an error", "[vtd][VTD-29]") {
    const bool error = GENERATE(false, true);
    VtdProfile profile;
    profile.max_index_mask = 2;
    profile.mask_too_large = error ? MaskTooLarge::Error : MaskTooLarge::Global;
    VtdFixture f;
    f.make(profile);
    f.start();
    f.put(100, Entry{});
    f.request(100);
    f.submit({invalidate(0, 3)});
    f.by(5_us);
    CHECK(f.unit->cache().size() == (error ? 1 : 0));
    CHECK((f.r64(IQERCD) & 0xfU) == (error ? 4 : 0));
    CHECK(f.diagnosed(Kind::Misuse) == !error);
}
