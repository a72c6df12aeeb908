// SPDX-License-Identifier: Apache-2.0
#include "models/regs/file.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace hldsim::regs {

std::string_view kind_name(Diagnosis::Kind kind) {
    switch (kind) {
        case Diagnosis::Kind::Undefined:
            return "undefined";
        case Diagnosis::Kind::Reserved:
            return "reserved";
        case Diagnosis::Kind::Unimplemented:
            return "unimplemented";
        case Diagnosis::Kind::Size:
            return "size";
        case Diagnosis::Kind::Misuse:
            return "misuse";
    }
    return "";
}

std::uint64_t& File::mask_of(Row& row, Access access) {
    switch (access) {
        case Access::RO:
            return row.ro;
        case Access::RW:
            return row.rw;
        case Access::RW1C:
            return row.rw1c;
        case Access::W1S:
            return row.w1s;
        case Access::WO:
            return row.wo;
        case Access::RSVD:
            return row.rsvd;
        case Access::RSVP:
            return row.rsvp;
        case Access::UNIMPL:
            return row.unimpl;
    }
    throw std::logic_error("an access word without a mask");
}

File::File(const Map& map, std::initializer_list<Size> sizes) : map_{map} {
    for (const Size size : sizes) {
        sizes_ |= 1U << bytes(size);
    }
    for (const Register& spec : map_) {
        if (spec.width > 64) {
            throw std::invalid_argument("register " + std::string{spec.name} + " is wider than 64 bits");
        }
        for (unsigned i = 0; i < spec.repeat.count; ++i) {
            Row row;
            row.spec = &spec;
            row.instance = i;
            row.reset = spec.reset();
            for (const Field& field : spec) {
                mask_of(row, field.access) |= field.bits.mask();
            }
            rows_.push_back(row);
        }
    }
    index();
    reset();
}

void File::index() {
    std::uint32_t end = 0;
    for (Slot s = 0; s < slots(); ++s) {
        end = std::max(end, offset(s) + rows_[s].spec->width / 8);
    }
    slot_at_.assign(end, NONE);
    for (Slot s = 0; s < slots(); ++s) {
        if (rows_[s].present) {
            const auto first = slot_at_.begin() + offset(s);
            std::fill(first, first + rows_[s].spec->width / 8, s);
        }
    }
}

std::uint32_t File::offset(Slot slot) const {
    const Row& row = rows_[slot];
    return row.spec->offset + row.instance * row.spec->repeat.stride;
}

void File::limit(std::string_view name, unsigned present) {
    for (Row& row : rows_) {
        if (row.spec->name == name) {
            row.present = row.instance < present;
        }
    }
    index();
}

void File::set_reset(Slot slot, Bits bits, std::uint64_t value) {
    rows_[slot].reset = bits.set(rows_[slot].reset, value);
    rows_[slot].value = bits.set(rows_[slot].value, value);
}

void File::set_access(Slot slot, Bits bits, Access access) {
    Row& row = rows_[slot];
    for (const Access other :
         {Access::RO, Access::RW, Access::RW1C, Access::W1S, Access::WO, Access::RSVD, Access::RSVP, Access::UNIMPL}) {
        mask_of(row, other) &= ~bits.mask();
    }
    mask_of(row, access) |= bits.mask();
}

void File::reset() {
    for (Row& row : rows_) {
        row.value = row.reset;
    }
}

File::Slot File::slot(std::string_view name, unsigned instance) const {
    for (Slot s = 0; s < slots(); ++s) {
        if (rows_[s].spec->name == name && rows_[s].instance == instance) {
            return s;
        }
    }
    throw std::out_of_range("no register " + std::string{name} + " number " + std::to_string(instance));
}

File::Slot File::slot_at(std::uint32_t offset) const {
    const Slot slot = offset < slot_at_.size() ? slot_at_[offset] : NONE;
    return slot != NONE && this->offset(slot) == offset ? slot : NONE;
}

File::Location File::locate(std::uint32_t offset, Size size, bool write, std::uint64_t value) const {
    const unsigned length = bytes(size);
    Location at;
    if ((sizes_ >> length & 1U) == 0 || offset % length != 0) {
        at.bad_size = true;
        diagnose(
            {Diagnosis::Kind::Size, write, offset, size, value, "size or alignment that the device does not take"});
        return at;
    }
    const Slot slot = offset < slot_at_.size() ? slot_at_[offset] : NONE;
    if (slot == NONE) {
        diagnose({Diagnosis::Kind::Undefined, write, offset, size, value, "no register at this offset"});
        return at;
    }
    const unsigned first = offset - this->offset(slot);
    if (first + length > rows_[slot].spec->width / 8) {
        at.bad_size = true;
        diagnose({Diagnosis::Kind::Size, write, offset, size, value, "access beyond the end of the register"});
        return at;
    }
    at.slot = slot;
    at.shift = 8 * first;
    at.lanes = byte_mask(length) << at.shift;
    return at;
}

// The place is the register's, the size the access's.
void File::diagnose_bits(Diagnosis::Kind kind, bool write, const Location& at, std::uint64_t bits,
                         std::string_view what) const {
    const auto size = static_cast<Size>(__builtin_popcountll(at.lanes) / 8);
    diagnose({kind, write, offset(at.slot), size, bits, what});
}

void File::check_unimplemented(const Location& at, const Row& row, bool write, std::uint64_t value) const {
    const bool nothing_else = (at.lanes & ~(row.unimpl | row.rsvd | row.rsvp)) == 0;
    if (!write || nothing_else || (value & row.unimpl) != 0) {
        diagnose_bits(Diagnosis::Kind::Unimplemented, write, at, row.unimpl & (write ? value : at.lanes),
                      "defined by the specification, not modelled");
    }
}

std::uint64_t File::readable(const Location& at, std::uint64_t whole) const {
    const Row& row = rows_[at.slot];
    if ((row.unimpl & at.lanes) != 0) {
        check_unimplemented(at, row, false, 0);
    }
    return (whole & ~(row.wo | row.rsvd | row.rsvp | row.unimpl) & at.lanes) >> at.shift;
}

std::uint64_t File::written(const Location& at, std::uint64_t old, std::uint64_t value) const {
    const Row& row = rows_[at.slot];
    const std::uint64_t in = (value << at.shift) & at.lanes;
    if ((in & (row.rsvd | row.rsvp)) != 0) {
        diagnose_bits(Diagnosis::Kind::Reserved, true, at, in & (row.rsvd | row.rsvp), "reserved bits written with 1");
    }
    if ((row.unimpl & at.lanes) != 0) {
        check_unimplemented(at, row, true, in);
    }
    const std::uint64_t taken = (row.rw | row.wo) & at.lanes;
    return ((old & ~taken) | (in & taken) | (in & row.w1s)) & ~(in & row.rw1c);
}

std::uint64_t File::programmed_mask(Slot slot) const {
    const Row& row = rows_[slot];
    return row.rw | row.rw1c | row.w1s | row.wo;
}

std::uint64_t File::mask(Slot slot, Access access) const {
    Row row = rows_[slot];
    return mask_of(row, access);
}

}  // namespace hldsim::regs
