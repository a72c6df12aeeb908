// SPDX-License-Identifier: Apache-2.0
// The remapping unit of the default profile against a table typed from VT-d 5.10, 11.4. What the profile decides there:
// version 1.0, 8 fault records at 220h, EIM, an index mask of 15; nothing of CM, PI, ESIRTPS, SMTS, ADMS, EIMER, IRREQ.
#include "tests/registers/typed_table.hpp"
#include "tests/registers/vtd_subject.hpp"

using namespace hldsim;

namespace {

constexpr std::uint64_t ALL = 0xffff'ffff'ffff'ffff;

registers::Table typed_vtd() {
    registers::Table table = {
        // offset width name    reset                  RO                     RW                     RW1C WO  reserved
        {0x000, 32, "VER", 0x10, 0xff, 0, 0, 0, 0xffff'ff00},
        // ND 6, SAGAW 4, MGAW 47, FRO 22h, NFR 7, DWD, DRD; reserved 58:57, 38, 23, 15:13
        {0x008, 64, "CAP", 0x00c0'0700'222f'0406, 0xf9ff'ffbf'ff7f'1fff, 0, 0, 0, 0x0600'0040'0080'e000},
        // C, QI, IR, EIM, IRO 50h, MHMV 15; reserved 63, 60:54, 50, 32, 28:27, 24, 19:18, 5
        {0x010, 64, "ECAP", 0x00f0'501b, 0x603b'fffe'e6f3'ffdf, 0, 0, 0, 0x9fc4'0001'190c'0020},
        {0x018, 32, "GCMD", 0, 0, 0, 0, 0xef80'0000, 0x107f'ffff, 0, true},
        {0x01c, 32, "GSTS", 0, 0xff80'0000, 0, 0, 0, 0x007f'ffff},
        {0x020, 64, "RTADDR", 0, 0, 0xffff'ffff'ffff'fc00, 0, 0, 0x3ff},
        // ICC reads 0 at once, CAIG says what was done; FM 33:32 and SID 31:16 are write-only
        {0x028, 64, "CCMD", 0, 0x1800'0000'0000'0000, 0x6000'0000'0000'ffff, 0, 0x8000'0003'ffff'0000,
         0x07ff'fffc'0000'0000, 0x1800'0000'0000'0000},
        {0x034, 32, "FSTS", 0, 0xff02, 0, 0x71, 0, 0xffff'008c, 0, false, 0x60},
        {0x038, 32, "FECTL", 0x8000'0000, 0x4000'0000, 0x8000'0000, 0, 0, 0x3fff'ffff},
        {0x03c, 32, "FEDATA", 0, 0, 0xffff, 0, 0, 0xffff'0000},
        {0x040, 32, "FEADDR", 0, 0, 0xffff'fffc, 0, 0, 0x3},
        {0x044, 32, "FEUADDR", 0, 0, 0xffff'ffff, 0, 0, 0},
        {0x064, 32, "PMEN", 0, 0xffff'ffff, 0, 0, 0, 0},
        {0x068, 32, "PLMBASE", 0, 0xffff'ffff, 0, 0, 0, 0},
        {0x06c, 32, "PLMLIMIT", 0, 0xffff'ffff, 0, 0, 0, 0},
        {0x070, 32, "PHMBASE low", 0, 0xffff'ffff, 0, 0, 0, 0},
        {0x074, 32, "PHMBASE high", 0, 0xffff'ffff, 0, 0, 0, 0},
        {0x078, 32, "PHMLIMIT low", 0, 0xffff'ffff, 0, 0, 0, 0},
        {0x07c, 32, "PHMLIMIT high", 0, 0xffff'ffff, 0, 0, 0, 0},
        {0x080, 64, "IQH", 0, 0x7'fff0, 0, 0, 0, 0xffff'ffff'fff8'000f},
        {0x088, 64, "IQT", 0, 0, 0x7'fff0, 0, 0, 0xffff'ffff'fff8'000f},
        {0x090, 64, "IQA", 0, 0, 0xffff'ffff'ffff'f807, 0, 0, 0x7f8},
        {0x09c, 32, "ICS", 0, 0, 0, 0x1, 0, 0xffff'fffe},
        {0x0a0, 32, "IECTL", 0x8000'0000, 0x4000'0000, 0x8000'0000, 0, 0, 0x3fff'ffff},
        {0x0a4, 32, "IEDATA", 0, 0, 0xffff, 0, 0, 0xffff'0000},
        {0x0a8, 32, "IEADDR", 0, 0, 0xffff'fffc, 0, 0, 0x3},
        {0x0ac, 32, "IEUADDR", 0, 0, 0xffff'ffff, 0, 0, 0},
        {0x0b0, 64, "IQERCD", 0, 0xffff'ffff'0000'000f, 0, 0, 0, 0xffff'fff0},
        {0x0b8, 64, "IRTA", 0, 0, 0xffff'ffff'ffff'f80f, 0, 0, 0x7f0},
        {0x500, 64, "IVA", 0, 0, 0, 0, 0xffff'ffff'ffff'f07f, 0xf80},
        // IVT reads 0 at once, IAIG says what was done
        {0x508, 64, "IOTLB", 0, 0x0600'0000'0000'0000, 0x3003'ffff'0000'0000, 0, 0x8000'0000'0000'0000,
         0x49fc'0000'ffff'ffff, 0x0600'0000'0000'0000},
    };
    for (std::uint32_t n = 0; n < 8; ++n) {
        table.push_back({0x220 + 16 * n, 64, "FRCD low", 0, 0xffff'ffff'ffff'f000, 0, 0, 0, 0xfff});
        table.push_back(
            {0x228 + 16 * n, 64, "FRCD high", 0, 0x7fff'ffff'f000'ffff, 0, 0x8000'0000'0000'0000, 0, 0x0fff'0000});
    }
    return table;
}

struct VtdTable {
    registers::vtd_test::VtdSubject subject{VtdProfile{}};
    registers::Port port = registers::Port::of(subject);
    registers::Table table = typed_vtd();
};

}  // namespace

TEST_CASE("vtd: the typed table is one", "[registers][vtd]") { registers::test_typed_table(typed_vtd()); }

TEST_CASE_METHOD(VtdTable, "vtd: reset values are those of the document, by 4 and by 8 bytes", "[registers][vtd]") {
    registers::test_typed_reset(port, table, {Size::B4, Size::B8});
}

TEST_CASE_METHOD(VtdTable, "vtd: each bit has the access that the document gives it", "[registers][vtd]") {
    registers::test_typed_masks(port, table);
}

TEST_CASE_METHOD(VtdTable, "vtd: a write of 4 bytes changes its half alone", "[registers][vtd]") {
    registers::test_typed_halves(port, table);
}

TEST_CASE_METHOD(VtdTable, "vtd: a write of all ones changes no other register", "[registers][vtd]") {
    registers::test_typed_neighbours(port, table);
}

TEST_CASE_METHOD(VtdTable, "vtd: the status bits of the document are cleared by 1", "[registers][vtd][VTD-36]") {
    registers::test_typed_write_one_to_clear(port, table);
}

TEST_CASE_METHOD(VtdTable, "vtd: where the document has no register, reads are 0 and writes do nothing",
                 "[registers][vtd]") {
    registers::test_typed_holes(port, table, 0x1000, 4, Size::B4, 0);
}

TEST_CASE_METHOD(VtdTable, "vtd: what is not 4 or 8 bytes at their place reads all ones and writes nothing",
                 "[registers][vtd]") {
    registers::test_typed_wrong_sizes(
        port, table, 0x1000, [](std::uint32_t offset, unsigned bytes) { return bytes >= 4 && offset % bytes == 0; });
}

TEST_CASE("vtd: without EIM the upper address of an event and EIME are reserved", "[registers][vtd]") {
    VtdProfile profile;
    profile.eim = false;
    registers::vtd_test::VtdSubject subject{profile};
    for (const std::uint32_t upper : {0x044U, 0x0acU}) {
        subject.write(upper, Size::B4, 0xffff'ffff);
        CHECK(subject.read(upper, Size::B4) == 0);
    }
    subject.write(0x0b8, Size::B8, ALL);
    CHECK(subject.read(0x0b8, Size::B8) == 0xffff'ffff'ffff'f00f);
}

TEST_CASE("vtd: an invalidation by register says what it has done, and that nothing where it is refused",
          "[registers][vtd]") {
    const bool refused = GENERATE(false, true);
    VtdProfile profile;
    profile.version_major = refused ? 6 : 1;
    registers::vtd_test::VtdSubject subject{profile};
    for (const std::uint64_t granularity : {1, 2, 3}) {
        subject.reset();
        subject.write(0x028, Size::B8, 1ULL << 63 | granularity << 61);
        subject.write(0x508, Size::B8, 1ULL << 63 | granularity << 60);
        const std::uint64_t done = refused ? 0 : granularity;
        CHECK(subject.read(0x028, Size::B8) == (granularity << 61 | done << 59));
        CHECK(subject.read(0x508, Size::B8) == (granularity << 60 | done << 57));
    }
}
