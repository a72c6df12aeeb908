// SPDX-License-Identifier: Apache-2.0
// Reads values of product types out of nodes; every failure is an Error that points at the text.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/harness/document/document.hpp"
#include "tools/harness/scenario/scenario.hpp"
#include "tools/harness/scenario/words.hpp"

namespace hldsim::scenario {

/// A mapping whose keys are known: an unknown one is an error with the nearest valid name.
class Fields {
public:
    Fields(const document::Node& node, std::string what, std::vector<std::string_view> keys);

    /// The value, if the key is there; nothing behind the key is an error.
    const document::Node* find(std::string_view key) const;
    const document::Node& require(std::string_view key) const;
    const document::Entry* entry(std::string_view key) const { return node_.find(key); }
    const document::Node& node() const { return node_; }

private:
    const document::Node& node_;
    std::string what_;
    std::string keys_;
};

/// What is known of the run before a value is read.
struct Context {
    unsigned cpus = 4;
};

enum class Sign { Any, NotNegative, Positive };

std::string text(const document::Node& node, const std::string& expected);
Marked<std::string> name(const document::Node& node, const std::string& expected);
bool boolean(const document::Node& node);
std::uint64_t count(const document::Node& node, std::uint64_t min, std::uint64_t max, const std::string& expected);
Marked<value::Span> span(const document::Node& node, Sign sign);
Cpu cpu(const document::Node& node, const Context& context);
const std::vector<document::Node>& list(const document::Node& node, const std::string& expected);

/// Throws: '<got>' is none of these.
[[noreturn]] void not_one_of(const document::Node& node, const std::string& what,
                             const std::vector<std::string_view>& valid);

template <typename T, std::size_t N>
T choice(const document::Node& node, const std::string& what, const Word<T> (&words)[N]) {
    for (const Word<T>& word : words) {
        if (node.is_scalar() && node.text == word.name) {
            return word.value;
        }
    }
    not_one_of(node, what, names(words));
}

Point read_point(const document::Node& node, const Context& context);
Aim read_aim(const document::Node& node, const Context& context);
/// Throws: that file of the mini-kernel would refuse the value in every run.
void check_written(const WriteFile& write, const Context& context);
/// Throws: a word of the kernel's command line that begins with "hld." and is none, or a value that its word has not.
void check_command_line(const document::Node& node);
Event read_event(const document::Node& node, const Context& context);
Expect read_expect(const document::Node& node, const Context& context);
Machine read_machine(const document::Node& node);
Kernel read_kernel(const document::Node& node);
Detector read_detector(const document::Node& node);
/// Design, policy and options against the catalogue, if the object is the built-in one.
void check_built_in(const Detector& detector, const diagnostic::Mark& mark);

/// A path in a file is relative to that file.
Marked<std::string> path_beside(const document::Node& node, const std::string& expected);

}  // namespace hldsim::scenario
