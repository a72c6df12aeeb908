// SPDX-License-Identifier: Apache-2.0
// What passes unchanged and what is blocked whatever an interrupt remapping entry says: AMDVI-3 to AMDVI-9.
#include "tests/models/amdvi/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

// ---- the unit and the device table

TEST_CASE_METHOD(AmdviFixture, "with IommuEn = 0 every message passes unchanged, and at once", "[amdvi][AMDVI-3]") {
    bases();
    unit->arrive(message(GENERATE(0x50U, 0x150U, NMI, SMI, INIT, EXT_INT)));
    REQUIRE(output.delivered.size() == 1);
    CHECK(delivered().destination == 1);
    CHECK_FALSE(unit->holds_message());
    CHECK(blocked.empty());
}

TEST_CASE_METHOD(AmdviFixture, "with IV = 0 every message of the device passes unchanged, whatever the rest says",
                 "[amdvi][AMDVI-5]") {
    start();
    device(Device{}.int_ctl(3).invalid());
    CHECK(request(GENERATE(0x50U, NMI, INIT, EXT_INT)) == Reason::None);
    CHECK(destinations() == std::vector<std::uint32_t>{1});
}

TEST_CASE_METHOD(AmdviFixture, "V does not count for interrupts: IV alone does", "[amdvi][AMDVI-4]") {
    start();
    device(Device{}.nmi_pass());
    memory.put(DEVICES + std::uint64_t{HPET.value} * 32, GENERATE(0U, 1U));
    CHECK(request(NMI) == Reason::None);
    CHECK(request(0x3) == Reason::NotEnabled);
}

TEST_CASE_METHOD(AmdviFixture, "each device has an entry and a table of its own", "[amdvi][AMDVI-4]") {
    start();
    device(Device{});
    device(Device{}, NIC, OTHER_TABLE);
    entry(7, Entry{}.to(1));
    entry(7, Entry{}.to(2), OTHER_TABLE);
    CHECK(request(7, HPET) == Reason::None);
    CHECK(request(7, NIC) == Reason::None);
    CHECK(destinations() == std::vector<std::uint32_t>{1, 2});
}

TEST_CASE_METHOD(AmdviFixture, "a device id beyond the table is an IO_PAGE_FAULT, the last one of it is looked up",
                 "[amdvi][AMDVI-4]") {
    start();
    w64(DEV_TAB_BASE, DEVICES | 1);  // 256 devices
    CHECK(request(NMI, RequesterId{0x0100}) == Reason::DeviceBeyondTable);
    CHECK(event_low() == (code(EventCode::IoPageFault) | I | 0x0100));
    CHECK(request(NMI, RequesterId{0x00ff}) == Reason::None);  // IV = 0
}

TEST_CASE_METHOD(AmdviFixture, "a device table that cannot be read is a DEV_TAB_HARDWARE_ERROR at the entry's address",
                 "[amdvi][AMDVI-4]") {
    start();
    memory.broken = DEVICES + std::uint64_t{HPET.value} * 32;
    memory.broken_end = memory.broken + 32;
    CHECK(request(NMI) == Reason::DeviceTableRead);
    CHECK(event_low() == (code(EventCode::DevTabHardwareError) | 2ULL << 57U | I | HPET.value));
    CHECK(event_high() == memory.broken);
    CHECK(unit->device_cache().size() == 0);
}

TEST_CASE_METHOD(AmdviFixture, "each reserved bit of a valid entry's interrupt part is an ILLEGAL_DEV_TABLE_ENTRY",
                 "[amdvi][AMDVI-4]") {
    start();
    device(Device{}.nmi_pass());
    const unsigned bit = GENERATE(52U, 53U, 54U, 55U, 59U, 64U, 64U + 53U);
    const std::uint64_t address = DEVICES + std::uint64_t{HPET.value} * 32 + 16 + std::uint64_t{bit / 64} * 8;
    memory.put(address, memory.u64(address) | 1ULL << bit % 64);
    CHECK(request(NMI) == Reason::DeviceEntryReserved);
    CHECK(event_low() == (code(EventCode::IllegalDevTableEntry) | RZ | I | HPET.value));
    CHECK(unit->device_cache().size() == 0);
}

TEST_CASE_METHOD(AmdviFixture, "the bits that only DMA uses are not looked at", "[amdvi][AMDVI-4]") {
    start();
    device(Device{}.nmi_pass());
    memory.put(DEVICES + std::uint64_t{HPET.value} * 32, ~0ULL);
    memory.put(DEVICES + std::uint64_t{HPET.value} * 32 + 8, ~0ULL);
    CHECK(request(NMI) == Reason::None);
}

// ---- IntCtl

TEST_CASE_METHOD(AmdviFixture, "IntCtl says what becomes of fixed and arbitrated messages", "[amdvi][AMDVI-6]") {
    start();
    entry(0x50, Entry{}.to(9));
    entry(0x150, Entry{}.to(9));
    const std::uint32_t data = GENERATE(0x50U, 0x150U);
    SECTION("00b: target abort") {
        device(Device{}.int_ctl(0));
        CHECK(request(data) == Reason::Aborted);
        CHECK(output.delivered.empty());
    }
    SECTION("01b: they pass unmapped") {
        device(Device{}.int_ctl(1));
        CHECK(request(data) == Reason::None);
        CHECK(destinations() == std::vector<std::uint32_t>{1});
        CHECK(delivered().vector == 0x50);
    }
    SECTION("10b: they are remapped") {
        device(Device{}.int_ctl(2));
        CHECK(request(data) == Reason::None);
        CHECK(destinations() == std::vector<std::uint32_t>{9});
    }
    SECTION("11b is reserved") {
        device(Device{}.int_ctl(3));
        CHECK(request(data) == Reason::DeviceEntryReserved);
        CHECK(event_low() == (code(EventCode::IllegalDevTableEntry) | RZ | I | HPET.value));
    }
}

TEST_CASE_METHOD(AmdviFixture, "IntCtl says nothing about what the pass bits are for", "[amdvi][AMDVI-6][AMDVI-7]") {
    start();
    device(Device{}.int_ctl(GENERATE(0U, 1U, 2U, 3U)).nmi_pass());
    CHECK(request(NMI) == Reason::None);
}

// ---- the pass bits

TEST_CASE_METHOD(AmdviFixture, "with NMIPass an NMI passes unchanged: its own destination counts, no entry does",
                 "[amdvi][AMDVI-7]") {
    start();
    device(Device{}.nmi_pass());
    entry(0, Entry{}.to(9));
    const std::uint8_t cpu = GENERATE(std::uint8_t{0}, std::uint8_t{3}, std::uint8_t{0xff});
    CHECK(request(message(NMI, HPET, cpu)) == Reason::None);
    CHECK(delivered().destination == cpu);
    CHECK(delivered().mode == DeliveryMode::Nmi);
    CHECK_FALSE(delivered().logical);
    CHECK(used.empty());
    CHECK(hops.empty());  // nothing was remapped
}

TEST_CASE_METHOD(AmdviFixture, "without NMIPass an NMI is blocked, even where an entry for it is there",
                 "[amdvi][AMDVI-7][AMDVI-9]") {
    start();
    device(Device{}.init_pass().ext_int_pass());
    entry(0, Entry{}.to(9));
    CHECK(request(NMI) == Reason::NmiBlocked);
    CHECK(output.delivered.empty());
    CHECK(output.finishes.size() == 1);
    CHECK(event_low() == (code(EventCode::IoPageFault) | I | HPET.value));
    CHECK(event_high() == 0xfee0'1000);
}

TEST_CASE_METHOD(AmdviFixture, "INITPass and EIntPass are those of INIT and ExtINT alone", "[amdvi][AMDVI-7]") {
    start();
    SECTION("INIT") {
        device(Device{}.nmi_pass().ext_int_pass());
        CHECK(request(INIT) == Reason::InitBlocked);
        device(Device{}.init_pass());
        submit_and_wait(invalidate_device(HPET));
        CHECK(request(INIT) == Reason::None);
        CHECK(delivered().mode == DeliveryMode::Init);
    }
    SECTION("ExtINT") {
        device(Device{}.nmi_pass().init_pass());
        CHECK(request(EXT_INT) == Reason::ExtIntBlocked);
        device(Device{}.ext_int_pass());
        submit_and_wait(invalidate_device(HPET));
        CHECK(request(EXT_INT) == Reason::None);
        CHECK(delivered().mode == DeliveryMode::ExtInt);
    }
}

TEST_CASE_METHOD(AmdviFixture, "with HyperTransport's codes the unit judges the message that is delivered",
                 "[amdvi][AMDVI-7][AMDVI-8][W-33]") {
    FabricProfile fabric;
    fabric.delivery_encoding = DeliveryEncoding::Hypertransport;
    make({}, fabric);
    start();
    SECTION("3 is an NMI") {
        device(Device{});
        CHECK(request(0x300) == Reason::NmiBlocked);
        device(Device{}.nmi_pass(), NIC);
        CHECK(request(0x300, NIC) == Reason::None);
        CHECK(delivered().mode == DeliveryMode::Nmi);
    }
    SECTION("4, the APIC's NMI, is an INIT") {
        device(Device{}.nmi_pass());
        CHECK(request(0x400) == Reason::InitBlocked);
        device(Device{}.init_pass(), NIC);
        CHECK(request(0x400, NIC) == Reason::None);
        CHECK(delivered().mode == DeliveryMode::Init);
    }
    SECTION("6 is an ExtINT") {
        device(Device{}.ext_int_pass());
        CHECK(request(0x600) == Reason::None);
        CHECK(delivered().mode == DeliveryMode::ExtInt);
    }
    SECTION("5 and 7 are reserved") {
        device(Device{}.nmi_pass().init_pass().ext_int_pass());
        CHECK(request(GENERATE(0x500U, 0x700U)) == Reason::ModeReserved);
    }
}

TEST_CASE_METHOD(AmdviFixture, "what passes unchanged has a physical destination, unless the unit does not look",
                 "[amdvi][AMDVI-7]") {
    AmdviProfile profile;
    profile.pass_needs_physical = GENERATE(true, false);
    make(profile);
    start();
    device(Device{}.nmi_pass());
    MessageWrite write = message(NMI);
    write.address |= 1U << 2U;
    CHECK(request(write) == (profile.pass_needs_physical ? Reason::PassLogical : Reason::None));
    CHECK(output.delivered.size() == (profile.pass_needs_physical ? 0 : 1));
}

TEST_CASE_METHOD(AmdviFixture, "an SMI passes: there are no SMI filters", "[amdvi][AMDVI-8]") {
    start();
    device(Device{}.int_ctl(0));
    CHECK(request(SMI) == Reason::None);
    CHECK(delivered().mode == DeliveryMode::Smi);
}

TEST_CASE_METHOD(AmdviFixture, "a reserved delivery mode is blocked", "[amdvi][AMDVI-8]") {
    start();
    device(Device{}.nmi_pass());
    CHECK(request(GENERATE(0x300U, 0x600U)) == Reason::ModeReserved);
}

TEST_CASE_METHOD(AmdviFixture, "a write to an interrupt address that is not of 4 bytes is no interrupt and no event",
                 "[amdvi][AMDVI-9][M-1]") {
    start();
    device(Device{}.nmi_pass());
    MessageWrite write = message(NMI);
    write.size = GENERATE(Size::B1, Size::B2, Size::B8);
    CHECK(request(write) == Reason::NotFourBytes);
    CHECK(output.diagnosed.back().second == msi::Fault::NotFourBytes);
    CHECK(output.finishes.size() == 1);
    CHECK(events() == 0);
}

// ---- what is logged

TEST_CASE_METHOD(AmdviFixture, "a unit may block by IntCtl and the pass bits without an event", "[amdvi][AMDVI-9]") {
    AmdviProfile profile;
    profile.aborts_are_logged = false;
    make(profile);
    start();
    device(Device{}.int_ctl(0));
    CHECK(request(GENERATE(0x50U, NMI, INIT, EXT_INT)) != Reason::None);
    CHECK(blocked.back().recorded == Recorded::NoEvent);
    CHECK(events() == 0);
}

TEST_CASE_METHOD(AmdviFixture, "IG keeps a device's IO_PAGE_FAULTs off the log, not an illegal entry of it",
                 "[amdvi][AMDVI-9]") {
    start();
    device(Device{}.quiet());
    CHECK(request(NMI) == Reason::NmiBlocked);
    CHECK(blocked.back().recorded == Recorded::Suppressed);
    CHECK(request(3) == Reason::NotEnabled);
    CHECK(events() == 0);
    device(Device{}.quiet().int_ctl(3));
    submit_and_wait(invalidate_device(HPET));
    CHECK(request(3) == Reason::DeviceEntryReserved);
    CHECK(events() == 1);
}

TEST_CASE_METHOD(AmdviFixture, "SupIOPF keeps the IO_PAGE_FAULTs of one entry off the log", "[amdvi][AMDVI-9]") {
    start();
    device(Device{});
    entry(3, Entry{}.quiet().off());
    entry(4, Entry{}.off());
    CHECK(request(3) == Reason::NotEnabled);
    CHECK(blocked.back().recorded == Recorded::Suppressed);
    CHECK(request(4) == Reason::NotEnabled);
    CHECK(events() == 1);
}

TEST_CASE_METHOD(AmdviFixture, "an event says which of a request's bits are at fault", "[amdvi][AMDVI-9]") {
    start();
    device(Device{});
    SECTION("RemapEn = 0: neither PR nor RZ") {
        entry(3, Entry{}.off());
        request(3);
        CHECK(event_low() == (code(EventCode::IoPageFault) | I | HPET.value));
    }
    SECTION("reserved: PR and RZ") {
        entry(3, Entry{}.type(4));
        request(3);
        CHECK(event_low() == (code(EventCode::IoPageFault) | I | PR | RZ | HPET.value));
    }
    CHECK(event_high() == 0xfee0'1000);
}

TEST_CASE_METHOD(AmdviFixture, "a blocked request is described in a sentence", "[amdvi][AMDVI-9]") {
    start();
    device(Device{});
    request(NMI);
    CHECK(amdvi::describe(blocked.back()) ==
          "request of 00:14.0 is blocked: NMIPass = 0, and an NMI is never remapped; "
          "IO_PAGE_FAULT, event 0 of the log");
    request(3);
    CHECK(amdvi::describe(blocked.back()) ==
          "request of 00:14.0 is blocked, index 3: the interrupt remapping entry has RemapEn = 0; "
          "IO_PAGE_FAULT, event 1 of the log");
}
