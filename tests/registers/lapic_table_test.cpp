// SPDX-License-Identifier: Apache-2.0
// The local APIC of the default profile against tables typed from SDM vol. 3A, chapter 10 (figures 10-4 to 10-28,
// tables 10-1 and 10-6). What the profile decides there: version 15h with 7 LVT entries and suppression of EOI
// broadcasts, an id that software cannot write, TSC-deadline. The hardware's id is 134h.
#include "tests/registers/lapic_subject.hpp"
#include "tests/registers/typed_table.hpp"

using namespace hldsim;

namespace {

// `offset` is that of the xAPIC page. A write of ICR sends (bit 12 may show it); one of TPR, of the counts and of SVR
// shows elsewhere.
registers::Table typed_page() {
    registers::Table table = {
        // offset width name    reset        RO           RW           RW1C WO reserved
        {0x020, 32, "ID", 0x3400'0000, 0xff00'0000, 0, 0, 0, 0x00ff'ffff},
        {0x030, 32, "Version", 0x0106'0015, 0x01ff'00ff, 0, 0, 0, 0xfe00'ff00},
        {0x080, 32, "TPR", 0, 0, 0xff, 0, 0, 0xffff'ff00, 0, true},
        {0x090, 32, "APR", 0, 0xff, 0, 0, 0, 0xffff'ff00},
        {0x0a0, 32, "PPR", 0, 0xff, 0, 0, 0, 0xffff'ff00},
        {0x0b0, 32, "EOI", 0, 0, 0, 0, 0xffff'ffff, 0},
        {0x0c0, 32, "RRD", 0, 0xffff'ffff, 0, 0, 0, 0},
        {0x0d0, 32, "LDR", 0, 0, 0xff00'0000, 0, 0, 0x00ff'ffff},
        {0x0e0, 32, "DFR", 0xffff'ffff, 0x0fff'ffff, 0xf000'0000, 0, 0, 0},
        {0x0f0, 32, "SVR", 0xff, 0, 0x13ff, 0, 0, 0xffff'ec00},
        {0x280, 32, "ESR", 0, 0xff, 0, 0, 0, 0xffff'ff00},
        {0x2f0, 32, "LVT CMCI", 0x0001'0000, 0x1000, 0x0001'07ff, 0, 0, 0xfffe'e800},
        {0x300, 32, "ICR low", 0, 0x1000, 0x000c'cfff, 0, 0, 0xfff3'2000, 0x1000, true},
        {0x310, 32, "ICR high", 0, 0, 0xff00'0000, 0, 0, 0x00ff'ffff},
        {0x320, 32, "LVT timer", 0x0001'0000, 0x1000, 0x0007'00ff, 0, 0, 0xfff8'ef00},
        {0x330, 32, "LVT thermal", 0x0001'0000, 0x1000, 0x0001'07ff, 0, 0, 0xfffe'e800},
        {0x340, 32, "LVT PMI", 0x0001'0000, 0x1000, 0x0001'07ff, 0, 0, 0xfffe'e800},
        {0x350, 32, "LVT LINT0", 0x0001'0000, 0x5000, 0x0001'a7ff, 0, 0, 0xfffe'0800},
        {0x360, 32, "LVT LINT1", 0x0001'0000, 0x5000, 0x0001'a7ff, 0, 0, 0xfffe'0800},
        {0x370, 32, "LVT error", 0x0001'0000, 0x1000, 0x0001'00ff, 0, 0, 0xfffe'ef00},
        {0x380, 32, "Initial count", 0, 0, 0xffff'ffff, 0, 0, 0, 0, true},
        {0x390, 32, "Current count", 0, 0xffff'ffff, 0, 0, 0, 0},
        {0x3e0, 32, "Divide configuration", 0, 0, 0xb, 0, 0, 0xffff'fff4},
    };
    for (std::uint32_t offset = 0x100; offset < 0x280; offset += 0x10) {
        table.push_back({offset, 32, "ISR, TMR, IRR", 0, 0xffff'ffff, 0, 0, 0, 0});
    }
    return table;
}

/// An MSR: what it reads at reset, which bits WRMSR stores, which it takes and does not look at, all others fault.
struct Msr {
    std::uint32_t number;
    const char* name;
    bool readable;
    std::uint64_t reset, stored, ignored;
};
std::vector<Msr> msrs() {
    constexpr std::uint64_t NONE = 0;
    std::vector<Msr> table = {
        {0x802, "ID", true, 0x134, NONE, NONE},
        {0x803, "Version", true, 0x0106'0015, NONE, NONE},
        {0x808, "TPR", true, 0, 0xff, NONE},
        {0x80a, "PPR", true, 0, NONE, NONE},
        {0x80b, "EOI", false, 0, NONE, NONE},
        {0x80d, "LDR", true, 0x0013'0010, NONE, NONE},
        {0x80f, "SVR", true, 0xff, 0x13ff, NONE},
        {0x828, "ESR", true, 0, NONE, NONE},
        {0x82f, "LVT CMCI", true, 0x0001'0000, 0x0001'07ff, 0x1000},
        {0x830, "ICR", true, 0, 0xffff'ffff'000c'cfff, NONE},
        {0x832, "LVT timer", true, 0x0001'0000, 0x0007'00ff, 0x1000},
        {0x833, "LVT thermal", true, 0x0001'0000, 0x0001'07ff, 0x1000},
        {0x834, "LVT PMI", true, 0x0001'0000, 0x0001'07ff, 0x1000},
        {0x835, "LVT LINT0", true, 0x0001'0000, 0x0001'a7ff, 0x5000},
        {0x836, "LVT LINT1", true, 0x0001'0000, 0x0001'a7ff, 0x5000},
        {0x837, "LVT error", true, 0x0001'0000, 0x0001'00ff, 0x1000},
        {0x838, "Initial count", true, 0, 0xffff'ffff, NONE},
        {0x839, "Current count", true, 0, NONE, NONE},
        {0x83e, "Divide configuration", true, 0, 0xb, NONE},
        {0x83f, "SELF IPI", false, 0, NONE, 0xff},
    };
    for (std::uint32_t number = 0x810; number < 0x828; ++number) {
        table.push_back({number, "ISR, TMR, IRR", true, 0, NONE, NONE});
    }
    return table;
}
constexpr std::uint32_t READ_ONLY[] = {0x802, 0x803, 0x80a, 0x80d, 0x839};

bool is_read_only(std::uint32_t number) {
    return (number >= 0x810 && number < 0x828) ||
           std::find(std::begin(READ_ONLY), std::end(READ_ONLY), number) != std::end(READ_ONLY);
}

struct Page {
    registers::lapic_test::LapicSubject subject{LapicProfile{}, false};
    registers::Port port = registers::Port::of(subject);
    registers::Table table = typed_page();
    /// Software-enabled: else the masks of the LVT are held at 1.
    registers::Port enabled() {
        registers::Port with = port;
        with.reset = [this] {
            subject.reset();
            subject.write(0x0f0, Size::B4, 0x1ff);
        };
        return with;
    }
};

struct Msrs {
    registers::lapic_test::LapicSubject subject{LapicProfile{}, true};
    std::vector<Msr> table = msrs();
    bool write(std::uint32_t number, std::uint64_t value) { return subject.lapic().wrmsr(number, value); }
    std::uint64_t read(std::uint32_t number) {
        std::uint64_t value = 0;
        REQUIRE(subject.lapic().rdmsr(number, value));
        return value;
    }
    void reset() {
        subject.reset();
        REQUIRE(write(0x80f, 0x1ff));
    }
};

}  // namespace

TEST_CASE("lapic: the typed table is one", "[registers][lapic]") { registers::test_typed_table(typed_page()); }

TEST_CASE_METHOD(Page, "lapic: reset values of the page are those of the document", "[registers][lapic][LAPIC-4]") {
    registers::test_typed_reset(port, table, {Size::B4});
}

TEST_CASE_METHOD(Page, "lapic: each bit of the page has the access that the document gives it",
                 "[registers][lapic][2.1]") {
    registers::test_typed_masks(enabled(), table);
}

TEST_CASE_METHOD(Page, "lapic: software-disabled, every mask of the LVT stays 1", "[registers][lapic][LAPIC-5]") {
    for (const std::uint32_t entry : {0x2f0U, 0x320U, 0x330U, 0x340U, 0x350U, 0x360U, 0x370U}) {
        subject.reset();
        port.write(entry, Size::B4, 0);
        CHECK(port.read(entry, Size::B4) == 0x0001'0000);
    }
}

TEST_CASE_METHOD(Page, "lapic: a write of all ones to a register of the page changes no other", "[registers][lapic]") {
    registers::test_typed_neighbours(port, table);
}

TEST_CASE_METHOD(Page, "lapic: where the page has no register, reads are 0 and writes do nothing",
                 "[registers][lapic][2.1]") {
    // Each of them is an error, which ESR tells only after it was written.
    registers::test_typed_holes(port, table, 0x1000, 0x10, Size::B4, 0);
}

TEST_CASE_METHOD(Page, "lapic: what is not 4 bytes at a multiple of 16 reads all ones and writes nothing",
                 "[registers][lapic][2.1]") {
    registers::test_typed_wrong_sizes(
        port, table, 0x1000, [](std::uint32_t offset, unsigned bytes) { return bytes == 4 && offset % 16 == 0; });
}

TEST_CASE_METHOD(Msrs, "lapic: RDMSR knows the document's registers, with their reset values, and no other",
                 "[registers][lapic][2.1]") {
    subject.reset();
    for (std::uint32_t number = 0x800; number < 0x900; ++number) {
        const auto row = std::find_if(table.begin(), table.end(), [&](const Msr& msr) { return msr.number == number; });
        INFO(std::hex << number);
        std::uint64_t value = 0;
        const bool readable = subject.lapic().rdmsr(number, value);
        CHECK(readable == (row != table.end() && row->readable));
        CHECK(value == (readable && row != table.end() ? row->reset : 0));
    }
}

TEST_CASE_METHOD(Msrs, "lapic: WRMSR stores, ignores or refuses each bit as the document says",
                 "[registers][lapic][2.1]") {
    for (const Msr& msr : table) {
        for (unsigned bit = 0; bit < 64; ++bit) {
            const std::uint64_t one = 1ULL << bit;
            INFO(msr.name << ", bit " << bit);
            reset();
            const bool taken = ((msr.stored | msr.ignored) & one) != 0;
            CHECK(write(msr.number, one) == taken);
            if (taken && msr.readable) {
                CHECK(read(msr.number) == (one & msr.stored));
            }
        }
        reset();
        INFO(msr.name);
        CHECK(write(msr.number, 0) == !is_read_only(msr.number));
        if (msr.stored != 0) {
            CHECK(write(msr.number, msr.stored));
            CHECK(read(msr.number) == msr.stored);
        }
    }
}

TEST_CASE_METHOD(Msrs, "lapic: WRMSR of what the document does not list faults", "[registers][lapic][2.1]") {
    for (std::uint32_t number = 0x800; number < 0x900; ++number) {
        const bool listed =
            std::any_of(table.begin(), table.end(), [&](const Msr& msr) { return msr.number == number; });
        if (!listed) {
            INFO(std::hex << number);
            CHECK_FALSE(write(number, 0));
        }
    }
}

TEST_CASE("lapic: each bit of IA32_APIC_BASE is the page's, or refused", "[registers][lapic][LAPIC-2]") {
    registers::lapic_test::LapicSubject subject{LapicProfile{}, false};
    const auto read = [&] {
        std::uint64_t value = 0;
        REQUIRE(subject.lapic().rdmsr(0x1b, value));
        return value;
    };
    CHECK(read() == 0xfee0'0800);  // EN; not the boot CPU
    for (unsigned bit = 0; bit < 64; ++bit) {
        INFO("bit " << bit);
        subject.reset();
        const std::uint64_t value = 0xfee0'0800 ^ 1ULL << bit;
        const bool reserved = bit < 8 || bit == 9 || bit >= 46;
        if (bit < 8 || bit >= 12 || reserved) {  // 8 BSP, 10 EXTD, 11 EN: LAPIC-2 and LAPIC-3 have their tests
            CHECK(subject.lapic().wrmsr(0x1b, value) == !reserved);
            CHECK(read() == (reserved ? 0xfee0'0800 : value));
        }
    }
}
