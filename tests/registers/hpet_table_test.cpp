// SPDX-License-Identifier: Apache-2.0
// The HPET of the default profile, the PCH's, against a table typed from IA-PC HPET 1.0a, 2.3, and the public figures
// of that chip: 8 timers, timer 0 alone periodic and of 64 bits, timers 4 to 7 messages only.
#include "tests/registers/hpet_subject.hpp"
#include "tests/registers/typed_table.hpp"

using namespace hldsim;

namespace {

// Tn_VAL_SET_CNF (bit 6) of a timer that is not periodic counts as read-only: H-19.
const registers::Table HPET_TABLE = {
    // offset width name          reset                  RO                     RW                     RW1C
    //   WO  reserved
    {0x000, 64, "GCAP_ID", 0x0429'b17f'8086'a701, 0xffff'ffff'ffff'bfff, 0, 0, 0, 0x4000},
    {0x010, 64, "GEN_CONF", 0, 0, 0x3, 0, 0, 0xffff'ffff'ffff'fffc},
    {0x020, 64, "GINTR_STA", 0, 0, 0, 0xff, 0, 0xffff'ffff'ffff'ff00},
    {0x0f0, 64, "MAIN_CNT", 0, 0, 0xffff'ffff'ffff'ffff, 0, 0, 0},
    {0x100, 64, "TIM0_CONF", 0x00f0'0000'0000'8030, 0xffff'ffff'0000'8030, 0x7f4e, 0, 0, 0xffff'0081, 0x40, true},
    {0x108, 64, "TIM0_COMP", 0xffff'ffff'ffff'ffff, 0, 0xffff'ffff'ffff'ffff, 0, 0, 0},
    {0x110, 64, "TIM0_PROCMSG_ROUT", 0, 0, 0xffff'ffff'ffff'ffff, 0, 0, 0},
    {0x120, 64, "TIM1_CONF", 0x00f0'0000'0000'8000, 0xffff'ffff'0000'8178, 0x7e06, 0, 0, 0xffff'0081},
    {0x128, 64, "TIM1_COMP", 0xffff'ffff, 0xffff'ffff'0000'0000, 0xffff'ffff, 0, 0, 0},
    {0x130, 64, "TIM1_PROCMSG_ROUT", 0, 0, 0xffff'ffff'ffff'ffff, 0, 0, 0},
    {0x140, 64, "TIM2_CONF", 0x00f0'0800'0000'8000, 0xffff'ffff'0000'8178, 0x7e06, 0, 0, 0xffff'0081},
    {0x148, 64, "TIM2_COMP", 0xffff'ffff, 0xffff'ffff'0000'0000, 0xffff'ffff, 0, 0, 0},
    {0x150, 64, "TIM2_PROCMSG_ROUT", 0, 0, 0xffff'ffff'ffff'ffff, 0, 0, 0},
    {0x160, 64, "TIM3_CONF", 0x00f0'1000'0000'8000, 0xffff'ffff'0000'8178, 0x7e06, 0, 0, 0xffff'0081},
    {0x168, 64, "TIM3_COMP", 0xffff'ffff, 0xffff'ffff'0000'0000, 0xffff'ffff, 0, 0, 0},
    {0x170, 64, "TIM3_PROCMSG_ROUT", 0, 0, 0xffff'ffff'ffff'ffff, 0, 0, 0},
    {0x180, 64, "TIM4_CONF", 0xc000, 0xffff'ffff'0000'c178, 0x3e06, 0, 0, 0xffff'0081},
    {0x188, 64, "TIM4_COMP", 0xffff'ffff, 0xffff'ffff'0000'0000, 0xffff'ffff, 0, 0, 0},
    {0x190, 64, "TIM4_PROCMSG_ROUT", 0, 0, 0xffff'ffff'ffff'ffff, 0, 0, 0},
    {0x1a0, 64, "TIM5_CONF", 0xc000, 0xffff'ffff'0000'c178, 0x3e06, 0, 0, 0xffff'0081},
    {0x1a8, 64, "TIM5_COMP", 0xffff'ffff, 0xffff'ffff'0000'0000, 0xffff'ffff, 0, 0, 0},
    {0x1b0, 64, "TIM5_PROCMSG_ROUT", 0, 0, 0xffff'ffff'ffff'ffff, 0, 0, 0},
    {0x1c0, 64, "TIM6_CONF", 0xc000, 0xffff'ffff'0000'c178, 0x3e06, 0, 0, 0xffff'0081},
    {0x1c8, 64, "TIM6_COMP", 0xffff'ffff, 0xffff'ffff'0000'0000, 0xffff'ffff, 0, 0, 0},
    {0x1d0, 64, "TIM6_PROCMSG_ROUT", 0, 0, 0xffff'ffff'ffff'ffff, 0, 0, 0},
    {0x1e0, 64, "TIM7_CONF", 0xc000, 0xffff'ffff'0000'c178, 0x3e06, 0, 0, 0xffff'0081},
    {0x1e8, 64, "TIM7_COMP", 0xffff'ffff, 0xffff'ffff'0000'0000, 0xffff'ffff, 0, 0, 0},
    {0x1f0, 64, "TIM7_PROCMSG_ROUT", 0, 0, 0xffff'ffff'ffff'ffff, 0, 0, 0},
};
constexpr std::uint32_t END = 0x400;

struct HpetTable {
    registers::hpet_test::HpetSubject subject{[] {
        HpetProfile profile = HpetProfile::pch();
        profile.fsb_level_sets_status = true;  // else timers 4 to 7 never have a status to clear (H-30)
        return profile;
    }()};
    registers::Port port = registers::Port::of(subject);
};

}  // namespace

TEST_CASE("hpet: the typed table is one", "[registers][hpet]") { registers::test_typed_table(HPET_TABLE); }

TEST_CASE_METHOD(HpetTable, "hpet: reset values are those of the document, by 4 and by 8 bytes",
                 "[registers][hpet][HPET-1.0a/2.3]") {
    registers::test_typed_reset(port, HPET_TABLE, {Size::B4, Size::B8});
}

TEST_CASE_METHOD(HpetTable, "hpet: each bit has the access that the document gives it",
                 "[registers][hpet][HPET-1.0a/2.3]") {
    registers::test_typed_masks(port, HPET_TABLE);
}

TEST_CASE_METHOD(HpetTable, "hpet: a write of 4 bytes changes its half alone", "[registers][hpet][H-34]") {
    registers::test_typed_halves(port, HPET_TABLE);
}

TEST_CASE_METHOD(HpetTable, "hpet: a write of all ones changes no other register", "[registers][hpet]") {
    registers::test_typed_neighbours(port, HPET_TABLE);
}

TEST_CASE_METHOD(HpetTable, "hpet: the status bits of the document are cleared by 1", "[registers][hpet][H-27]") {
    registers::test_typed_write_one_to_clear(port, HPET_TABLE);
}

TEST_CASE_METHOD(HpetTable, "hpet: where the document has no register, reads are 0 and writes do nothing",
                 "[registers][hpet][HPET-1.0a/2.3]") {
    registers::test_typed_holes(port, HPET_TABLE, END, 4, Size::B4, 0);
    registers::test_typed_holes(port, HPET_TABLE, END, 8, Size::B8, 0);
}

TEST_CASE_METHOD(HpetTable, "hpet: what is not 4 or 8 bytes at their place reads all ones and writes nothing",
                 "[registers][hpet][H-33]") {
    registers::test_typed_wrong_sizes(
        port, HPET_TABLE, END, [](std::uint32_t offset, unsigned bytes) { return bytes >= 4 && offset % bytes == 0; });
}

TEST_CASE_METHOD(HpetTable, "hpet: Tn_VAL_SET_CNF of a periodic timer stays until the comparator is written",
                 "[registers][hpet][H-19]") {
    port.reset();
    port.write(0x100, Size::B4, 0x48);
    CHECK(port.read(0x100, Size::B4) == 0x8078);
    port.write(0x108, Size::B8, 5);
    CHECK(port.read(0x100, Size::B4) == 0x8038);
}
