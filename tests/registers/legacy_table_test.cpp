// SPDX-License-Identifier: Apache-2.0
// The 8259 pair, the 8254, ports 61h and 70h and the counters' MSRs against tables typed from the datasheets (8259A,
// 8254, ICH: ELCR1, ELCR2, NMI_SC, NMI_EN) and SDM vol. 3B, 18.2 (architectural performance monitoring, version 2).
#include "models/chipset/nmi_control.hpp"
#include "models/pic/pic.hpp"
#include "models/pit/pit.hpp"
#include "models/pmu/pmu.hpp"
#include "models/sim/session.hpp"
#include "tests/registers/nowhere.hpp"
#include "tests/registers/typed_table.hpp"

using namespace hldsim;

namespace {

template <class Device>
void full_reset(Device& device) {
    device.reset_enter();
    device.reset_hold();
    device.reset_exit();
}

struct Ports {
    sim::Session session;
    sim::Timeline timeline{"timeline"};
    registers::Nowhere nowhere;
    TokenCounter tokens;
    Pic pic{"pic", timeline, {}, nowhere};
    Pit pit{"pit", timeline, nowhere, tokens};
    NmiControl nmi{"nmi", timeline, {}, pit, nowhere, tokens};

    void initialise(std::uint32_t command, unsigned vector, unsigned cascade) {
        pic.write(command, Size::B1, 0x11);
        for (const unsigned word : {vector, cascade, 1U}) {
            pic.write(command + 1, Size::B1, word);
        }
    }
    registers::Port pic_port{[this](std::uint32_t port, Size size) { return pic.read(port, size); },
                             [this](std::uint32_t port, Size size, std::uint64_t value) {
                                 if (port != 0x20 && port != 0xa0) {  // command words, not registers
                                     pic.write(port, size, value);
                                 }
                             },
                             [this] {
                                 full_reset(pic);
                                 initialise(0x20, 0x30, 4);
                                 initialise(0xa0, 0x38, 2);
                             }};
    registers::Port nmi_port{
        [this](std::uint32_t port, Size size) { return nmi.read(port, size); },
        [this](std::uint32_t port, Size size, std::uint64_t value) { nmi.write(port, size, value); },
        [this] {
            full_reset(pit);
            full_reset(nmi);
        }};
};

// After ICW1 to ICW4. 20h and A0h read IRR; the masks are 0. IRQ 0, 1, 2, 8 and 13 cannot be levels.
const registers::Table PIC_TABLE = {
    {0x20, 8, "IRR, master", 0, 0xff, 0, 0, 0, 0}, {0x21, 8, "IMR, master", 0, 0, 0xff, 0, 0, 0},
    {0xa0, 8, "IRR, slave", 0, 0xff, 0, 0, 0, 0},  {0xa1, 8, "IMR, slave", 0, 0, 0xff, 0, 0, 0},
    {0x4d0, 8, "ELCR1", 0, 0, 0xf8, 0, 0, 0x07},   {0x4d1, 8, "ELCR2", 0, 0, 0xde, 0, 0, 0x21},
};
// 3:0 are kept; 7 SERR#, 6 IOCHK#, 5 OUT of counter 2, 4 refresh. Bit 0 is the counter's gate, which may move OUT.
const registers::Table NMI_TABLE = {
    {0x61, 8, "NMI_SC", 0, 0xf0, 0x0f, 0, 0, 0, 0x20},
};

/// `offset` is the MSR.
const registers::Table PMU_TABLE = {
    {0x309, 64, "IA32_FIXED_CTR0", 0, 0, 0xffff'ffff'ffff, 0, 0, 0xffff'0000'0000'0000},
    {0x30a, 64, "IA32_FIXED_CTR1", 0, 0, 0xffff'ffff'ffff, 0, 0, 0xffff'0000'0000'0000},
    {0x30b, 64, "IA32_FIXED_CTR2", 0, 0, 0xffff'ffff'ffff, 0, 0, 0xffff'0000'0000'0000},
    {0x38d, 64, "IA32_FIXED_CTR_CTRL", 0, 0, 0xbbb, 0, 0, 0xffff'ffff'ffff'f444},
    {0x38e, 64, "IA32_PERF_GLOBAL_STATUS", 0, 0xc000'0007'0000'0000, 0, 0, 0, 0x3fff'fff8'ffff'ffff},
    {0x38f, 64, "IA32_PERF_GLOBAL_CTRL", 0, 0, 0x7'0000'0000, 0, 0, 0xffff'fff8'ffff'ffff},
    {0x390, 64, "IA32_PERF_GLOBAL_OVF_CTRL", 0, 0, 0, 0, 0xc000'0007'0000'0000, 0x3fff'fff8'ffff'ffff},
};

struct Counters {
    sim::Session session;
    sim::Timeline timeline{"timeline"};
    Timing timing{Hertz{4'000'000'000}, Hertz{2'500'000'000}, Hertz{24'000'000}, Duration{69'841'279}};
    registers::Nowhere apic;
    Pmu pmu{timeline, timing, apic};

    std::uint64_t read(std::uint32_t msr) {
        std::uint64_t value = 0;
        CHECK(pmu.rdmsr(msr, value));
        return value;
    }
};

}  // namespace

TEST_CASE("legacy: the typed tables are tables", "[registers][pic][chipset][pmu]") {
    registers::test_typed_table(PIC_TABLE);
    registers::test_typed_table(NMI_TABLE);
    registers::test_typed_table(PMU_TABLE);
}

TEST_CASE_METHOD(Ports, "pic: each bit of each register has the access that the datasheets give it",
                 "[registers][pic]") {
    registers::test_typed_reset(pic_port, PIC_TABLE, {Size::B1});
    registers::test_typed_masks(pic_port, PIC_TABLE);
    registers::test_typed_neighbours(pic_port, PIC_TABLE);
}

TEST_CASE_METHOD(Ports, "pic: what is not a byte reads all ones and writes nothing", "[registers][pic]") {
    pic_port.reset();
    for (const registers::Typed& row : PIC_TABLE) {
        for (const Size size : {Size::B2, Size::B4, Size::B8}) {
            CHECK(pic.read(row.offset, size) == byte_mask(bytes(size)));
            pic.write(row.offset, size, ~0ULL);
        }
    }
    for (const registers::Typed& row : PIC_TABLE) {
        CHECK(pic.read(row.offset, Size::B1) == row.reset);
    }
}

TEST_CASE_METHOD(Ports, "pit: the control word's port reads nothing, and no size but a byte does anything",
                 "[registers][pit]") {
    full_reset(pit);
    pit.write(0x43, Size::B1, 0x32);  // counter 0, mode 1: waits for a trigger
    for (const Size size : {Size::B1, Size::B2, Size::B4, Size::B8}) {
        CHECK(pit.read(0x43, size) == byte_mask(bytes(size)));
        if (size != Size::B1) {
            pit.write(0x43, size, 0x30);
            pit.write(0x40, size, 0x5555);
        }
    }
    pit.write(0x43, Size::B1, 0xe2);  // status of counter 0
    CHECK(pit.read(0x40, Size::B1) == 0xf2);
}

TEST_CASE_METHOD(Ports, "chipset: each bit of port 61h has the access that the datasheets give it",
                 "[registers][chipset]") {
    registers::test_typed_reset(nmi_port, NMI_TABLE, {Size::B1});
    registers::test_typed_masks(nmi_port, NMI_TABLE);
}

TEST_CASE_METHOD(Ports, "chipset: port 70h reads nothing, and what is not a byte does nothing to both ports",
                 "[registers][chipset][CPU-22]") {
    nmi_port.reset();
    nmi.write(0x70, Size::B1, 0);
    nmi.assert_serr();
    REQUIRE(nmi.output());
    for (const Size size : {Size::B2, Size::B4, Size::B8}) {
        nmi.write(0x70, size, 0x80);
        nmi.write(0x61, size, 0x0f);
        CHECK(nmi.read(0x61, size) == byte_mask(bytes(size)));
    }
    CHECK(nmi.output());
    CHECK((nmi.read(0x61, Size::B1) & 0xdf) == 0x80);
    CHECK(nmi.read(0x70, Size::B1) == 0xff);
    nmi.write(0x70, Size::B1, 0x80);
    CHECK_FALSE(nmi.output());
}

TEST_CASE_METHOD(Counters, "pmu: each MSR reads its reset value, and no other is there", "[registers][pmu]") {
    pmu.reset_enter();
    for (std::uint32_t msr = 0x300; msr < 0x3a0; ++msr) {
        std::uint64_t value = 0;
        bool listed = false;
        for (const registers::Typed& row : PMU_TABLE) {
            listed |= row.offset == msr && row.wo == 0;
        }
        INFO(std::hex << msr);
        const bool readable = pmu.rdmsr(msr, value) && msr != 0x390;
        CHECK(readable == listed);
        CHECK(value == 0);
    }
}

TEST_CASE_METHOD(Counters, "pmu: each bit of each MSR is stored, or refused with nothing written", "[registers][pmu]") {
    for (const registers::Typed& row : PMU_TABLE) {
        for (unsigned bit = 0; bit < 64; ++bit) {
            INFO(row.name << ", bit " << bit);
            const std::uint64_t one = 1ULL << bit;
            pmu.reset_enter();
            const bool taken = ((row.rw | row.wo) & one) != 0;
            CHECK(pmu.wrmsr(row.offset, one) == taken);
            if (row.wo == 0) {
                CHECK(read(row.offset) == (one & row.rw));
            }
        }
        pmu.reset_enter();
        if (row.rw != 0) {
            CHECK(pmu.wrmsr(row.offset, row.rw));
            CHECK(read(row.offset) == row.rw);
            CHECK(pmu.wrmsr(row.offset, 0));
            CHECK(read(row.offset) == 0);
        }
    }
}
