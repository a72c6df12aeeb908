// SPDX-License-Identifier: Apache-2.0
// The AMD-Vi unit of the default profile against a table typed from the IOMMU specification 48882 (MMIO registers), its
// reset values as VirtualBox and the BIOS and kernel guides of family 15h have them too. What the profile decides
// there: EFR, that is GASup and XTSup. What shadows the PCI function (150h, 154h, 168h) reads 0: it is not modelled.
#include "tests/registers/amdvi_subject.hpp"
#include "tests/registers/typed_table.hpp"

using namespace hldsim;

namespace {

const registers::Table AMDVI_TABLE = {
    // offset width name  reset                  RO                     RW                     RW1C WO  reserved
    {0x0000, 64, "DEV_TAB_BASE", 0, 0, 0x000f'ffff'ffff'f1ff, 0, 0, 0xfff0'0000'0000'0e00},
    {0x0008, 64, "CMD_BASE", 0x0800'0000'0000'0000, 0, 0x0f0f'ffff'ffff'f000, 0, 0, 0xf0f0'0000'0000'0fff},
    {0x0010, 64, "EVENT_BASE", 0x0800'0000'0000'0000, 0, 0x0f0f'ffff'ffff'f000, 0, 0, 0xf0f0'0000'0000'0fff},
    {0x0018, 64, "CONTROL", 0x0400, 0, 0x080c'0000'0002'1fff, 0, 0, 0xf7f3'ffff'fffd'e000},
    {0x0020, 64, "EXCL_BASE", 0, 0, 0x000f'ffff'ffff'f003, 0, 0, 0xfff0'0000'0000'0ffc},
    {0x0028, 64, "EXCL_LIMIT", 0, 0, 0x000f'ffff'ffff'f000, 0, 0, 0xfff0'0000'0000'0fff},
    {0x0030, 64, "EFR", 0x0000'4000'0000'08c4, 0xffff'ffff'ffff'ffdf, 0, 0, 0, 0x20},
    {0x0150, 32, "MSI vector 0", 0, 0xffff'ffff, 0, 0, 0, 0},
    {0x0154, 32, "MSI vector 1", 0, 0xffff'ffff, 0, 0, 0, 0},
    {0x0158, 32, "MSI capability", 0x0080'0005, 0x008e'ffff, 0x0071'0000, 0, 0, 0xff00'0000},
    {0x015c, 32, "MSI address low", 0, 0, 0xffff'fffc, 0, 0, 0x3},
    {0x0160, 32, "MSI address high", 0, 0, 0xffff'ffff, 0, 0, 0},
    {0x0164, 32, "MSI data", 0, 0, 0xffff, 0, 0, 0xffff'0000},
    {0x0168, 32, "MSI mapping", 0, 0xffff'ffff, 0, 0, 0, 0},
    {0x0170, 64, "XT_INT_CTRL", 0, 0, 0xff00'01ff'ffff'ff04, 0, 0, 0x00ff'fe00'0000'00fb},
    {0x2000, 64, "CMD_HEAD", 0, 0, 0x7'fff0, 0, 0, 0xffff'ffff'fff8'000f},
    {0x2008, 64, "CMD_TAIL", 0, 0, 0x7'fff0, 0, 0, 0xffff'ffff'fff8'000f},
    {0x2010, 64, "EVENT_HEAD", 0, 0, 0x7'fff0, 0, 0, 0xffff'ffff'fff8'000f},
    {0x2018, 64, "EVENT_TAIL", 0, 0, 0x7'fff0, 0, 0, 0xffff'ffff'fff8'000f},
    {0x2020, 64, "STATUS", 0, 0x7f8, 0, 0x7, 0, 0xffff'ffff'ffff'f800},
};

struct AmdviTable {
    registers::amdvi_test::AmdviSubject subject{AmdviProfile{}};
    registers::Port port = registers::Port::of(subject);
};

}  // namespace

TEST_CASE("amdvi: the typed table is one", "[registers][amdvi]") { registers::test_typed_table(AMDVI_TABLE); }

TEST_CASE_METHOD(AmdviTable, "amdvi: reset values are those of the document, by 4 and by 8 bytes",
                 "[registers][amdvi]") {
    registers::test_typed_reset(port, AMDVI_TABLE, {Size::B4, Size::B8});
}

TEST_CASE_METHOD(AmdviTable, "amdvi: each bit has the access that the document gives it", "[registers][amdvi]") {
    registers::test_typed_masks(port, AMDVI_TABLE);
}

TEST_CASE_METHOD(AmdviTable, "amdvi: a write of 4 bytes changes its half alone", "[registers][amdvi]") {
    registers::test_typed_halves(port, AMDVI_TABLE);
}

TEST_CASE_METHOD(AmdviTable, "amdvi: a write of all ones changes no other register", "[registers][amdvi]") {
    registers::test_typed_neighbours(port, AMDVI_TABLE);
}

TEST_CASE_METHOD(AmdviTable, "amdvi: the status bits of the document are cleared by 1",
                 "[registers][amdvi][AMDVI-10][AMDVI-11]") {
    registers::test_typed_write_one_to_clear(port, AMDVI_TABLE);
}

TEST_CASE_METHOD(AmdviTable, "amdvi: where the document has no register, reads are 0 and writes do nothing",
                 "[registers][amdvi]") {
    registers::test_typed_holes(port, AMDVI_TABLE, 0x4000, 4, Size::B4, 0);
}

TEST_CASE_METHOD(AmdviTable, "amdvi: what is not 4 or 8 bytes at their place reads all ones and writes nothing",
                 "[registers][amdvi][AMDVI-20]") {
    registers::test_typed_wrong_sizes(port, AMDVI_TABLE, 0x4000, [](std::uint32_t offset, unsigned bytes) {
        return bytes >= 4 && offset % bytes == 0;
    });
}
