// SPDX-License-Identifier: Apache-2.0
// What every access meets, and the capabilities: hardware-interrupts 1.2. The register map itself: tests/registers.
#include <fstream>
#include <sstream>

#include "models/regs/print.hpp"
#include "tests/models/vtd/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

TEST_CASE_METHOD(VtdFixture, "a size or alignment that the unit does not take reads all ones and writes nothing",
                 "[vtd][access]") {
    struct Case {
        std::uint32_t offset;
        Size size;
    };
    const Case c = GENERATE(Case{IRTA, Size::B1}, Case{IRTA, Size::B2}, Case{IRTA + 2, Size::B4},
                            Case{IRTA + 4, Size::B8}, Case{IRTA + 1, Size::B1}, Case{FEADDR, Size::B8});
    CHECK(unit->read(c.offset, c.size) == byte_mask(bytes(c.size)));
    CHECK(diagnosed(Kind::Size));
    diagnoses.clear();
    const std::string before = unit->dump();
    unit->write(c.offset, c.size, ~0ULL);
    CHECK(diagnosed(Kind::Size));
    CHECK(unit->dump() == before);
}

TEST_CASE_METHOD(VtdFixture, "the platform may answer 0 to an access of a wrong size", "[vtd][access]") {
    VtdProfile profile;
    profile.bad_size_reads = BadSizeReads::Zero;
    make(profile);
    CHECK(unit->read(CAP, Size::B2) == 0);
    CHECK(diagnosed(Kind::Size));
}

TEST_CASE_METHOD(VtdFixture, "a 64-bit register may be accessed as two halves", "[vtd][access]") {
    w32(IRTA, 0x1234'5007);
    w32(IRTA + 4, 0x0000'0abc);
    CHECK(r64(IRTA) == 0xabc'1234'5007);
    CHECK(r32(IRTA + 4) == 0xabc);
    CHECK(r32(CAP + 4) == r64(CAP) >> 32U);
}

TEST_CASE_METHOD(VtdFixture, "a hole in the map reads 0, keeps nothing and is diagnosed", "[vtd][access]") {
    CHECK(unit->read(0x048, Size::B4) == 0);
    CHECK(diagnosed(Kind::Undefined));
    diagnoses.clear();
    unit->write(0x060, Size::B4, 1);
    CHECK(diagnosed(Kind::Undefined));
    CHECK(unit->read(0xffc, Size::B4) == 0);
}

TEST_CASE_METHOD(VtdFixture, "a capability that the unit does not report reads 0 and is diagnosed as not modelled",
                 "[vtd][access]") {
    const std::uint32_t offset = GENERATE(0xc0U, 0xdcU, 0x100U, 0x300U, 0x400U, 0xe00U);
    CHECK(unit->read(offset, Size::B4) == 0);
    CHECK(diagnosed(Kind::Unimplemented));
}

TEST_CASE_METHOD(VtdFixture, "capabilities: QI and IR together, EIM, 8 fault records at 220h, no DMA frills",
                 "[vtd][access]") {
    CHECK(r32(VER) == 0x10);
    CHECK((r64(CAP) >> 40U & 0xffU) == 7);
    CHECK((r64(CAP) >> 24U & 0x3ffU) == 0x22);
    CHECK((r64(CAP) >> 59U) == 0);  // PI, ESIRTPS, ESRTPS
    CHECK((r64(ECAP) & 0xffU) == 0b0001'1011);
    CHECK((r64(ECAP) >> 20U & 0xfU) == 15);
}

TEST_CASE_METHOD(VtdFixture, "the profile's capabilities show in VER, CAP and ECAP", "[vtd][access]") {
    VtdProfile profile;
    profile.version_major = 6;
    profile.version_minor = 1;
    profile.posted_interrupts = profile.esirtps = profile.caching_mode = true;
    profile.scalable_mode = profile.abort_dma_mode = profile.eim_required = profile.ir_required = true;
    profile.max_index_mask = 3;
    make(profile);
    CHECK(r32(VER) == 0x61);
    CHECK((r64(CAP) >> 59U & 1U) == 1);
    CHECK((r64(CAP) >> 62U & 1U) == 1);
    CHECK((r64(CAP) >> 7U & 1U) == 1);
    CHECK((r64(ECAP) >> 43U & 1U) == 1);
    CHECK((r64(ECAP) >> 52U & 1U) == 1);
    CHECK((r64(ECAP) >> 61U) == 3);
    CHECK((r64(ECAP) >> 20U & 0xfU) == 3);
}

TEST_CASE_METHOD(VtdFixture, "without EIM the upper addresses and EIME are reserved", "[vtd][access]") {
    VtdProfile profile;
    profile.eim = false;
    make(profile);
    w32(FEUADDR, 0x100);
    CHECK(diagnosed(Kind::Reserved));
    w32(IEUADDR, 0x100);
    w64(IRTA, TABLE | EIME);
    CHECK(r32(FEUADDR) == 0);
    CHECK(r32(IEUADDR) == 0);
    CHECK(r64(IRTA) == TABLE);
}

TEST_CASE_METHOD(VtdFixture, "fault records lie where CAP.FRO says, as many as CAP.NFR says", "[vtd][access]") {
    VtdProfile profile;
    profile.fault_records = 2;
    profile.fault_records_at = 0x640;
    make(profile);
    CHECK((r64(CAP) >> 24U & 0x3ffU) == 0x64);
    unit->arrive(compatible(1));  // passes: remapping is off
    start();
    request(3);
    CHECK((unit->read(0x648, Size::B8) >> 63U) == 1);
    CHECK(diagnoses.empty());
    CHECK(unit->read(0x228, Size::B8) == 0);
    CHECK(diagnosed(Kind::Undefined));
    diagnoses.clear();
    CHECK(unit->read(0x660, Size::B8) == 0);
    CHECK(diagnosed(Kind::Undefined));
}

TEST_CASE("a profile that no unit can have is refused with a sentence", "[vtd][access]") {
    const auto refuses = [](auto change) {
        VtdProfile profile;
        change(profile);
        CHECK_THROWS_AS(profile.validate(), std::invalid_argument);
    };
    CHECK_NOTHROW(VtdProfile{}.validate());
    refuses([](VtdProfile& p) { p.fault_records = 0; });
    refuses([](VtdProfile& p) { p.fault_records = 15; });
    refuses([](VtdProfile& p) { p.fault_records_at = 0x228; });
    refuses([](VtdProfile& p) { p.fault_records_at = 0xff0; });
    refuses([](VtdProfile& p) { p.fault_records_at = 0x500 - 0x70; });  // the eighth would be in IOTLB's place
    refuses([](VtdProfile& p) { p.fault_records_at = 0x500; });
    refuses([](VtdProfile& p) { p.iec_ways = 0; });
    refuses([](VtdProfile& p) { p.iec_ways = 48; });
    refuses([](VtdProfile& p) { p.host_address_width = 53; });
    refuses([](VtdProfile& p) { p.eim = false, p.eim_required = true; });
    refuses([](VtdProfile& p) { p.max_index_mask = 16; });
    refuses([](VtdProfile& p) { p.version_major = 16; });
}

TEST_CASE_METHOD(VtdFixture, "register-based invalidation reads back as done, and version 6 refuses it",
                 "[vtd][access]") {
    w64(0x28, 1ULL << 63U | 5);
    CHECK(r64(0x28) == 5);
    w64(0x508, 1ULL << 63U);
    CHECK(r64(0x508) == 0);
    CHECK(diagnoses.empty());
    VtdProfile profile;
    profile.version_major = 6;
    make(profile);
    w64(0x508, 1ULL << 63U);
    CHECK(diagnosed(Kind::Misuse));
}

TEST_CASE_METHOD(VtdFixture, "an observer's look has no side effect", "[vtd][access]") {
    unit->peek(0x48);
    CHECK(unit->peek(FECTL) == IM);
    CHECK(unit->peek(GCMD) == 0);
    CHECK(diagnoses.empty());
}

TEST_CASE_METHOD(VtdFixture, "a copy put back is the same unit, whatever was under way", "[vtd][access]") {
    timeline.following(false);  // SystemC's time cannot be put back
    start();
    put(1, Entry{});
    request(1);
    submit({invalidate(1), wait_for(WAIT_SW | WAIT_IF, 2, STATUS)});
    send(1);
    send(2);
    by(GENERATE(0_ns, 5_ns, 200_ns, 500_ns));
    StateCopy copy;
    copy.save_anew();
    copy(timeline, *unit);
    const std::string before = unit->dump();
    const auto memory_before = memory.bytes;
    output.delivered.clear();
    by(10_us);
    CHECK(unit->dump() != before);
    const auto first = destinations();
    const std::string after = unit->dump();
    copy.restore_from_begin();
    copy(timeline, *unit);
    memory.bytes = memory_before;
    CHECK(unit->dump() == before);
    output.delivered.clear();
    by(10_us);
    CHECK(unit->dump() == after);
    CHECK(destinations() == first);
}

TEST_CASE("the README's register block follows the rows", "[vtd]") {
    std::ifstream file{HLDSIM_SOURCE_DIR "/models/vtd/README.md"};
    std::stringstream text;
    text << file.rdbuf();
    const std::string begin = "<!-- generated: hldsim regs vtd --markdown -->\n";
    const std::string readme = text.str();
    const std::size_t from = readme.find(begin);
    const std::size_t to = readme.find("<!-- /generated -->", from);
    REQUIRE(from != std::string::npos);
    REQUIRE(to != std::string::npos);
    CHECK(readme.substr(from + begin.size(), to - from - begin.size()) == regs::to_markdown(vtd::MAP));
}
