// SPDX-License-Identifier: Apache-2.0
#include "tools/hldsim/help.hpp"

#include <algorithm>
#include <boost/program_options/cmdline.hpp>
#include <boost/program_options/value_semantic.hpp>

namespace hldsim::cli {
namespace {

namespace po = boost::program_options;

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size() + 1, width), ' ');
    return text;
}

std::string listed(const po::options_description& options) {
    std::string text;
    for (const auto& option : options.options()) {
        const std::string brief = option->canonical_display_name(po::command_line_style::allow_dash_for_short);
        const bool has_brief = brief.size() == 2 && brief[0] == '-';
        std::string names = has_brief ? brief + ", " : "    ";
        names.append("--").append(option->long_name());
        if (option->semantic()->max_tokens() != 0) {
            names.append(" ").append(option->format_parameter());
        }
        text.append("  ").append(padded(names, 30)).append(option->description()).append("\n");
    }
    return text;
}

}  // namespace

void declare_global(po::options_description& options) {
    auto option = options.add_options();
    option("help,h", "this text");
    option("version", "which hldsim this is");
    option("quiet,q", "results only where they surprise; with -v their time lines");
    option("verbose,v", "a time line of each run");
    option("color", po::value<std::string>()->value_name("WHEN"), "auto, always or never (auto); NO_COLOR is honoured");
    option("jobs,j", po::value<std::string>()->value_name("N"),
           "workers (the CPUs of the machine); never changes a byte of the result");
    option("json", "the result as JSON in place of text");
    option("output,o", po::value<std::string>()->value_name(OUTPUT_FILE), "the result goes there, whole or not at all");
}

std::string help() {
    std::string text =
        "hldsim: hard-lockup detectors, unmodified, on cycle-accurate models of HPET, LAPIC and NMI delivery\n\n"
        "usage: hldsim COMMAND [ARGUMENT...] [OPTION...]\n\ncommands:\n";
    for (const Command* const command : commands()) {
        text += "  " + padded(std::string{command->name} + " " + std::string{command->arguments}, 30) +
                std::string{command->does} + "\n";
    }
    po::options_description options;
    declare_global(options);
    text += "\noptions of every command:\n" + listed(options) + "\nexamples:\n";
    for (const Command* const command : commands()) {
        text += "  " + std::string{command->example} + "\n";
    }
    text +=
        "\nexit codes: 0 as expected; 1 something unexpected was found; 2 bad input or usage; 3 hldsim failed;\n"
        "            75 stopped before the end; 130, 143 interrupted by SIGINT, SIGTERM\n"
        "\n'hldsim COMMAND --help' tells more. A FILE may be - for standard input.\n";
    return text;
}

std::string help(const Command& command) {
    po::options_description own;
    if (command.declare != nullptr) {
        command.declare(own);
    }
    po::options_description global;
    declare_global(global);
    std::string text = "hldsim " + std::string{command.name} + ": " + std::string{command.does} + "\n\nusage: hldsim " +
                       std::string{command.name} + (command.arguments.empty() ? "" : " ") +
                       std::string{command.arguments} + " [OPTION...]\n";
    if (!own.options().empty()) {
        text += "\noptions:\n" + listed(own);
    }
    return text + "\noptions of every command:\n" + listed(global) + (command.more.empty() ? "" : "\n") +
           std::string{command.more} + "\nexample:\n  " + std::string{command.example} + "\n";
}

}  // namespace hldsim::cli
