// SPDX-License-Identifier: Apache-2.0
// I/O APICs against tables typed from the 82093AA datasheet, 3.1 and 3.2, and VT-d 5.1.5.1: the part of 1996 (version
// 11h), those of the chipsets (20h, AMD's 21h), and one of 240 entries, whose index has 9 bits.
#include "models/ioapic/ioapic.hpp"
#include "models/sim/session.hpp"
#include "tests/registers/nowhere.hpp"
#include "tests/registers/typed_table.hpp"

using namespace hldsim;

namespace {

struct Part {
    const char* title;
    IoapicProfile profile;
    std::uint32_t version;           // what VER reads
    std::uint32_t index_bits;        // of IOREGSEL that are kept
    std::uint32_t high_bits;         // of the upper half of an entry that are kept
    unsigned entries;                //
    std::uint32_t last_index;        // that IOREGSEL can name
    bool arbitration, end_register;  // IOAPICARB; EOIR

    /// Directly: the window's own registers, without IOWIN, which is whatever the index names.
    registers::Table direct() const {
        registers::Table table = {
            {0x00, 32, "IOREGSEL", 0, 0, index_bits, 0, 0, ~index_bits},
        };
        if (end_register) {
            table.push_back({0x40, 32, "EOIR", 0, 0, 0, 0, 0xff, 0xffff'ff00});
        }
        return table;
    }
    /// Behind the index; `offset` is the index.
    registers::Table indexed() const {
        registers::Table table = {
            {0x00, 32, "IOAPICID", 0, 0, 0x0f00'0000, 0, 0, 0xf0ff'ffff, 0, arbitration},
            {0x01, 32, "IOAPICVER", version, 0x00ff'80ff, 0, 0, 0, 0xff00'7f00},
        };
        if (arbitration) {
            table.push_back({0x02, 32, "IOAPICARB", 0, 0x0f00'0000, 0, 0, 0, 0xf0ff'ffff});
        }
        for (unsigned n = 0; n < entries; ++n) {
            table.push_back({0x10 + 2 * n, 32, "RTE low", 0x0001'0000, 0x5000, 0x0001'afff, 0, 0, 0xfffe'0000});
            table.push_back({0x11 + 2 * n, 32, "RTE high", 0, 0, high_bits, 0, 0, ~high_bits});
        }
        return table;
    }
};

Part any_part() {
    IoapicProfile large;
    large.pins = 240;
    large.index_bits = 9;
    const Part parts[] = {
        {"82093AA", IoapicProfile::i82093aa(), 0x0017'0011, 0xff, 0xff00'0000, 24, 0xff, true, false},
        {"ICH", IoapicProfile::ich(), 0x0017'0020, 0xff, 0xffff'0000, 24, 0xff, false, true},
        {"PCH", IoapicProfile::pch_100(), 0x0077'0020, 0xff, 0xffff'0000, 120, 0xff, false, true},
        {"FCH", IoapicProfile::fch(), 0x0017'0021, 0xff, 0xffff'0000, 24, 0xff, false, true},
        {"240 entries", large, 0x00ef'0020, 0x1ff, 0xffff'0000, 240, 0x1ff, false, true},
    };
    return parts[GENERATE(0, 1, 2, 3, 4)];
}

struct IoapicTables {
    IoapicTables() { UNSCOPED_INFO(part.title); }

    Part part = any_part();
    sim::Session session;
    sim::Timeline timeline{"timeline"};
    Timing timing{Hertz{3'000'000'000}, Hertz{3'000'000'000}, Hertz{24'000'000}, Duration{69'841'279}};
    registers::Nowhere nowhere;
    TokenCounter tokens;
    Ioapic ioapic{"ioapic", timeline, timing, part.profile, nowhere, tokens};

    void reset() {
        ioapic.reset_enter();
        ioapic.reset_hold();
        ioapic.reset_exit();
    }
    registers::Port direct{
        [this](std::uint32_t offset, Size size) { return ioapic.read(offset, size); },
        [this](std::uint32_t offset, Size size, std::uint64_t value) { ioapic.write(offset, size, value); },
        [this] { reset(); }};
    registers::Port indexed{[this](std::uint32_t index, Size /*size*/) {
                                ioapic.write(0x00, Size::B4, index);
                                return ioapic.read(0x10, Size::B4);
                            },
                            [this](std::uint32_t index, Size /*size*/, std::uint64_t value) {
                                ioapic.write(0x00, Size::B4, index);
                                ioapic.write(0x10, Size::B4, value);
                            },
                            [this] { reset(); }};
};

}  // namespace

TEST_CASE_METHOD(IoapicTables, "ioapic: the typed tables are tables", "[registers][ioapic]") {
    registers::test_typed_table(part.direct());
    registers::test_typed_table(part.indexed());
}

TEST_CASE_METHOD(IoapicTables, "ioapic: reset values are those of the document", "[registers][ioapic][82093AA/3.2]") {
    registers::test_typed_reset(direct, part.direct(), {Size::B4});
    registers::test_typed_reset(indexed, part.indexed(), {Size::B4});
}

TEST_CASE_METHOD(IoapicTables, "ioapic: each bit has the access that the document gives it",
                 "[registers][ioapic][I-3]") {
    registers::test_typed_masks(direct, part.direct());
    registers::test_typed_masks(indexed, part.indexed());
}

TEST_CASE_METHOD(IoapicTables, "ioapic: a write of all ones changes no other register", "[registers][ioapic]") {
    registers::test_typed_neighbours(indexed, part.indexed());
}

TEST_CASE_METHOD(IoapicTables, "ioapic: an index without a register reads 0 and keeps nothing",
                 "[registers][ioapic][82093AA/3.2]") {
    registers::Table table = part.indexed();
    for (registers::Typed& row : table) {
        row.width = 8;  // an index is one place, whatever it holds
    }
    indexed.reset();
    for (std::uint32_t index = 0; index <= part.last_index; ++index) {
        const bool there =
            index <= 1 || (index == 2 && part.arbitration) || (index >= 0x10 && index < 0x10 + 2 * part.entries);
        if (!there) {
            INFO("index " << index);
            CHECK(indexed.read(index, Size::B4) == 0);
            indexed.write(index, Size::B4, 0xffff'ffff);
            CHECK(indexed.read(index, Size::B4) == 0);
        }
    }
    registers::test_typed_reset(indexed, part.indexed(), {Size::B4});
}

TEST_CASE_METHOD(IoapicTables, "ioapic: where the window has no register, reads are 0 and writes do nothing",
                 "[registers][ioapic][82093AA/3.1]") {
    registers::Table table = part.direct();
    table.push_back({0x10, 32, "IOWIN", 0, 0, 0xffff'ffff, 0, 0, 0});  // index 0: the id
    registers::test_typed_holes(direct, table, 0x100, 4, Size::B4, 0);
}

TEST_CASE_METHOD(IoapicTables, "ioapic: what is not 4 bytes at their place reads all ones and writes nothing",
                 "[registers][ioapic][I-2]") {
    registers::test_typed_wrong_sizes(direct, part.direct(), 0x100, [](std::uint32_t offset, unsigned bytes) {
        return (bytes == 4 && offset % 4 == 0) || (bytes == 1 && offset == 0);
    });
    CHECK(direct.read(0, Size::B1) == 0xff);
    direct.write(0, Size::B1, 0xa5);  // IOREGSEL is a register of 8 bits: I-2
    CHECK(direct.read(0, Size::B4) == 0xa5);
}
