// SPDX-License-Identifier: Apache-2.0
// A register table typed from the document, and the comparison of a device with it through accesses alone.
//
// The standard tests take what they expect from the device's own rows: they show that it does what its rows say. A
// table of numbers, which names no constant of the device, shows that the rows say what the document does.
#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>
#include <ios>
#include <string_view>
#include <vector>

#include "models/base/bits.hpp"
#include "tests/registers/standard_tests.hpp"
#include "tests/support/catch.hpp"

namespace hldsim::registers {

/// One register. The five masks are disjoint and cover its width; reserved and write-only bits read 0.
struct Typed {
    std::uint32_t offset;
    unsigned width;  // bits
    std::string_view name;
    std::uint64_t reset;
    std::uint64_t ro;
    std::uint64_t rw;
    std::uint64_t rw1c;
    std::uint64_t wo;
    std::uint64_t reserved;
    std::uint64_t moving = 0;     // not compared behind a write: the device changes them by what was written
    bool moves_others = false;    // a write of it changes what other registers read: not compared
    std::uint64_t never_set = 0;  // of rw1c: the device never sets them
};
using Table = std::vector<Typed>;

/// How a table's offsets are accessed.
struct Port {
    std::function<std::uint64_t(std::uint32_t, Size)> read;
    std::function<void(std::uint32_t, Size, std::uint64_t)> write;
    std::function<void()> reset;
    std::function<void()> raise = {};  // from reset: the device sets every rw1c bit that it ever sets

    static Port of(Subject& subject) {
        return {[&](std::uint32_t offset, Size size) { return subject.read(offset, size); },
                [&](std::uint32_t offset, Size size, std::uint64_t value) { subject.write(offset, size, value); },
                [&] { subject.reset(); }, [&] { subject.raise(0); }};
    }
};

inline Size whole(const Typed& row) { return static_cast<Size>(row.width / 8); }

template <class Act>
void for_each_row(const Table& table, Act act) {
    for (const Typed& row : table) {
        INFO(row.name << " at " << std::hex << row.offset);
        act(row);
    }
}

/// The table itself: each bit of each register has one kind of access, and no reset value where nothing is kept.
inline void test_typed_table(const Table& table) {
    for_each_row(table, [](const Typed& row) {
        const std::uint64_t masks[] = {row.ro, row.rw, row.rw1c, row.wo, row.reserved};
        std::uint64_t seen = 0;
        for (const std::uint64_t mask : masks) {
            CHECK((seen & mask) == 0);
            seen |= mask;
        }
        CHECK(seen == byte_mask(row.width / 8));
        CHECK((row.reset & ~(row.ro | row.rw)) == 0);
    });
}

/// Every register reads its reset value, whole and in every part of those sizes.
inline void test_typed_reset(const Port& port, const Table& table, const std::vector<Size>& sizes) {
    port.reset();
    for_each_row(table, [&](const Typed& row) {
        for (const Size part : sizes) {
            for (unsigned at = 0; at + bytes(part) <= row.width / 8; at += bytes(part)) {
                CHECK(port.read(row.offset + at, part) == (row.reset >> (8 * at) & byte_mask(bytes(part))));
            }
        }
    });
}

/// After all ones, all zeros, each bit alone and each bit missing: RW holds what was written, the rest has not moved.
inline void test_typed_masks(const Port& port, const Table& table) {
    for_each_row(table, [&](const Typed& row) {
        std::vector<std::uint64_t> patterns{~0ULL, 0};
        for (unsigned bit = 0; bit < row.width; ++bit) {
            patterns.push_back(1ULL << bit);
            patterns.push_back(~(1ULL << bit));
        }
        for (const std::uint64_t pattern : patterns) {
            INFO("wrote " << std::hex << pattern);
            port.reset();
            const std::uint64_t kept = port.read(row.offset, whole(row)) & row.ro;
            port.write(row.offset, whole(row), pattern & byte_mask(row.width / 8));
            const std::uint64_t expected = (pattern & row.rw) | kept;
            CHECK((port.read(row.offset, whole(row)) & ~row.moving) == (expected & ~row.moving));
        }
        port.reset();
        port.write(row.offset, whole(row), byte_mask(row.width / 8));
        port.write(row.offset, whole(row), 0);
        CHECK((port.read(row.offset, whole(row)) & row.rw & ~row.moving) == 0);
    });
}

/// A write of half of a register of 64 bits changes that half alone.
inline void test_typed_halves(const Port& port, const Table& table) {
    for_each_row(table, [&](const Typed& row) {
        for (unsigned lane = 0; row.width == 64 && lane < 8; lane += 4) {
            port.reset();
            const std::uint64_t before = port.read(row.offset, Size::B8);
            port.write(row.offset + lane, Size::B4, 0xffff'ffff);
            const std::uint64_t written = row.rw & 0xffff'ffffULL << (8 * lane);
            const std::uint64_t compared = ~row.moving;
            CHECK((port.read(row.offset, Size::B8) & compared) == (((before & ~written) | written) & compared));
        }
    });
}

/// All ones in one register leave every other one alone.
inline void test_typed_neighbours(const Port& port, const Table& table) {
    for_each_row(table, [&](const Typed& row) {
        if (row.moves_others) {
            return;
        }
        port.reset();
        port.write(row.offset, whole(row), byte_mask(row.width / 8));
        for (const Typed& other : table) {
            if (other.offset != row.offset && port.read(other.offset, whole(other)) != other.reset) {
                FAIL_CHECK(other.name << " at " << std::hex << other.offset << " has moved");
            }
        }
    });
}

/// Writing 1 clears a bit that the device has set, and no other bit of that register; writing 0 clears nothing.
inline void test_typed_write_one_to_clear(const Port& port, const Table& table) {
    std::uint64_t cleared = 0;
    for_each_row(table, [&](const Typed& row) {
        const std::uint64_t raised = row.rw1c & ~row.never_set;
        const auto after = [&](std::uint64_t written) {
            port.reset();
            port.raise();
            const std::uint64_t before = port.read(row.offset, whole(row));
            REQUIRE((before & row.rw1c) == raised);
            port.write(row.offset, whole(row), written);
            CHECK((port.read(row.offset, whole(row)) & ~(row.rw1c | row.rw)) == (before & ~(row.rw1c | row.rw)));
            return port.read(row.offset, whole(row)) & row.rw1c;
        };
        if (row.rw1c == 0) {
            return;
        }
        CHECK(after(0) == raised);
        for (std::uint64_t left = raised; left != 0; left &= left - 1) {
            const std::uint64_t one = left & ~(left - 1);
            CHECK(after(one) == (raised & ~one));
            ++cleared;
        }
    });
    CHECK(cleared > 0);
}

/// Where the document has no register: it reads as that value, and a write changes no register.
inline void test_typed_holes(const Port& port, const Table& table, std::uint32_t end, std::uint32_t step, Size size,
                             std::uint64_t reads) {
    const auto inside = [&](std::uint32_t offset) {
        for (const Typed& row : table) {
            if (offset + bytes(size) > row.offset && offset < row.offset + row.width / 8) {
                return true;
            }
        }
        return false;
    };
    port.reset();
    for (std::uint32_t offset = 0; offset < end; offset += step) {
        if (!inside(offset)) {
            INFO("offset " << std::hex << offset);
            CHECK(port.read(offset, size) == reads);
            port.write(offset, size, byte_mask(bytes(size)));
        }
    }
    for_each_row(table, [&](const Typed& row) { CHECK(port.read(row.offset, whole(row)) == row.reset); });
}

/// What is not legal by size or place reads all ones, and a write of it changes no register.
template <class Legal>
void test_typed_wrong_sizes(const Port& port, const Table& table, std::uint32_t end, Legal legal) {
    port.reset();
    for (std::uint32_t offset = 0; offset < end; ++offset) {
        for (const Size size : {Size::B1, Size::B2, Size::B4, Size::B8}) {
            if (legal(offset, bytes(size))) {
                continue;
            }
            if (port.read(offset, size) != byte_mask(bytes(size))) {
                FAIL_CHECK(bytes(size) << " bytes at " << std::hex << offset << " do not read all ones");
            }
            port.write(offset, size, ~0ULL);
        }
    }
    for_each_row(table, [&](const Typed& row) { CHECK(port.read(row.offset, whole(row)) == row.reset); });
}

}  // namespace hldsim::registers
