// SPDX-License-Identifier: Apache-2.0
// A register map as the device of one machine has it: what its profile leaves out, what it sets, what is read-only
// there. The map of a Shape is printed as any other is (print.hpp).
//
//   Instances  the registers that exist; where instances differ, each has a row of its own (TIM0_CONF, TIM1_CONF)
//   Resets     all given: "(profile)" is gone from fields that a profile sets
//   Access     of a field that the profile changes as a whole
#pragma once
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "models/regs/file.hpp"
#include "models/regs/spec.hpp"

namespace hldsim::regs {

class Shape {
public:
    /// What a profile makes of one instance of a register.
    struct Instance {
        bool present = true;
        std::uint64_t reset = 0;
        const File* file = nullptr;  // which says how the fields are accessed; null: as the row
        File::Slot slot = File::NONE;
        std::uint32_t moved = 0;  // how far behind the row's offset it is found
    };

    /// As the device with these registers has it.
    explicit Shape(const File& file);
    /// As `made` says of each instance, for a device without a File.
    Shape(const Map& map, const std::function<Instance(const Register& spec, unsigned instance)>& made);
    Shape(const Shape&) = delete;
    Shape& operator=(const Shape&) = delete;
    Shape(Shape&&) = default;
    Shape& operator=(Shape&&) = default;
    ~Shape() = default;

    /// Lives as long as the Shape.
    const Map& map() const { return map_; }

private:
    void add(const Map& map, const Register& spec, const std::vector<Instance>& instances);
    void add_row(const Map& map, const Register& spec, const Register& row, std::vector<Field> fields);

    std::deque<std::string> names_;
    std::deque<std::vector<Field>> fields_;
    std::vector<Register> registers_;
    std::vector<std::string_view> places_;
    std::vector<Format> formats_;
    Map map_;
};

}  // namespace hldsim::regs
