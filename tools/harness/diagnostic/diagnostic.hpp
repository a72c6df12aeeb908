// SPDX-License-Identifier: Apache-2.0
// What a user reads when input is wrong: where, what, what it may have been, the line, and what was expected.
//
//   scenarios/mine/late-nmi.yaml:8:54: error: no variable 'hld.monitred_mask'; did you mean 'hld.monitored_mask'?
//         before: {cpu: 2, in: hld_cpu_offline, updates: hld.monitred_mask}
//                                                        ^^^^^^^^^^^^^^^^^
//     expected a variable of the detector or the mini-kernel, or a device register (DEVICE.REGISTER)
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace hldsim::diagnostic {

/// A text that marks point into: a file, or an argument of the command line.
struct Source {
    std::string name;  // as the user wrote it: shown in front of each error
    std::string text;
};

/// A stretch of a source. Without a source it points nowhere: a default that the user did not write.
struct Mark {
    std::shared_ptr<const Source> source;
    std::size_t offset = 0;
    std::size_t length = 0;

    explicit operator bool() const { return source != nullptr; }
};

/// Where a mark begins: both from 1, columns in characters.
struct Position {
    std::size_t line = 1;
    std::size_t column = 1;
};
Position position(const Mark& mark);
/// "FILE:LINE:COLUMN", or "built in" for a mark that points nowhere.
std::string location(const Mark& mark);

/// Wrong input: exit code 2. what() is the whole text, without a line end behind it.
class Error : public std::runtime_error {
public:
    struct Parts {
        Mark mark;
        std::string file;        // shown when there is no mark
        std::string what;        // lower case, no full stop
        std::string suggestion;  // the nearest valid name, if one is close
        std::string expected;    // "a duration such as 5 s"
    };
    explicit Error(Parts parts);
    Error(Mark mark, std::string what, std::string expected = {}, std::string suggestion = {});

    const Parts& parts() const { return parts_; }

private:
    Parts parts_;
};

/// Edits (insert, delete, replace, swap of neighbours) that make one of the other.
std::size_t distance(std::string_view a, std::string_view b);

/// The valid name that is nearest to `got`, if it is close enough to be meant; else empty.
std::string nearest(std::string_view got, const std::vector<std::string_view>& valid);

/// What a terminal would obey stands there as \xNN; characters of `kept` stay as they are.
std::string printable(std::string_view text, std::string_view kept = {});

/// 'text': a word of the input within a sentence.
std::string in_quotes(std::string_view text);

/// "a, b or c": the choices of an error message.
std::string choices(const std::vector<std::string_view>& valid, std::string_view last = "or");

}  // namespace hldsim::diagnostic
