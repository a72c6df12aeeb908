// SPDX-License-Identifier: Apache-2.0
// The values of a register map, and what an access does to them: every mask is derived from the rows, none is typed.
//
//   Access     one register, whole or an aligned part of it, in one of the sizes that the device takes
//   Shaping    a profile may say how many instances exist, what a read-only field holds, and that a field is read-only
//   Diagnosis  undefined (no such register), reserved (a reserved bit written), unimplemented, size; and misuse, which
//              only the device can see. An observation: the access itself goes on as the device's rules say
//   Not here   side effects. The device asks what the write makes of the value, acts, and stores it
#pragma once
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "models/base/bits.hpp"
#include "models/base/state_copy.hpp"
#include "models/regs/spec.hpp"

namespace hldsim::regs {

/// What software did that the specification does not provide for.
struct Diagnosis {
    enum class Kind : std::uint8_t { Undefined, Reserved, Unimplemented, Size, Misuse };

    Kind kind = Kind::Undefined;
    bool write = false;
    std::uint32_t offset = 0;
    Size size = Size::B4;     // of the access; Misuse is about a register, whatever the size
    std::uint64_t value = 0;  // as written; for Reserved and Unimplemented the bits at fault, in the register's place
    std::string_view what = {};  // a constant sentence
    bool by_access = true;       // false: of_device()
};

/// What no access leads to just then: a match, a descriptor that is fetched, a pin. `offset` is that of the register
/// whose value it is; of something that is in no register, NO_REGISTER.
constexpr std::uint32_t NO_REGISTER = ~std::uint32_t{0};
constexpr Diagnosis of_device(std::uint32_t offset, std::uint64_t value, std::string_view what) {
    return {Diagnosis::Kind::Misuse, false, offset, Size::B4, value, what, false};
}

std::string_view kind_name(Diagnosis::Kind kind);

class File {
public:
    using Slot = std::uint16_t;  // one instance of one register; instances of a register are consecutive
    static constexpr Slot NONE = 0xffff;

    /// Where an access lands: `lanes` are the bits of the register that it touches, `shift` the lowest of them.
    struct Location {
        Slot slot = NONE;
        unsigned shift = 0;
        std::uint64_t lanes = 0;
        bool bad_size = false;

        explicit operator bool() const { return slot != NONE; }
    };

    /// `sizes` are those that the device takes, naturally aligned; a register wider than 64 bits is refused.
    File(const Map& map, std::initializer_list<Size> sizes);

    // ---- shaping, before use
    /// Only the first `present` instances exist; the offsets of the others are undefined.
    void limit(std::string_view name, unsigned present);
    void set_reset(Slot slot, Bits bits, std::uint64_t value);
    void set_access(Slot slot, Bits bits, Access access);
    void on_diagnosis(std::function<void(const Diagnosis&)> sink) { sink_ = std::move(sink); }

    void reset();
    /// The slot of instance i; throws std::out_of_range if there is none.
    Slot slot(std::string_view name, unsigned instance = 0) const;
    /// The slot whose register begins at that offset, or NONE; diagnoses nothing.
    Slot slot_at(std::uint32_t offset) const;

    // ---- accesses
    Location locate(std::uint32_t offset, Size size, bool write, std::uint64_t value = 0) const;
    /// What software reads of a register that holds `whole`. Reserved and write-only bits read 0.
    std::uint64_t readable(const Location& at, std::uint64_t whole) const;
    /// What the register holds after the write if it held `old`: RO kept, RW taken, RW1C cleared by 1, W1S set by 1.
    /// Bytes that are not written count as 0 in a write-1 field. Diagnoses reserved and unimplemented bits.
    std::uint64_t written(const Location& at, std::uint64_t old, std::uint64_t value) const;
    void diagnose(const Diagnosis& diagnosis) const {
        if (sink_) {
            sink_(diagnosis);
        }
    }

    // ---- values
    std::uint64_t value(Slot slot) const { return rows_[slot].value; }
    void set_value(Slot slot, std::uint64_t value) { rows_[slot].value = value; }
    std::uint64_t reset_value(Slot slot) const { return rows_[slot].reset; }
    /// The bits that software can change, the ones that it must not, and the rest.
    std::uint64_t programmed_mask(Slot slot) const;
    std::uint64_t reserved_mask(Slot slot) const { return rows_[slot].rsvd | rows_[slot].rsvp; }
    std::uint64_t mask(Slot slot, Access access) const;

    /// The values; not the shape.
    void copy_state(StateCopy& s) {
        for (Row& row : rows_) {
            s(row.value);
        }
    }

    const Map& map() const { return map_; }
    const Register& spec(Slot slot) const { return *rows_[slot].spec; }
    unsigned instance(Slot slot) const { return rows_[slot].instance; }
    std::uint32_t offset(Slot slot) const;
    bool present(Slot slot) const { return rows_[slot].present; }
    Slot slots() const { return static_cast<Slot>(rows_.size()); }

private:
    struct Row {
        const Register* spec = nullptr;
        unsigned instance = 0;
        bool present = true;
        std::uint64_t value = 0;
        std::uint64_t reset = 0;
        std::uint64_t ro = 0, rw = 0, rw1c = 0, w1s = 0, wo = 0, rsvd = 0, rsvp = 0, unimpl = 0;
    };
    static std::uint64_t& mask_of(Row& row, Access access);
    void index();
    void diagnose_bits(Diagnosis::Kind kind, bool write, const Location& at, std::uint64_t bits,
                       std::string_view what) const;
    void check_unimplemented(const Location& at, const Row& row, bool write, std::uint64_t value) const;

    Map map_;
    unsigned sizes_ = 0;  // bit n: n bytes are allowed
    std::vector<Row> rows_;
    std::vector<Slot> slot_at_;  // by byte offset
    std::function<void(const Diagnosis&)> sink_;
};

}  // namespace hldsim::regs
