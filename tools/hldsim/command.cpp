// SPDX-License-Identifier: Apache-2.0
#include "tools/hldsim/command.hpp"

#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <utility>

#include "tools/harness/diagnostic/diagnostic.hpp"

namespace hldsim::cli {

using diagnostic::Error;

bool Global::colors(int file_descriptor) const {
    if (color != Color::Auto) {
        return color == Color::Always;
    }
    const char* const no_color = std::getenv("NO_COLOR");
    return (no_color == nullptr || *no_color == '\0') && isatty(file_descriptor) != 0;
}

std::optional<std::string> Invocation::text(const char* option) const {
    return given(option) ? std::optional<std::string>{options[option].as<std::string>()} : std::nullopt;
}

std::vector<std::string> Invocation::texts(const char* option) const {
    return given(option) ? options[option].as<std::vector<std::string>>() : std::vector<std::string>{};
}

const std::vector<const Command*>& commands() {
    static const std::vector<const Command*> all{&RUN, &WINDOW, &REPLAY, &LINT, &LIST, &EXPLAIN, &REGS, &DECODE};
    return all;
}

std::vector<std::string_view> later_commands() {
    return {"explore", "sweep", "plan", "merge", "cc", "matrix", "try-patch"};
}

void usage(const std::vector<std::string>& argv, std::size_t index, std::string what, std::string expected,
           std::string suggestion) {
    std::string line;
    std::size_t offset = 0;
    for (std::size_t i = 0; i < argv.size(); ++i) {
        line += i == 0 ? "" : " ";
        if (i == index) {
            offset = line.size();
        }
        line += argv[i];
    }
    if (index >= argv.size()) {  // behind the last: something is missing there
        offset = line.size();
    }
    const std::size_t length = index < argv.size() ? argv[index].size() : 1;
    auto source = std::make_shared<const diagnostic::Source>(diagnostic::Source{"command line", std::move(line)});
    throw Error{{std::move(source), offset, length}, std::move(what), std::move(expected), std::move(suggestion)};
}

void usage(std::string what, std::string expected, std::string suggestion) {
    throw Error{Error::Parts{{}, "command line", std::move(what), std::move(suggestion), std::move(expected)}};
}

}  // namespace hldsim::cli
