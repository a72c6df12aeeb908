// SPDX-License-Identifier: Apache-2.0
// What the rows say, for people: documentation of a map, and a value taken apart into its fields.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/regs/file.hpp"
#include "models/regs/spec.hpp"

namespace hldsim::regs {

/// "RW1C" and so on, as in the rows.
std::string_view access_name(Access access);

/// The meaning ends in "(profile)": the profile says what it holds or whether it is writable, and the row's reset is
/// one example. A writable field that "exists with" something reads 0 behind a reset in every profile that has it.
bool set_by_profile(const Field& field);

/// The register's name with the number of the instance in place of its lower-case n: TIMn_CONF, 2 -> TIM2_CONF.
std::string instance_name(const Register& spec, unsigned instance);

struct Named {
    const Register* spec = nullptr;
    unsigned instance = 0;
};
/// The register that software calls so: TIM2_CONF, or TIMn_CONF for the first one.
std::optional<Named> named(const Map& map, std::string_view name);
/// What named() takes: each register's name, and behind TIMn_CONF those of its instances.
std::vector<std::string> names(const Map& map);

/// Documentation as it goes to a terminal: the list of registers, or one register with its fields.
std::string to_text(const Map& map);
std::string to_text(const Map& map, const Register& spec);
/// The same as Markdown tables: of the whole map with all fields, or of one register.
std::string to_markdown(const Map& map);
std::string to_markdown(const Map& map, const Register& spec);

/// One line a field: "  bit 2      Tn_INT_ENB_CNF  1  <meaning>"; reserved bits only where one is set.
std::string decode(const Register& spec, std::uint64_t value);
/// The same fields as a Markdown table.
std::string decode_markdown(const Register& spec, std::uint64_t value);
/// All fields other than 0 in one line: "Tn_INT_ENB_CNF=1 Tn_TYPE_CNF=1"; unknown set bits as "reserved[31:16]=0x1".
std::string decode_short(const Register& spec, std::uint64_t value);

/// "0x0000000000000001": as many digits as the register has.
std::string hexadecimal(std::uint64_t value, unsigned width);

/// The register whose bytes include that offset: "TIM2_CONF"; "offset 0x123" where there is none.
std::string register_at(const Map& map, std::uint32_t offset);
/// How many bytes that register has; 1 where there is none.
unsigned bytes_at(const Map& map, std::uint32_t offset);
/// "reserved: WHAT (write of 4 bytes, TIM2_CONF, 0x...)"; of misuse "(write of TIM2_CONF, 0x...)", and where no access
/// leads to it "(TIM2_CONF, 0x...)", in no register "(0x...)".
std::string describe(const Diagnosis& diagnosis, const Map& map);

/// One line a present register: name, value, fields. What is kept outside the file the device adds by itself.
std::string dump(const File& file);

}  // namespace hldsim::regs
