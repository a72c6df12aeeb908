// SPDX-License-Identifier: Apache-2.0
// The event log, the unit's own interrupt, accesses, reset: AMDVI-10, AMDVI-11, AMDVI-20.
#include "models/regs/print.hpp"
#include "tests/models/amdvi/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

struct LogFixture : AmdviFixture {
    void fault() {
        const std::size_t before = blocked.size();
        request(NMI);
        REQUIRE(blocked.size() == before + 1);
    }
    /// A log of 256 events that has room for `left`.
    void start_with_room(unsigned left, std::uint64_t more = 0) {
        bases();
        w64(EVENT_BASE, LOG | 8ULL << 56U);
        control(RUNNING | more);
        w64(EVENT_TAIL, 0);
        w64(EVENT_HEAD, (std::uint64_t{left} + 1) * 16);
        device(Device{});
    }
};

}  // namespace

TEST_CASE_METHOD(LogFixture, "events follow each other in the log, and the tail follows them", "[amdvi][AMDVI-10]") {
    start();
    device(Device{});
    fault();
    fault();
    CHECK(r64(EVENT_TAIL) == 0x20);
    CHECK(event_low(0) == event_low(1));
    CHECK(blocked[1].position == 1);
    CHECK((status() & EVENT_LOG_INT) != 0);
}

TEST_CASE_METHOD(LogFixture, "the log wraps at its length", "[amdvi][AMDVI-10]") {
    start_with_room(4);
    w64(EVENT_TAIL, 0xff0);
    fault();
    CHECK(r64(EVENT_TAIL) == 0);
    CHECK(event_low(255) != 0);
}

TEST_CASE_METHOD(LogFixture, "a full log keeps one place free: the next event is lost and logging stops",
                 "[amdvi][AMDVI-10]") {
    start_with_room(1);
    fault();
    CHECK(blocked.back().recorded == Recorded::Written);
    CHECK((status() & EVENT_OVERFLOW) == 0);
    fault();
    CHECK(blocked.back().recorded == Recorded::Overflowed);
    CHECK((status() & (EVENT_OVERFLOW | EVENT_LOG_RUN)) == EVENT_OVERFLOW);
    CHECK(event_low(1) == 0);
    w64(EVENT_HEAD, 0x10);  // room alone does not help
    fault();
    CHECK(blocked.back().recorded == Recorded::NotLogging);
}

TEST_CASE_METHOD(LogFixture,
                 "after an overflow the log runs again when EventOverflow is cleared and EventLogEn set anew",
                 "[amdvi][AMDVI-10]") {
    start_with_room(0);
    fault();
    control(IOMMU_EN | CMD_BUF_EN);
    SECTION("without clearing it does not") {
        control(RUNNING);
        CHECK((status() & EVENT_LOG_RUN) == 0);
    }
    SECTION("with clearing it does") {
        w64(STATUS, EVENT_OVERFLOW);
        w64(EVENT_HEAD, 0);
        control(RUNNING);
        CHECK((status() & EVENT_LOG_RUN) != 0);
        fault();
        CHECK(blocked.back().recorded == Recorded::Written);
    }
}

TEST_CASE_METHOD(LogFixture, "without EventLogEn a request is blocked all the same, and nothing is logged",
                 "[amdvi][AMDVI-10]") {
    bases();
    control(IOMMU_EN | CMD_BUF_EN);
    device(Device{});
    fault();
    CHECK(blocked.back().recorded == Recorded::NotLogging);
    CHECK(status() == CMD_BUF_RUN);
}

TEST_CASE_METHOD(LogFixture, "an event that leads to no memory is lost, and diagnosed", "[amdvi][AMDVI-10]") {
    start();
    device(Device{});
    memory.broken = LOG;
    memory.broken_end = LOG + 16;
    fault();
    CHECK(blocked.back().recorded == Recorded::NoMemory);
    CHECK(amdvi::describe(blocked.back()) ==
          "request of 00:14.0 is blocked: NMIPass = 0, and an NMI is never remapped; IO_PAGE_FAULT, lost: EVENT_BASE "
          "leads to no memory");
    REQUIRE(diagnoses.size() == 1);
    CHECK(amdvi::describe(diagnoses[0]) ==
          "misuse: an event is written where no memory is (EVENT_BASE, 0x0900000000400000)");
    fault();
    CHECK(blocked.back().recorded == Recorded::Written);
    CHECK(blocked.back().position == 1);
    CHECK(diagnoses.size() == 1);
}

// ---- the interrupt

TEST_CASE_METHOD(LogFixture, "EventLogInt interrupts by the MSI when it becomes 1, not while it is",
                 "[amdvi][AMDVI-11]") {
    start(EVENT_INT_EN);
    device(Device{});
    interrupts_to(2, 0x41);
    fault();
    fault();  // the bit is 1 already
    REQUIRE(interrupts.size() == 1);
    CHECK(interrupts[0].message.destination == 2);
    CHECK(interrupts[0].message.vector == 0x41);
    CHECK(interrupts[0].message.mode == DeliveryMode::Fixed);
    CHECK(interrupts[0].message.token.source == Source::Remapper);
    w64(STATUS, EVENT_LOG_INT);
    fault();
    CHECK(interrupts.size() == 2);
}

TEST_CASE_METHOD(LogFixture, "without EventIntEn, or without MsiEn, the unit does not interrupt", "[amdvi][AMDVI-11]") {
    const bool enabled = GENERATE(true, false);
    start(enabled ? EVENT_INT_EN : 0);
    device(Device{});
    interrupts_to(2, 0x41);
    w32(MSI_CAP, enabled ? 0 : 1U << 16U);
    fault();
    CHECK(interrupts.empty());
    CHECK((status() & EVENT_LOG_INT) != 0);
}

TEST_CASE_METHOD(LogFixture, "an MSI address or data that makes no interrupt loses it, and is diagnosed",
                 "[amdvi][AMDVI-11]") {
    start(EVENT_INT_EN);
    device(Device{});
    interrupts_to(2, 0x41);
    SECTION("an address of memory") { w32(MSI_ADDR_LO, 0xfed0'0000); }
    SECTION("a reserved delivery mode") { w32(MSI_DATA, 0x341); }
    fault();
    CHECK(interrupts.empty());
    CHECK((status() & EVENT_LOG_INT) != 0);
    REQUIRE(diagnoses.size() == 1);
    CHECK_THAT(amdvi::describe(diagnoses[0]), Catch::StartsWith("misuse: the unit's own interrupt is lost"));
}

TEST_CASE_METHOD(LogFixture, "EventIntEn set while EventLogInt is 1 already sends nothing", "[amdvi][AMDVI-11]") {
    start();
    device(Device{});
    interrupts_to(2, 0x41);
    fault();
    REQUIRE((status() & EVENT_LOG_INT) != 0);
    control(RUNNING | EVENT_INT_EN);
    CHECK(interrupts.empty());
    w64(STATUS, EVENT_LOG_INT);
    fault();
    CHECK(interrupts.size() == 1);
}

TEST_CASE_METHOD(LogFixture, "an overflow interrupts as well", "[amdvi][AMDVI-11]") {
    start_with_room(1, EVENT_INT_EN);
    interrupts_to(2, 0x41);
    fault();
    fault();
    CHECK(interrupts.size() == 2);
}

TEST_CASE_METHOD(LogFixture, "ComWaitInt interrupts with ComWaitIntEn", "[amdvi][AMDVI-11]") {
    start(COM_WAIT_INT_EN);
    interrupts_to(2, 0x41);
    submit({completion_wait(WAIT_INTERRUPT), completion_wait(WAIT_INTERRUPT)});
    by(5_us);
    CHECK(interrupts.size() == 1);
    w64(STATUS, COM_WAIT_INT);
    submit({completion_wait(WAIT_INTERRUPT)});
    by(5_us);
    CHECK(interrupts.size() == 2);
}

TEST_CASE_METHOD(LogFixture, "with IntCapXTEn the interrupt is XT_INT_CTRL's, with 32 bits of destination",
                 "[amdvi][AMDVI-11]") {
    start(EVENT_INT_EN | GA_EN | XT_EN | INT_CAP_XT_EN);
    device(Device{});
    w64(XT_INT_CTRL, 0x12ULL << 56U | 1ULL << 40U | 0x41ULL << 32U | 0x34'5678ULL << 8U | 1U << 2U);
    fault();
    REQUIRE(interrupts.size() == 1);
    CHECK(interrupts[0].message.destination == 0x1234'5678);
    CHECK(interrupts[0].message.vector == 0x41);
    CHECK(interrupts[0].message.wide);
    CHECK(interrupts[0].message.logical);
    CHECK(interrupts[0].message.mode == DeliveryMode::LowestPriority);
}

TEST_CASE_METHOD(LogFixture, "the unit's own interrupt is no interrupt of a device: it is not looked up",
                 "[amdvi][AMDVI-11]") {
    start(EVENT_INT_EN);
    interrupts_to(2, 0x41);
    device(Device{});
    fault();
    CHECK(output.delivered.size() == 1);
    CHECK(devices_used.size() == 1);  // of the NMI
    REQUIRE(hops.size() == 2);
    CHECK(hops[0].hop == Hop::Matched);
    CHECK(hops[1].hop == Hop::Posted);
}

// ---- accesses

TEST_CASE_METHOD(AmdviFixture, "a register of 64 bits may be accessed as two halves", "[amdvi][AMDVI-20]") {
    w32(DEV_TAB_BASE, 0x1234'5003);
    w32(DEV_TAB_BASE + 4, 0x000a'bcde);
    CHECK(r64(DEV_TAB_BASE) == 0x000a'bcde'1234'5003);
    CHECK(unit->read(DEV_TAB_BASE + 4, Size::B4) == 0x000a'bcde);
}

TEST_CASE_METHOD(AmdviFixture, "an access of another size writes nothing, is diagnosed, and reads ones or 0",
                 "[amdvi][AMDVI-20]") {
    AmdviProfile profile;
    profile.bad_size_reads = GENERATE(BadSizeReads::Ones, BadSizeReads::Zero);
    make(profile);
    const Size size = GENERATE(Size::B1, Size::B2);
    unit->write(DEV_TAB_BASE, size, 0xffff);
    CHECK(r64(DEV_TAB_BASE) == 0);
    const std::uint64_t ones = size == Size::B1 ? 0xff : 0xffff;
    CHECK(unit->read(DEV_TAB_BASE, size) == (profile.bad_size_reads == BadSizeReads::Ones ? ones : 0));
    CHECK(diagnosed(Kind::Size));
}

TEST_CASE_METHOD(AmdviFixture, "a register of a feature that EFR does not report is diagnosed as such",
                 "[amdvi][AMDVI-20]") {
    CHECK(r64(GENERATE(0x38U, 0xe0U, 0x100U, 0x2030U)) == 0);
    CHECK(diagnosed(Kind::Unimplemented));
}

TEST_CASE_METHOD(LogFixture, "a reset leaves a new unit, whatever it was doing", "[amdvi][AMDVI-20]") {
    const std::string fresh = unit->dump();
    start(EVENT_INT_EN);
    device(Device{});
    fault();
    submit({invalidate_all(), completion_wait(WAIT_STORE)});
    by(FETCH);
    send(3);
    REQUIRE(unit->dump() != fresh);
    unit->reset_enter();
    unit->reset_hold();
    unit->reset_exit();
    CHECK(unit->dump() == fresh);
    CHECK(unit->idle());
    CHECK_FALSE(unit->holds_message());
    by(5_us);
    CHECK(waits.empty());
    CHECK(output.delivered.empty());
}

namespace {

/// A unit with warm caches that is in the middle of everything that it can be doing.
struct BusyUnit : LogFixture {
    BusyUnit() {
        timeline.following(false);  // SystemC's time cannot be put back
        start(COM_WAIT_INT_EN | EVENT_INT_EN);
        interrupts_to(2, 0x41);
        device(Device{}.nmi_pass());
        device(Device{}, NIC, OTHER_TABLE);
        entry(3, Entry{}.to(7));
        entry(4, Entry{}.to(8));
        entry(3, Entry{}.to(9), OTHER_TABLE);
        request(3);
        request(3, NIC);
        submit({completion_wait(WAIT_INTERRUPT)});
        by(1_us);
        w64(STATUS, COM_WAIT_INT);
        send(3, NIC);
        send(4);
        send(NMI, NIC);  // blocked: an event, and an interrupt for it
        submit({invalidate_table(NIC), completion_wait(WAIT_STORE, 2), invalidate_device(HPET),
                completion_wait(WAIT_STORE | WAIT_INTERRUPT | WAIT_FLUSH, 3), invalidate_all()});
        w64(CONTROL, IOMMU_EN | EVENT_LOG_EN);
        w64(CONTROL, RUNNING | COM_WAIT_INT_EN);
        r64(STATUS);
        at(now() + FETCH + INVALIDATION - 20_ns, [this] { send(3, NIC); });  // the wait drains it
    }
    struct Told {
        std::vector<std::uint32_t> destinations;
        std::size_t events = 0, waits = 0, interrupts = 0, entries = 0;
        std::string dump;
        std::map<std::uint64_t, std::uint8_t> memory;
    };
    /// What comes of the next 10 us.
    Told go_on() {
        output.delivered.clear();
        blocked.clear();
        waits.clear();
        interrupts.clear();
        used.clear();
        by(10_us);
        return {destinations(), blocked.size(), waits.size(), interrupts.size(),
                used.size(),    unit->dump(),   memory.bytes};
    }
};

}  // namespace

TEST_CASE_METHOD(BusyUnit, "what is copied out and back goes on as before, whatever was under way",
                 "[amdvi][AMDVI-20]") {
    // Lookups; fetches; an invalidation and two waits; CONTROL; a store; an interrupt that is not accepted yet.
    by(GENERATE(0_ns, 10_ns, MISS, FETCH, FETCH * 3, FETCH * 4, CONTROL_LATENCY, FETCH + INVALIDATION,
                FETCH + INVALIDATION + STORE, FETCH * 3 + INVALIDATION, FETCH * 3 + INVALIDATION + STORE));
    StateCopy copy;
    copy.save_anew();
    copy(timeline, *unit);
    const std::string then = unit->dump();
    const auto memory_then = memory.bytes;
    const Told first = go_on();
    CHECK(first.dump != then);
    r64(EVENT_TAIL);
    request(4, NIC);
    copy.restore_from_begin();
    copy(timeline, *unit);
    memory.bytes = memory_then;
    CHECK(unit->dump() == then);
    const Told second = go_on();
    CHECK(second.destinations == first.destinations);
    CHECK(second.events == first.events);
    CHECK(second.waits == first.waits);
    CHECK(second.interrupts == first.interrupts);
    CHECK(second.entries == first.entries);
    CHECK(second.dump == first.dump);
    CHECK(second.memory == first.memory);
}

TEST_CASE_METHOD(BusyUnit, "a dump tells a unit from one that does something else next", "[amdvi][AMDVI-20]") {
    by(FETCH);
    const std::string before = unit->dump();
    SECTION("a fetch further") { by(FETCH); }
    SECTION("another register was read last") { r64(CONTROL); }
    SECTION("another message is looked up") { send(NMI); }
    SECTION("CONTROL is written once more") { w64(CONTROL, RUNNING); }
    CHECK(unit->dump() != before);
}
