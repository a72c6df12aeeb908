// SPDX-License-Identifier: Apache-2.0
// hldsim COMMAND ARGUMENT... OPTION...: finds the command, reads its options, and turns what happens into an exit code.
#include <algorithm>
#include <boost/program_options/parsers.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <new>
#include <string>
#include <vector>

#include "tools/harness/diagnostic/diagnostic.hpp"
#include "tools/harness/document/document.hpp"
#include "tools/hldsim/command.hpp"
#include "tools/hldsim/help.hpp"
#include "tools/hldsim/workers.hpp"

namespace hldsim::cli {
namespace {

namespace po = boost::program_options;
using diagnostic::nearest;

using Words = std::vector<std::string>;

constexpr const char* VERSION_LINE = "hldsim " HLDSIM_VERSION "\n";

/// What asks for help or the version elsewhere; empty: neither.
std::string meant_by(const std::string& word) {
    const std::string bare = word.substr(std::min(word.find_first_not_of('-'), word.size()));
    return bare == "help" || bare == "?"      ? "--help"
           : bare == "version" || bare == "V" ? "--version"
                                              : nearest(word, {"--help", "--version"});
}

const Command& find_command(const Words& argv) {
    std::vector<std::string_view> names;
    for (const Command* const command : commands()) {
        if (argv[1] == command->name) {
            return *command;
        }
        names.push_back(command->name);
    }
    const std::vector<std::string_view> later = later_commands();
    if (std::find(later.begin(), later.end(), argv[1]) != later.end()) {
        usage(argv, 1, "command '" + argv[1] + "' is not in this release",
              argv[1] == "cc" ? "hldsim-cc, which is a program of its own" : diagnostic::choices(names));
    }
    const std::string meant = meant_by(argv[1]);
    if (argv[1].front() == '-') {
        usage(argv, 1, "option '" + argv[1] + "' before the command", "hldsim COMMAND, then its arguments and options",
              meant);
    }
    usage(argv, 1, "unknown command '" + argv[1] + "'", diagnostic::choices(names),
          meant.empty() ? nearest(argv[1], names) : meant);
}

/// The argument of argv that names this option: "--set" or "--set=..." or "-o".
std::size_t index_of(const Words& argv, const std::string& option) {
    for (std::size_t i = 2; i < argv.size(); ++i) {
        if (argv[i] == option || argv[i].compare(0, option.size() + 1, option + "=") == 0) {
            return i;
        }
    }
    return argv.size() - 1;
}

std::string help_hint(const Command& command) {
    return "an option of 'hldsim " + std::string{command.name} + "' (hldsim " + std::string{command.name} + " --help)";
}

[[noreturn]] void unknown_option(const Words& argv, const Command& command, const po::options_description& options,
                                 const std::string& option) {
    Words known;
    for (const auto& entry : options.options()) {
        known.push_back("--" + entry->long_name());
    }
    const std::string name = option.substr(0, option.find('='));
    const std::vector<std::string_view> later = later_options(command);
    if (std::find(later.begin(), later.end(), name) != later.end()) {
        usage(argv, index_of(argv, name), "option '" + name + "' is not in this release", help_hint(command));
    }
    const std::vector<std::string_view> views{known.begin(), known.end()};
    usage(argv, index_of(argv, name), "unknown option '" + name + "'", help_hint(command), nearest(name, views));
}

unsigned read_jobs(const Words& argv, const std::string& text) {
    const bool digits = !text.empty() && text.size() < 5 && text.find_first_not_of("0123456789") == std::string::npos;
    if (!digits || std::stoul(text) == 0) {
        usage(argv, index_of(argv, "--jobs"), "'" + text + "' is no number of jobs", "a number from 1 to 9999");
    }
    return static_cast<unsigned>(std::stoul(text));
}

Color read_color(const Words& argv, const std::string& text) {
    const std::vector<std::string_view> words{"auto", "always", "never"};
    const auto found = std::find(words.begin(), words.end(), text);
    if (found == words.end()) {
        usage(argv, index_of(argv, "--color"), "unknown choice '" + text + "' of --color", diagnostic::choices(words),
              nearest(text, words));
    }
    return static_cast<Color>(found - words.begin());
}

Global read_global(const Words& argv, const po::variables_map& options) {
    Global global;
    global.quiet = options.count("quiet") > 0;
    global.verbose = options.count("verbose") > 0;
    global.json = options.count("json") > 0;
    if (options.count("color") > 0) {
        global.color = read_color(argv, options["color"].as<std::string>());
    }
    if (options.count("jobs") > 0) {
        global.jobs = read_jobs(argv, options["jobs"].as<std::string>());
    }
    if (options.count("output") > 0) {
        global.output = options["output"].as<std::string>();
    }
    return global;
}

Invocation read_options(const Words& argv, const Command& command, const po::options_description& declared) {
    po::options_description all;
    all.add(declared);
    po::options_description hidden;
    hidden.add_options()("arguments", po::value<Words>(), "");
    all.add(hidden);
    po::positional_options_description positional;
    positional.add("arguments", -1);
    Invocation invocation;
    try {
        namespace style = po::command_line_style;
        const auto parsed = po::command_line_parser{Words{argv.begin() + 2, argv.end()}}
                                .options(all)
                                .positional(positional)
                                .style(style::unix_style & ~style::allow_guessing)
                                .run();
        po::store(parsed, invocation.options);
    } catch (const po::unknown_option& error) {
        unknown_option(argv, command, declared, error.get_option_name());
    } catch (const po::multiple_occurrences& error) {
        const std::string name = error.get_option_name();
        usage(argv, index_of(argv, name), "option '" + name + "' is given twice", "it once");
    } catch (const po::error_with_option_name& error) {
        const std::string name = error.get_option_name();
        const std::string token = name.substr(0, name.find('='));
        usage(argv, index_of(argv, token),
              "option '" + token + "' without its value, or with one that it does not take", help_hint(command));
    }
    if (invocation.options.count("arguments") > 0) {
        invocation.arguments = invocation.options["arguments"].as<Words>();
    }
    invocation.global = read_global(argv, invocation.options);
    return invocation;
}

/// One name for a file, whatever it is called by; it need not be there.
std::string one_name(const std::string& path) {
    std::error_code unknown;
    const std::filesystem::path whole = std::filesystem::absolute(path, unknown);
    return std::filesystem::weakly_canonical(whole, unknown).string();
}

/// What the command line says will be read, and the program itself. What else a run reads, it remembers by itself.
void remember_inputs(const Command& command, const Invocation& invocation) {
    document::remember_read("/proc/self/exe");
    const bool are_files = command.arguments.rfind("FILE", 0) == 0;
    for (const std::string& file : are_files ? invocation.arguments : Words{}) {
        document::remember_read(file);
    }
    if (invocation.options.count("detector") > 0) {
        document::remember_read(invocation.options["detector"].as<std::string>());
    }
}

/// Every file that the options name can be written: told now and not when the work is done.
void check_outputs(const Words& argv, const Invocation& invocation, const po::options_description& declared) {
    std::vector<std::string> seen;
    bool stdout_taken = invocation.global.output.value_or("-") == "-";  // by the text or the JSON
    for (const auto& option : declared.options()) {
        const auto given = invocation.options.find(option->long_name());
        if (option->format_parameter() != OUTPUT_FILE || given == invocation.options.end()) {
            continue;
        }
        const auto& path = given->second.as<std::string>();
        if (path.empty()) {
            wrong(path, "--" + option->long_name() + " names no file", "the name of a file");
        }
        if (path == "-") {
            if (stdout_taken && option->long_name() != "output") {
                usage(argv, index_of(argv, "--" + option->long_name()), "two results on standard output",
                      "a file for all but one of them; -o FILE is that for text and JSON");
            }
            stdout_taken = true;
            continue;
        }
        const std::string name = one_name(path);
        if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
            wrong(path, "two results in one file: '" + path + "'", "another name");
        }
        check_writable(path);
        seen.push_back(name);
    }
}

int print(const std::string& text) {
    Output output{std::nullopt};
    output.write(text);
    output.finish();
    return exit_code::AS_EXPECTED;
}

int execute(const Words& argv) {
    if (argv.size() < 2) {
        std::fputs(help().c_str(), stderr);
        return exit_code::BAD_INPUT;
    }
    if (argv[1] == "--help" || argv[1] == "-h") {
        return print(help());
    }
    if (argv[1] == "--version") {
        return print(VERSION_LINE);
    }
    if (argv[1].empty()) {
        usage(argv, 1, "an empty command", "hldsim COMMAND, then its arguments and options");
    }
    const Command& command = find_command(argv);
    po::options_description declared;
    declare_global(declared);
    if (command.declare != nullptr) {
        command.declare(declared);
    }
    const Invocation invocation = read_options(argv, command, declared);
    if (invocation.given("help")) {
        return print(help(command));
    }
    if (invocation.given("version")) {
        return print(VERSION_LINE);
    }
    if (invocation.arguments.size() < command.arguments_min) {
        usage(argv, argv.size(), "too few arguments of 'hldsim " + std::string{command.name} + "'",
              std::string{command.arguments});
    }
    if (invocation.arguments.size() > command.arguments_max) {
        const std::string& extra = invocation.arguments[command.arguments_max];
        const auto place = std::find(argv.rbegin(), argv.rend(), extra);
        usage(argv, static_cast<std::size_t>(argv.rend() - place) - 1, "one argument too many: '" + extra + "'",
              "'hldsim " + std::string{command.name} + (command.arguments.empty() ? "" : " ") +
                  std::string{command.arguments} + "'");
    }
    remember_inputs(command, invocation);
    check_outputs(argv, invocation, declared);
    Output output{invocation.global.output};
    const int code = command.execute(invocation, output);
    const bool made = code != exit_code::BAD_INPUT && code < exit_code::BY_SIGNAL;
    if (made || !output.is_empty()) {  // else what is there stays
        output.finish();
    }
    return code;
}

/// By the system: nothing that anybody could repair here.
int refused(const char* why) {
    std::fflush(stdout);
    std::fprintf(stderr, "hldsim: %s\n", why);
    return exit_code::FAILED;
}

int guarded(const Words& argv) {
    try {
        return execute(argv);
    } catch (const diagnostic::Error& error) {
        std::fflush(stdout);
        std::fprintf(stderr, "%s\n", error.what());
        return exit_code::BAD_INPUT;
    } catch (const NoWorker& error) {
        return refused(error.what());
    } catch (const std::bad_alloc&) {
        return refused(OUT_OF_MEMORY);
    } catch (const std::exception& error) {
        std::fflush(stdout);
        std::fprintf(stderr,
                     "hldsim: internal error: %s\n"
                     "  please report it with the command line, the scenario and 'hldsim --version'\n",
                     error.what());
        return exit_code::FAILED;
    }
}

}  // namespace
}  // namespace hldsim::cli

int main(int argc, char* argv[]) {
    hldsim::cli::Words words{argv, argv + argc};
    words.resize(std::max<std::size_t>(words.size(), 1));
    words[0] = "hldsim";  // messages quote the command line
    hldsim::cli::set_command_line(words);
    hldsim::cli::occupy_standard_streams();
    std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is one that cannot be written
    return hldsim::cli::guarded(words);
}

// libsystemc has a main() of its own, which calls this; ours comes first, and the library still wants the symbol.
extern "C" int sc_main(int /*argc*/, char* /*argv*/[]) { return 0; }
