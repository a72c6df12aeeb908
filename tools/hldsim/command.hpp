// SPDX-License-Identifier: Apache-2.0
// What a command of hldsim is: its options, its arguments, and what it does with them.
//
//   Add one   a file with a `const Command` in it, declared below, and its name in commands()
//   Results   through Output; progress and diagnostics go to stderr
//   Errors    diagnostic::Error is bad input (exit code 2); any other exception is a failure of hldsim (3)
#pragma once
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/variables_map.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/hldsim/output.hpp"

namespace hldsim::cli {

namespace exit_code {
constexpr int AS_EXPECTED = 0;
constexpr int UNEXPECTED = 1;   // an expectation did not hold, something was found, a window got worse
constexpr int BAD_INPUT = 2;    // or usage
constexpr int FAILED = 3;       // hldsim itself, nondeterminism included
constexpr int STOPPED = 75;     // before the end: run again
constexpr int BY_SIGNAL = 128;  // and its number: interrupted by SIGINT 130, SIGTERM 143, SIGHUP 129
}  // namespace exit_code

/// What std::bad_alloc means to whoever started us.
constexpr const char* OUT_OF_MEMORY = "out of memory or address space (ulimit -v)";

enum class Color { Auto, Always, Never };

/// Options of every command.
struct Global {
    bool quiet = false;
    bool verbose = false;  // a time line
    Color color = Color::Auto;
    unsigned jobs = 0;  // 0: the CPUs of the machine
    bool json = false;
    std::optional<std::string> output;

    /// Whether to colour what goes to that stream: --color, NO_COLOR, and whether a person looks at it.
    bool colors(int file_descriptor) const;
};

struct Invocation {
    Global global;
    boost::program_options::variables_map options;
    std::vector<std::string> arguments;

    bool given(const char* option) const { return options.count(option) > 0; }
    std::optional<std::string> text(const char* option) const;
    std::vector<std::string> texts(const char* option) const;
};

struct Command {
    std::string_view name;
    std::string_view arguments;  // "FILE|DIR...", "" for none
    std::size_t arguments_min = 0;
    std::size_t arguments_max = 0;
    std::string_view does;     // one line
    std::string_view example;  // a command line that works
    void (*declare)(boost::program_options::options_description&) = nullptr;
    int (*execute)(const Invocation&, Output&) = nullptr;
    std::string_view more = {};  // what else its help says: whole lines
};

/// The value of an option that names a file to be written, and of no other: whether it can be is checked beforehand.
constexpr const char* OUTPUT_FILE = "FILE";

constexpr std::size_t ANY = static_cast<std::size_t>(-1);

/// In the order of the help.
const std::vector<const Command*>& commands();

/// Commands that later releases bring.
std::vector<std::string_view> later_commands();
/// And options of this command that are planned.
std::vector<std::string_view> later_options(const Command& command);

extern const Command RUN;
extern const Command WINDOW;
extern const Command REPLAY;
extern const Command LINT;
extern const Command LIST;
extern const Command EXPLAIN;
extern const Command REGS;
extern const Command DECODE;

/// Bad usage: an Error that points into the command line, at argument `index` of argv.
[[noreturn]] void usage(const std::vector<std::string>& argv, std::size_t index, std::string what, std::string expected,
                        std::string suggestion = {});

/// What errors of this process point into.
void set_command_line(const std::vector<std::string>& argv);

/// Bad usage: an Error that points at `word` where the command line has it, alone or within another one.
[[noreturn]] void wrong(const std::string& word, std::string what, std::string expected, std::string suggestion = {});

/// The same, at a part of `word`; a part of no length is a place at which something is missing.
[[noreturn]] void wrong_part(const std::string& word, std::size_t from, std::size_t length, std::string what,
                             std::string expected, std::string suggestion = {});

/// Bad usage without a place.
[[noreturn]] void usage(std::string what, std::string expected, std::string suggestion = {});

}  // namespace hldsim::cli
