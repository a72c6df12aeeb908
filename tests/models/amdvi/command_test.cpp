// SPDX-License-Identifier: Apache-2.0
// CONTROL, the command buffer and COMPLETION_WAIT: AMDVI-1, AMDVI-2, AMDVI-14, AMDVI-15, AMDVI-19.
#include "tests/models/amdvi/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

// ---- CONTROL

TEST_CASE_METHOD(AmdviFixture, "a write of CONTROL reads back at once and takes effect when its time is over",
                 "[amdvi][AMDVI-1]") {
    bases();
    w64(CONTROL, RUNNING);
    CHECK(r64(CONTROL) == RUNNING);
    by(CONTROL_LATENCY - 1_fs);
    CHECK(status() == 0);
    CHECK_FALSE(unit->enabled());
    by(1_fs);
    CHECK(status() == (CMD_BUF_RUN | EVENT_LOG_RUN));
    CHECK(unit->enabled());
}

TEST_CASE_METHOD(AmdviFixture, "two writes of CONTROL take effect one after the other", "[amdvi][AMDVI-1]") {
    bases();
    w64(CONTROL, RUNNING);
    by(10_ns);
    w64(CONTROL, IOMMU_EN);
    by(CONTROL_LATENCY - 1_ns);
    CHECK(status() == (CMD_BUF_RUN | EVENT_LOG_RUN));
    by(1_ns);
    CHECK(status() == 0);
    CHECK(unit->enabled());
}

TEST_CASE_METHOD(AmdviFixture, "without IommuEn neither commands are fetched nor events logged", "[amdvi][AMDVI-1]") {
    bases();
    control(EVENT_LOG_EN | CMD_BUF_EN);
    CHECK(status() == 0);
    submit({completion_wait(WAIT_STORE)});
    by(5_us);
    CHECK(waits.empty());
}

TEST_CASE_METHOD(AmdviFixture, "the size of entries must not change while the unit is on", "[amdvi][AMDVI-1]") {
    start();
    control(RUNNING | GA_EN);
    CHECK(diagnosed(Kind::Misuse));
}

TEST_CASE_METHOD(AmdviFixture, "the order of Linux is not diagnosed: bases, command buffer, log, features, IommuEn",
                 "[amdvi][AMDVI-1]") {
    bases();
    control(CMD_BUF_EN);
    control(CMD_BUF_EN | EVENT_LOG_EN);
    control(CMD_BUF_EN | EVENT_LOG_EN | GA_EN | XT_EN);
    control(RUNNING | GA_EN | XT_EN);
    submit_and_wait(invalidate_all());
    CHECK(diagnoses.empty());
}

TEST_CASE_METHOD(AmdviFixture, "a write of a ring's base sets its head and tail to 0", "[amdvi][AMDVI-2]") {
    w64(CMD_TAIL, 0x40);
    w64(CMD_HEAD, 0x30);
    w64(EVENT_TAIL, 0x20);
    w64(EVENT_HEAD, 0x10);
    w64(CMD_BASE, COMMANDS | 9ULL << 56U);
    CHECK(r64(CMD_TAIL) == 0);
    CHECK(r64(CMD_HEAD) == 0);
    CHECK(r64(EVENT_TAIL) == 0x20);
    w64(EVENT_BASE, LOG | 9ULL << 56U);
    CHECK(r64(EVENT_TAIL) == 0);
    CHECK(r64(EVENT_HEAD) == 0);
}

TEST_CASE_METHOD(AmdviFixture, "a base changed in use, or a ring of less than 256 entries, is diagnosed",
                 "[amdvi][AMDVI-2]") {
    SECTION("in use") {
        start();
        w64(GENERATE(DEV_TAB_BASE, CMD_BASE, EVENT_BASE), LOG | 9ULL << 56U);
        CHECK(diagnosed(Kind::Misuse));
    }
    SECTION("short") {
        w64(CMD_BASE, COMMANDS | 8ULL << 56U);
        CHECK(diagnoses.empty());
        w64(CMD_BASE, COMMANDS | 7ULL << 56U);
        CHECK(diagnosed(Kind::Misuse));
    }
}

// ---- the ring

TEST_CASE_METHOD(AmdviFixture, "commands are fetched one after the other, and the head follows", "[amdvi][AMDVI-19]") {
    start();
    submit({invalidate_device(HPET), invalidate_table(HPET), completion_wait(0)});
    by(FETCH - 1_fs);
    CHECK(r64(CMD_HEAD) == 0);
    by(1_fs);
    CHECK(r64(CMD_HEAD) == 0x10);
    by(FETCH);
    CHECK(r64(CMD_HEAD) == 0x20);
    by(FETCH);
    CHECK(r64(CMD_HEAD) == 0x30);
    by(5_us);
    CHECK(r64(CMD_HEAD) == 0x30);
    CHECK(unit->idle());
}

TEST_CASE_METHOD(AmdviFixture, "the ring wraps at its length", "[amdvi][AMDVI-19]") {
    bases();
    w64(CMD_BASE, COMMANDS | 8ULL << 56U);
    w64(CMD_HEAD, 0xff0);
    w64(CMD_TAIL, 0x10);
    memory.put(COMMANDS + 0xff0, completion_wait(WAIT_STORE, 1).low);
    memory.put(COMMANDS + 0xff8, 1);
    memory.put(COMMANDS, completion_wait(WAIT_STORE, 2, STORED + 8).low);
    memory.put(COMMANDS + 8, 2);
    control(RUNNING);
    by(1_us);
    CHECK(r64(CMD_HEAD) == 0x10);
    CHECK(memory.u64(STORED) == 1);
    CHECK(memory.u64(STORED + 8) == 2);
}

TEST_CASE_METHOD(AmdviFixture, "behind the last command of the ring the head reads 0", "[amdvi][AMDVI-19]") {
    bases();
    w64(CMD_BASE, COMMANDS | 8ULL << 56U);
    w64(CMD_HEAD, 0xff0);
    w64(CMD_TAIL, 0);
    memory.put(COMMANDS + 0xff0, completion_wait(WAIT_STORE).low);
    control(RUNNING);
    by(1_us);
    CHECK(waits.size() == 1);
    CHECK(r64(CMD_HEAD) == 0);
}

TEST_CASE_METHOD(AmdviFixture, "a tail beyond the buffer counts within it", "[amdvi][AMDVI-19]") {
    start();
    memory.put(COMMANDS, completion_wait(0).low);
    w64(CMD_TAIL, 0x2010);
    by(5_us);
    CHECK(waits.size() == 1);
    CHECK(r64(CMD_HEAD) == 0x10);
    CHECK(unit->idle());
}

TEST_CASE_METHOD(AmdviFixture, "the head must not be written while commands are fetched", "[amdvi][AMDVI-19]") {
    start();
    w64(CMD_HEAD, 0);
    CHECK(diagnosed(Kind::Misuse));
}

TEST_CASE_METHOD(AmdviFixture, "a command on its way when CmdBufEn is cleared is not executed", "[amdvi][AMDVI-19]") {
    start();
    at(now() + CONTROL_LATENCY - 10_ns, [&] { submit({completion_wait(WAIT_STORE)}); });
    control(IOMMU_EN | EVENT_LOG_EN);
    CHECK(waits.empty());
    CHECK(r64(CMD_HEAD) == 0);
    control(RUNNING);
    CHECK(waits.size() == 1);
}

// ---- errors

TEST_CASE_METHOD(AmdviFixture, "a command that does not exist, or has a reserved bit set, is an ILLEGAL_COMMAND_ERROR",
                 "[amdvi][AMDVI-14]") {
    start();
    const auto bad =
        GENERATE(Command{0, 0}, Command{6ULL << 60U, 0}, Command{7ULL << 60U, 0}, Command{9ULL << 60U, 0},
                 Command{15ULL << 60U, 0}, Command{invalidate_table(HPET).low | 1U << 16U, 0},
                 Command{invalidate_table(HPET).low, 1}, Command{invalidate_device(HPET).low | 1ULL << 59U, 0},
                 Command{invalidate_all().low | 1, 0}, Command{completion_wait(0).low | 1ULL << 52U, 0});
    submit({completion_wait(0), bad, completion_wait(0)});
    by(5_us);
    CHECK(event_low() == code(EventCode::IllegalCommandError));
    CHECK(event_high() == COMMANDS + 0x10);
    CHECK(r64(CMD_HEAD) == 0x10);  // it stays at it
    CHECK((status() & CMD_BUF_RUN) == 0);
    CHECK(waits.size() == 1);
}

TEST_CASE_METHOD(AmdviFixture, "commands of DMA remapping are accepted and do nothing", "[amdvi][AMDVI-14]") {
    start();
    submit({{3ULL << 60U, 7}, {4ULL << 60U | 0x100, 3}, completion_wait(WAIT_STORE)});
    by(5_us);
    CHECK(waits.size() == 1);
    CHECK(events() == 0);
}

TEST_CASE_METHOD(AmdviFixture, "the buffer goes on when the command is repaired and CmdBufEn is cleared and set",
                 "[amdvi][AMDVI-14]") {
    start();
    submit({Command{}, completion_wait(WAIT_STORE)});
    by(2_us);
    memory.put(COMMANDS, invalidate_table(HPET).low);
    w64(CMD_TAIL, 0x20);
    by(2_us);
    CHECK(waits.empty());
    control(IOMMU_EN | EVENT_LOG_EN);
    control(RUNNING);
    by(2_us);
    CHECK(waits.size() == 1);
    CHECK((status() & CMD_BUF_RUN) != 0);
}

TEST_CASE_METHOD(AmdviFixture, "a command that cannot be read is a COMMAND_HARDWARE_ERROR", "[amdvi][AMDVI-14]") {
    start();
    memory.broken = COMMANDS;
    memory.broken_end = COMMANDS + 16;
    w64(CMD_TAIL, 0x10);
    by(2_us);
    CHECK(event_low() == (code(EventCode::CommandHardwareError) | 3ULL << 57U));
    CHECK(event_high() == COMMANDS);
    CHECK((status() & CMD_BUF_RUN) == 0);
}

TEST_CASE_METHOD(AmdviFixture, "a store that leads to no memory is a COMMAND_HARDWARE_ERROR at its address",
                 "[amdvi][AMDVI-14]") {
    start();
    submit({completion_wait(WAIT_STORE, 1, 0x1000'0000), completion_wait(WAIT_STORE)});
    by(2_us);
    CHECK(event_low() == (code(EventCode::CommandHardwareError) | 3ULL << 57U));
    CHECK(event_high() == 0x1000'0000);
    CHECK((status() & CMD_BUF_RUN) == 0);
}

TEST_CASE_METHOD(AmdviFixture, "a command on its way when a store fails is not executed", "[amdvi][AMDVI-14]") {
    start();
    submit({completion_wait(WAIT_STORE, 1, 0x1000'0000), completion_wait(WAIT_STORE, 7)});
    by(FETCH + STORE);
    REQUIRE((status() & CMD_BUF_RUN) == 0);
    by(2_us);
    CHECK(r64(CMD_HEAD) == 0x10);
    CHECK(memory.u64(STORED) == 0);
}

// ---- COMPLETION_WAIT

TEST_CASE_METHOD(AmdviFixture, "s stores eight bytes, i sets ComWaitInt; both: the store first; neither is legal",
                 "[amdvi][AMDVI-15]") {
    start();
    const std::uint64_t flags = GENERATE(std::uint64_t{0}, WAIT_STORE, WAIT_INTERRUPT, WAIT_STORE | WAIT_INTERRUPT);
    submit({completion_wait(flags, 0x0123'4567'89ab'cdef)});
    by(2_us);
    REQUIRE(waits.size() == 1);
    CHECK(memory.u64(STORED) == ((flags & WAIT_STORE) != 0 ? 0x0123'4567'89ab'cdef : 0));
    CHECK(((status() & COM_WAIT_INT) != 0) == ((flags & WAIT_INTERRUPT) != 0));
    CHECK(interrupts.empty());  // ComWaitIntEn is 0
}

TEST_CASE_METHOD(AmdviFixture, "a wait is complete when all invalidations before it are; they overlap",
                 "[amdvi][AMDVI-15]") {
    start();
    const Instant begin = now();
    submit({invalidate_device(HPET), invalidate_table(HPET), completion_wait(WAIT_STORE)});
    by(5_us);
    REQUIRE(waits.size() == 1);
    CHECK(waits[0].at == begin + FETCH + FETCH + INVALIDATION + STORE);
}

TEST_CASE_METHOD(AmdviFixture, "waits complete in the order of the buffer", "[amdvi][AMDVI-15]") {
    start();
    submit({invalidate_table(HPET), completion_wait(WAIT_STORE, 1), completion_wait(WAIT_STORE, 2)});
    by(5_us);
    REQUIRE(waits.size() == 2);
    CHECK(waits[0].data == 1);
    CHECK(waits[1].at == waits[0].at + STORE);
}

TEST_CASE_METHOD(AmdviFixture, "with f nothing behind a wait is fetched before it is complete", "[amdvi][AMDVI-15]") {
    start();
    const bool flush = GENERATE(false, true);
    submit({invalidate_table(HPET), completion_wait(flush ? WAIT_FLUSH : 0), invalidate_table(HPET)});
    by(FETCH * 3);
    CHECK(r64(CMD_HEAD) == (flush ? 0x20 : 0x30));
    by(INVALIDATION);
    CHECK(r64(CMD_HEAD) == 0x30);
}

TEST_CASE_METHOD(AmdviFixture, "a read of STATUS stays behind a store and an interrupt that are on their way",
                 "[amdvi][AMDVI-15]") {
    start(COM_WAIT_INT_EN);
    interrupts_to(1, 0x41);
    submit({completion_wait(WAIT_STORE | WAIT_INTERRUPT)});
    by(FETCH);
    r64(CONTROL);
    CHECK(unit->completion_may_leave(now()) == now());
    r64(STATUS);
    CHECK(unit->completion_may_leave(now()) == now() + STORE);
    by(STORE);
    r64(STATUS);
    CHECK(unit->completion_may_leave(now()) == now() + ROOT_TO_LAPIC + ACCEPT);
}
