// SPDX-License-Identifier: Apache-2.0
// The command protocol: VTD-1 to VTD-11.
#include "tests/models/vtd/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

TEST_CASE_METHOD(VtdFixture, "GCMD reads 0 whatever was written", "[vtd][VTD-1]") {
    set_and_wait(QIE);
    CHECK(r32(GCMD) == 0);
    CHECK((r32(GSTS) & 0x96ff'ffffU) == QIE);
}

TEST_CASE_METHOD(VtdFixture, "a persistent bit acts where it differs from its status, a one-shot bit when it is 1",
                 "[vtd][VTD-2]") {
    set_and_wait(SIRTP);
    w32(GCMD, 0);  // SIRTP = 0 is no command
    by(2_us);
    CHECK(r32(GSTS) == SIRTP);
    set_and_wait(CFI);
    std::vector<Instant> done;
    unit->command_completed.subscribe([&](const vtd::CommandCompleted& c) { done.push_back(c.at); });
    w32(GCMD, CFI);  // as it is already
    by(2_us);
    CHECK(done.empty());
    w32(GCMD, CFI | SIRTP);  // again
    by(2_us);
    CHECK(done.size() == 1);
    clear_and_wait(CFI);
}

TEST_CASE_METHOD(VtdFixture, "WI-14: more than one control by one write is diagnosed and done one after the other",
                 "[vtd][VTD-3][WI-14]") {
    w64(IRTA, TABLE | 7);
    w32(GCMD, TE | SRTP | QIE | IRE | SIRTP | CFI);
    CHECK(diagnosed(Kind::Misuse));
    const std::uint64_t order[] = {QIE, SIRTP, CFI, IRE, SRTP, TE};
    std::uint64_t expected = 0;
    for (const std::uint64_t bit : order) {
        by(GCMD_LATENCY - 1_fs);
        CHECK(r32(GSTS) == expected);
        by(1_fs);
        expected |= bit;
        CHECK(r32(GSTS) == expected);
    }
}

TEST_CASE_METHOD(VtdFixture, "a status bit changes when the command is done, not one femtosecond before",
                 "[vtd][VTD-4]") {
    set(QIE);
    by(GCMD_LATENCY - 1_fs);
    CHECK(r32(GSTS) == 0);
    by(1_fs);
    CHECK(r32(GSTS) == QIE);
    CHECK(unit->idle());
}

TEST_CASE_METHOD(VtdFixture, "a write of GCMD before the status bit changes is diagnosed and waits its turn",
                 "[vtd][VTD-4]") {
    set(QIE);
    by(100_ns);
    w32(GCMD, QIE | SIRTP);
    CHECK(diagnosed(Kind::Misuse));
    by(GCMD_LATENCY - 100_ns);
    CHECK(r32(GSTS) == QIE);
    by(GCMD_LATENCY);
    CHECK(r32(GSTS) == (QIE | SIRTP));
}

TEST_CASE_METHOD(VtdFixture, "vtd.gcmd_stuck: that command never completes, nor does what is written after it",
                 "[vtd][VTD-4]") {
    VtdProfile profile;
    profile.gcmd_stuck = VtdCommand::Sirtp;
    make(profile);
    set_and_wait(QIE);
    CHECK(r32(GSTS) == QIE);
    set(SIRTP);
    by(1_s);
    CHECK(r32(GSTS) == QIE);
    set(IRE);
    by(1_s);
    CHECK(r32(GSTS) == QIE);
}

TEST_CASE_METHOD(VtdFixture, "a unit whose commands are stuck answers when it is let go", "[vtd][VTD-4]") {
    unit->fault_commands_stuck(true);
    set(QIE);
    by(10_us);
    CHECK(r32(GSTS) == 0);
    unit->fault_commands_stuck(false);
    CHECK(r32(GSTS) == QIE);
    set(SIRTP);
    unit->fault_commands_stuck(true);
    unit->fault_commands_stuck(false);
    CHECK(r32(GSTS) == QIE);  // not before its time
    by(GCMD_LATENCY);
    CHECK(r32(GSTS) == (QIE | SIRTP));
}

TEST_CASE_METHOD(VtdFixture, "SIRTP latches IRTA; a later write of IRTA changes what is read and nothing else",
                 "[vtd][VTD-5]") {
    table_at(TABLE, EIME);
    CHECK(unit->active_table().base == TABLE);
    CHECK(unit->active_table().entries == 256);
    CHECK(unit->active_table().eime);
    w64(IRTA, OTHER_TABLE | 15);
    CHECK(r64(IRTA) == (OTHER_TABLE | 15));
    CHECK(unit->active_table().base == TABLE);
    set(SIRTP);
    CHECK((r32(GSTS) & SIRTP) == 0);  // IRTPS is clear until the command is done
    by(GCMD_LATENCY);
    CHECK((r32(GSTS) & SIRTP) != 0);
    CHECK(unit->active_table().base == OTHER_TABLE);
    CHECK(unit->active_table().entries == 65536);
    CHECK_FALSE(unit->active_table().eime);
}

TEST_CASE_METHOD(VtdFixture, "a table that is not aligned to its size is diagnosed", "[vtd][VTD-5]") {
    w64(IRTA, 0x1000 | 8);  // 512 entries are 8 KiB
    set_and_wait(SIRTP);
    CHECK(diagnosed(Kind::Misuse));
}

TEST_CASE_METHOD(VtdFixture,
                 "WI-12: without ESIRTPS the entry cache keeps the old table over SIRTP and over IRE off and on",
                 "[vtd][VTD-6][WI-12]") {
    start();
    put(5, Entry{}.to(1));
    put(5, Entry{}.to(2), OTHER_TABLE);
    request(5);
    SECTION("SIRTP alone") {
        table_at(OTHER_TABLE);
        request(5);
        CHECK(destinations() == std::vector<std::uint32_t>{1, 1});
        submit_and_wait(invalidate_all());
        request(5);
        CHECK(destinations().back() == 2);
    }
    SECTION("remapping off and on") {
        clear_and_wait(IRE);
        put(5, Entry{}.to(3));
        set_and_wait(IRE);
        request(5);
        CHECK(destinations().back() == 1);
    }
}

TEST_CASE_METHOD(VtdFixture, "with ESIRTPS the unit forgets its entries at SIRTP, and when remapping is switched off",
                 "[vtd][VTD-6]") {
    VtdProfile profile;
    profile.esirtps = true;
    make(profile);
    start();
    put(5, Entry{}.to(1));
    put(5, Entry{}.to(2), OTHER_TABLE);
    request(5);
    CHECK(unit->cache().size() == 1);
    SECTION("SIRTP") {
        table_at(OTHER_TABLE);
        CHECK(unit->cache().size() == 0);
        request(5);
        CHECK(destinations() == std::vector<std::uint32_t>{1, 2});
    }
    SECTION("IRE 1 to 0") {
        clear_and_wait(IRE);
        CHECK(unit->cache().size() == 0);
    }
}

TEST_CASE_METHOD(VtdFixture, "a request in its lookup uses the whole old table or the whole new one", "[vtd][VTD-7]") {
    start(0);
    put(5, Entry{}.to_narrow(1));
    w64(IRTA, OTHER_TABLE | 7);
    put(5, Entry{}.to_narrow(2), OTHER_TABLE);
    set(SIRTP);
    by(GCMD_LATENCY - 1_fs);
    send(5);  // misses: its lookup outlasts the switch
    by(1_fs);
    CHECK(unit->active_table().base == OTHER_TABLE);
    send(5, NIC);
    by(1_us);
    CHECK(destinations() == std::vector<std::uint32_t>{1, 2});
}

TEST_CASE_METHOD(VtdFixture, "EIME must not change while interrupts are remapped", "[vtd][VTD-7]") {
    start(0);
    table_at(TABLE, EIME);
    CHECK(diagnosed(Kind::Misuse));
}

TEST_CASE_METHOD(VtdFixture, "IRE without a table or without the queue is diagnosed, and done; lookups use base 0",
                 "[vtd][VTD-8]") {
    set_and_wait(CFI);
    set_and_wait(IRE);
    CHECK(diagnoses.size() == 2);
    memory.put(0x10, Entry{}.to_narrow(9).low);
    CHECK(request(1) == Reason::None);
    CHECK(destinations() == std::vector<std::uint32_t>{9});
}

TEST_CASE_METHOD(VtdFixture, "the order of Linux is not diagnosed: queue, IRTA, SIRTP, IEC, IRE, CFI off",
                 "[vtd][VTD-8]") {
    start();
    submit_and_wait(invalidate_all());
    CHECK(r32(GSTS) == (QIE | SIRTP | IRE));
    CHECK(diagnoses.empty());
}

TEST_CASE_METHOD(VtdFixture, "IRES is set when what was in the root complex has been accepted", "[vtd][VTD-9]") {
    queue_on();
    table_at(TABLE);
    set(IRE);
    by(GCMD_LATENCY - 1_ns);
    unit->arrive(compatible(1));  // passes: accepted 150 ns later
    CHECK(output.delivered.size() == 1);
    by(1_ns);
    CHECK(unit->remapping());
    CHECK((r32(GSTS) & IRE) == 0);
    to(output.delivered[0].at + ROOT_TO_LAPIC + ACCEPT - 1_fs);
    CHECK((r32(GSTS) & IRE) == 0);
    by(1_fs);
    CHECK((r32(GSTS) & IRE) != 0);
}

TEST_CASE_METHOD(VtdFixture, "each request is remapped or is not: the switch lies between two of them",
                 "[vtd][VTD-9]") {
    queue_on();
    table_at(TABLE, 0);
    put(1, Entry{}.to_narrow(7));
    set(IRE);
    by(GCMD_LATENCY - 1_fs);
    send(1);  // compatibility format still: destination is 19:12 of the address, which are bits of the handle
    by(1_fs);
    send(1);
    by(1_us);
    REQUIRE(output.delivered.size() == 2);
    CHECK(output.delivered[0].message.mode == DeliveryMode::Fixed);
    CHECK(output.delivered[1].message.mode == DeliveryMode::Nmi);
    CHECK(output.delivered[1].message.destination == 7);
}

TEST_CASE_METHOD(VtdFixture, "a request that arrives at the very instant of the switch is waited for", "[vtd][VTD-9]") {
    start();
    put(1, Entry{});
    clear(IRE);
    const Instant switched = now() + GCMD_LATENCY;
    at(switched, [this] { send(1); });
    to(switched + IEC_MISS + ROOT_TO_LAPIC + ACCEPT - 1_fs);
    CHECK((r32(GSTS) & IRE) != 0);
    by(1_fs);
    CHECK((r32(GSTS) & IRE) == 0);
    CHECK(destinations() == std::vector<std::uint32_t>{4});
}

TEST_CASE_METHOD(VtdFixture, "with remapping off a request of either format is taken as compatibility format",
                 "[vtd][VTD-9][M-10]") {
    unit->arrive(message(0x1234));
    by(1_us);
    REQUIRE(output.delivered.size() == 1);
    CHECK(output.delivered[0].message.destination == (0x1234U << 5U >> 12U & 0xffU));
    CHECK(output.delivered[0].message.vector == 0);
    REQUIRE(output.diagnosed.size() == 1);
    CHECK(output.diagnosed[0].second == msi::Fault::FormatBitSet);
}

TEST_CASE_METHOD(VtdFixture, "IRE 1 to 0 waits for what is under way, if the unit drains then", "[vtd][VTD-9]") {
    const bool drains = GENERATE(true, false);
    VtdProfile profile;
    profile.ire_off_drains = drains;
    make(profile);
    start();
    put(1, Entry{});
    clear(IRE);
    by(GCMD_LATENCY - 1_ns);
    send(1);  // its lookup ends 150 ns after the switch
    by(1_ns);
    CHECK_FALSE(unit->remapping());
    const Instant accepted = now() - 1_ns + IEC_MISS + ROOT_TO_LAPIC + ACCEPT;
    if (drains) {
        to(accepted - 1_fs);
        CHECK((r32(GSTS) & IRE) != 0);
        by(1_fs);
    }
    CHECK((r32(GSTS) & IRE) == 0);
    by(1_us);
    CHECK(destinations() == std::vector<std::uint32_t>{4});  // remapped all the same
}

TEST_CASE_METHOD(VtdFixture, "CFI lets compatibility format pass only while EIME is 0", "[vtd][VTD-10]") {
    SECTION("EIME = 0") {
        start(0);
        CHECK(request(compatible(3)) == Reason::Compatibility);
        set_and_wait(CFI);
        CHECK(request(compatible(3)) == Reason::None);
        CHECK(destinations() == std::vector<std::uint32_t>{3});
        clear_and_wait(CFI);
        CHECK(request(compatible(3)) == Reason::Compatibility);
    }
    SECTION("EIME = 1") {
        start(EIME);
        set_and_wait(CFI);
        CHECK(request(compatible(3)) == Reason::Compatibility);
        CHECK(output.delivered.empty());
    }
}

TEST_CASE_METHOD(VtdFixture, "QIE off zeroes IQH; on with IQT not 0 fetches at once, without TES or IRES",
                 "[vtd][VTD-11]") {
    queue_on();
    submit({wait_for(WAIT_SW, 7, STATUS)});
    by(1_us);
    CHECK(memory.u32(STATUS) == 7);
    CHECK(r64(IQH) == 16);
    clear_and_wait(QIE);
    CHECK(r64(IQH) == 0);
    CHECK(diagnoses.empty());
    memory.put(STATUS, 0);
    set_and_wait(QIE);  // IQT is still 16
    CHECK(memory.u32(STATUS) == 7);
    CHECK(r64(IQH) == 16);
}

TEST_CASE_METHOD(VtdFixture, "QIE off before the queue is quiet is diagnosed, and nothing more is fetched",
                 "[vtd][VTD-11]") {
    queue_on();
    clear(QIE);
    by(GCMD_LATENCY - 10_ns);
    submit({wait_for(WAIT_SW, 7, STATUS)});
    by(10_us);
    CHECK(diagnosed(Kind::Misuse));
    CHECK(memory.u32(STATUS) == 0);
    CHECK(r64(IQH) == 0);
}

TEST_CASE_METHOD(VtdFixture, "QIE off while a wait is under way is diagnosed, though the queue is empty",
                 "[vtd][VTD-11]") {
    queue_on();
    clear(QIE);
    by(GCMD_LATENCY - QI_FETCH - 1_ns);
    submit({wait_for(WAIT_SW, 7, STATUS)});
    by(QI_FETCH + 1_ns);
    CHECK(memory.u32(STATUS) == 0);  // its write is on its way
    CHECK(diagnosed(Kind::Misuse));
    by(STATUS_WRITE);
    CHECK(memory.u32(STATUS) == 7);
}
