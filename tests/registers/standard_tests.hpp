// SPDX-License-Identifier: Apache-2.0
// The tests that every register map has to pass: reset, rw, bit-walk, aliasing, wrong accesses, reset in the middle;
// and where it has such bits: write 1 to clear.
//
// Expectations come from the device's own rows (as the profile has shaped them), never from what it answers: that a row
// is the document's is shown by the typed tables (typed_table.hpp), not here. A device adds a Subject that says how it
// is accessed, and for its few registers with side effects what is left of a plain register in them.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "models/base/bits.hpp"
#include "models/regs/file.hpp"
#include "models/regs/print.hpp"
#include "tests/support/catch.hpp"

namespace hldsim::registers {

class Subject {
public:
    virtual ~Subject() = default;
    virtual std::uint64_t read(std::uint32_t offset, Size size) = 0;
    virtual void write(std::uint32_t offset, Size size, std::uint64_t value) = 0;
    virtual void reset() = 0;
    virtual std::string dump() = 0;
    /// The map in the shape of the device's profile; its values are not used.
    virtual const regs::File& shape() const = 0;
    /// Lets the device do something between two accesses.
    virtual void let_time_pass() {}
    /// Bits of the register that are plain storage for tests: written by software, changed by nothing else.
    virtual std::uint64_t storage(regs::File::Slot slot) const { return shape().mask(slot, regs::Access::RW); }
    /// From reset: makes the device set write-1-to-clear bits of that register, all that it ever does.
    virtual void raise(regs::File::Slot /*slot*/) {}
    /// Write-1-to-clear bits that the model never sets.
    virtual std::uint64_t never_set(regs::File::Slot /*slot*/) const { return 0; }
    /// Bits that show what was written to another register: they keep no reset value of their own.
    virtual std::uint64_t shadows(regs::File::Slot /*slot*/) const { return 0; }
};

inline Size whole(const regs::File& file, regs::File::Slot slot) {
    return static_cast<Size>(file.spec(slot).width / 8);
}

template <class Act>
void for_each_register(const regs::File& file, Act act) {
    for (regs::File::Slot slot = 0; slot < file.slots(); ++slot) {
        if (file.present(slot)) {
            INFO(regs::instance_name(file.spec(slot), file.instance(slot)));
            act(slot, file.offset(slot), whole(file, slot));
        }
    }
}

/// Bits that read as the rows say: no reserved, write-only or unimplemented ones.
inline std::uint64_t defined_bits(const regs::File& file, regs::File::Slot slot) {
    return file.mask(slot, regs::Access::RO) | file.mask(slot, regs::Access::RW) | file.mask(slot, regs::Access::RW1C) |
           file.mask(slot, regs::Access::W1S);
}

/// 1. Every register reads its reset value, whole and in every legal part.
inline void test_reset(Subject& subject, const std::vector<Size>& sizes) {
    subject.reset();
    for_each_register(subject.shape(), [&](regs::File::Slot slot, std::uint32_t offset, Size size) {
        const std::uint64_t expected = subject.shape().reset_value(slot) & defined_bits(subject.shape(), slot);
        CHECK(subject.read(offset, size) == expected);
        for (const Size part : sizes) {
            for (unsigned at = 0; at + bytes(part) <= bytes(size); at += bytes(part)) {
                CHECK(subject.read(offset + at, part) == (expected >> (8 * at) & byte_mask(bytes(part))));
            }
        }
    });
}

/// 2. What is written to storage reads back; everything else keeps its reset value.
inline void test_rw(Subject& subject) {
    for (const std::uint64_t pattern : {~0ULL, 0ULL, 0xaaaa'5555'cccc'3333ULL, 0x5555'aaaa'3333'ccccULL}) {
        subject.reset();
        for_each_register(subject.shape(), [&](regs::File::Slot slot, std::uint32_t offset, Size size) {
            const std::uint64_t bits = subject.storage(slot);
            const std::uint64_t reset = subject.shape().reset_value(slot) & defined_bits(subject.shape(), slot);
            subject.write(offset, size, pattern & bits);
            const std::uint64_t shadows = subject.shadows(slot);
            CHECK((subject.read(offset, size) & ~shadows) == (((reset & ~bits) | (pattern & bits)) & ~shadows));
        });
    }
}

/// 3. One bit at a time: it reads back alone, and read-only and reserved bits do not move when they are written.
inline void test_bit_walk(Subject& subject) {
    for_each_register(subject.shape(), [&](regs::File::Slot slot, std::uint32_t offset, Size size) {
        const regs::File& file = subject.shape();
        const std::uint64_t fixed = file.mask(slot, regs::Access::RO) | file.reserved_mask(slot);
        for (unsigned bit = 0; bit < file.spec(slot).width; ++bit) {
            const std::uint64_t one = std::uint64_t{1} << bit;
            subject.reset();
            const std::uint64_t before = subject.read(offset, size);
            if ((subject.storage(slot) & one) != 0) {
                subject.write(offset, size, one);
                CHECK(subject.read(offset, size) == ((before & ~subject.storage(slot)) | one));
            } else if ((fixed & one) != 0) {
                subject.write(offset, size, before ^ one);
                CHECK((subject.read(offset, size) & fixed) == (before & fixed));
            }
        }
    });
}

/// 4. No register answers at another's place: each holds its own value after all were written.
inline void test_aliasing(Subject& subject) {
    subject.reset();
    const auto value_for = [&](regs::File::Slot slot) {
        return (std::uint64_t{slot} + 1) * 0x0101'0101'0101'0101U & subject.storage(slot);
    };
    for_each_register(subject.shape(), [&](regs::File::Slot slot, std::uint32_t offset, Size size) {
        subject.write(offset, size, value_for(slot));
    });
    for_each_register(subject.shape(), [&](regs::File::Slot slot, std::uint32_t offset, Size size) {
        CHECK((subject.read(offset, size) & subject.storage(slot)) == value_for(slot));
    });
}

/// 5. Whatever the device does not decode, by size or place, changes nothing and does no harm.
template <class Legal>
void test_wrong_accesses(Subject& subject, std::uint32_t first, std::uint32_t last, Legal legal) {
    subject.reset();
    const std::string before = subject.dump();
    for (std::uint32_t offset = first; offset <= last; ++offset) {
        INFO("offset " << offset);
        for (const Size size : {Size::B1, Size::B2, Size::B4, Size::B8}) {
            if (!legal(offset, size)) {
                subject.read(offset, size);
                subject.write(offset, size, ~0ULL);
            }
        }
        CHECK(subject.dump() == before);
    }
}

/// 6. A reset in the middle of anything leaves the state of a new device.
inline void test_reset_in_the_middle(Subject& subject) {
    subject.reset();
    const std::string fresh = subject.dump();
    std::uint64_t random = 0x2545'f491'4f6c'dd1d;
    constexpr int ROUNDS = 50;
    int changed = 0;
    for (int round = 0; round < ROUNDS; ++round) {
        for_each_register(subject.shape(), [&](regs::File::Slot slot, std::uint32_t offset, Size size) {
            random ^= random << 13U;
            random ^= random >> 7U;
            random ^= random << 17U;
            subject.write(offset, size, random & subject.shape().programmed_mask(slot));
            if ((random & 0x700U) == 0) {
                subject.let_time_pass();
            }
        });
        changed += subject.dump() != fresh ? 1 : 0;
        subject.reset();
        CHECK(subject.dump() == fresh);
    }
    CHECK(changed > ROUNDS / 2);  // of a few bits all may be 0
}

/// 7. Writing 1 clears a bit that the device has set and no other, writing 0 clears none; whole and in every legal
/// part.
inline void test_write_one_to_clear(Subject& subject, const std::vector<Size>& sizes) {
    unsigned bits = 0;
    for_each_register(subject.shape(), [&](regs::File::Slot slot, std::uint32_t offset, Size size) {
        const std::uint64_t flags = subject.shape().mask(slot, regs::Access::RW1C);
        const std::uint64_t raised = flags & ~subject.never_set(slot);
        const auto left_by = [&](Size part, unsigned lane, std::uint64_t value) {
            subject.reset();
            subject.raise(slot);
            REQUIRE((subject.read(offset, size) & flags) == raised);
            subject.write(offset + lane, part, value >> (8 * lane));
            return subject.read(offset, size) & flags;
        };
        for (const Size part : sizes) {
            for (unsigned lane = 0; flags != 0 && lane + bytes(part) <= bytes(size); lane += bytes(part)) {
                INFO(bytes(part) << " bytes at " << lane);
                CHECK(left_by(part, lane, 0) == raised);
                for (unsigned bit = 8 * lane; bit < 8 * (lane + bytes(part)); ++bit) {
                    const std::uint64_t one = std::uint64_t{1} << bit;
                    if ((flags & one) != 0) {
                        CHECK(left_by(part, lane, one) == (raised & ~one));
                        ++bits;
                    }
                }
            }
        }
    });
    CHECK(bits > 0);
}

}  // namespace hldsim::registers
