// SPDX-License-Identifier: Apache-2.0
#include "tools/hldsim/command.hpp"

#include <unistd.h>

#include <algorithm>
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

std::vector<std::string_view> later_options(const Command& command) {
    if (command.name == RUN.name) {
        return {"--sarif", "--html", "--perfetto"};
    }
    if (command.name == WINDOW.name) {
        return {"--baseline", "--update-baseline", "--tolerance", "--sensitivity"};
    }
    return command.name == REPLAY.name ? std::vector<std::string_view>{"--html", "--perfetto"}
                                       : std::vector<std::string_view>{};
}

namespace {

using Words = std::vector<std::string>;

Words& command_line() {
    static Words words;
    return words;
}

/// From character `from` of word `index` on; behind the last word: something is missing there.
diagnostic::Mark mark(const Words& argv, std::size_t index, std::size_t from, std::size_t length) {
    std::string line;
    std::size_t offset = 0;
    for (std::size_t i = 0; i < argv.size(); ++i) {
        line += i == 0 ? "" : " ";
        if (i == index) {
            offset = line.size() + from;
        }
        line += argv[i];
    }
    if (index >= argv.size()) {
        offset = line.size();
    }
    auto source = std::make_shared<const diagnostic::Source>(diagnostic::Source{"command line", std::move(line)});
    return {std::move(source), offset, length};
}

/// Where the command line has it: a word of its own, the value in --option=VALUE, or within a word. From the end:
/// options mostly follow the names of files, and what is wrong of a range is mostly its end.
diagnostic::Mark mark(const std::string& word) {
    const Words& argv = command_line();
    for (std::size_t i = argv.size(); i-- > 2;) {
        if (argv[i] == word) {
            return mark(argv, i, 0, word.size());
        }
    }
    for (std::size_t i = argv.size(); i-- > 2 && !word.empty();) {
        const std::size_t value = argv[i].find('=') + 1;  // 0: it has none
        const std::size_t at = argv[i].rfind(word);
        if (at != std::string::npos && at >= value) {
            return mark(argv, i, at, word.size());
        }
    }
    return {};
}

}  // namespace

void set_command_line(const Words& argv) { command_line() = argv; }

void usage(const Words& argv, std::size_t index, std::string what, std::string expected, std::string suggestion) {
    const std::size_t length = index < argv.size() ? argv[index].size() : 1;
    throw Error{mark(argv, index, 0, length), std::move(what), std::move(expected), std::move(suggestion)};
}

void usage(std::string what, std::string expected, std::string suggestion) {
    throw Error{Error::Parts{{}, "command line", std::move(what), std::move(suggestion), std::move(expected)}};
}

void wrong(const std::string& word, std::string what, std::string expected, std::string suggestion) {
    wrong_part(word, 0, word.size(), std::move(what), std::move(expected), std::move(suggestion));
}

void wrong_part(const std::string& word, std::size_t from, std::size_t length, std::string what, std::string expected,
                std::string suggestion) {
    diagnostic::Mark place = mark(word);
    place.offset += from;
    place.length = std::max<std::size_t>(length, 1);
    throw Error{
        Error::Parts{std::move(place), "command line", std::move(what), std::move(suggestion), std::move(expected)}};
}

}  // namespace hldsim::cli
