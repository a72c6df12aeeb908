// SPDX-License-Identifier: Apache-2.0
#include "tests/oracle/trace.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace hldsim::oracle {

namespace {

std::uint64_t number(const std::string& text, int base) {
    std::size_t end = 0;
    const std::uint64_t value = std::stoull(text, &end, base);
    if (end != text.size()) {
        throw std::invalid_argument("not a number: " + text);
    }
    return value;
}

/// "7^20", "0/16", "3>100000=400".
Happening happening(const std::string& text) {
    const std::size_t kind = text.find_first_of("/\\^>");
    if (kind == std::string::npos) {
        throw std::invalid_argument("not a happening: " + text);
    }
    Happening h;
    h.tick = static_cast<unsigned>(number(text.substr(0, kind), 10));
    h.kind = text[kind];
    const std::size_t equals = text.find('=');
    h.what = number(text.substr(kind + 1, equals - kind - 1), h.kind == '>' ? 16 : 10);
    h.data = equals == std::string::npos ? 0 : number(text.substr(equals + 1), 16);
    return h;
}

Step parse_step(const std::string& text) {
    std::istringstream words{text};
    std::string word;
    words >> word;
    Step step;
    step.action = word.at(0);
    std::string first;
    std::string second;
    if (step.action == 'T' || step.action == 'A') {
        words >> first;
        step.value = number(first, step.action == 'T' ? 10 : 16);
    } else if (step.action == 'P') {
        words >> first >> second;
        step.offset = static_cast<std::uint32_t>(number(first, 10));
        step.value = number(second, 10);
    } else if (step.action == 'G' || step.action == 'U') {
        words >> first >> second;
        step.offset = static_cast<std::uint32_t>(number(first, 16));
        step.value = number(second, 16);
    } else if (step.action == 'F') {
        words >> first;
        step.size = static_cast<unsigned>(number(first, 16));
    } else if (step.action == 'M') {
        words >> first >> second >> word;
        step.size = static_cast<unsigned>(number(first, 16));
        step.offset = static_cast<std::uint32_t>(number(second, 16));
        step.value = number(word, 16);
    } else if (std::string{"RWSL"}.find(step.action) != std::string::npos) {
        step.size = static_cast<unsigned>(number(word.substr(1), 10));
        words >> first >> second;
        step.offset = static_cast<std::uint32_t>(number(first, 16));
        step.value = number(second, 16);
    } else {
        throw std::invalid_argument("not a step: " + text);
    }
    for (bool seen = false; words >> word; seen = true) {
        if (seen) {
            step.seen.push_back(happening(word));
        } else if (word != "|") {
            throw std::invalid_argument("expected '|', not " + word);
        }
    }
    return step;
}

void parse_line(const std::string& text, unsigned line, Trace& trace, Section& section) {
    std::istringstream words{text};
    std::string word;
    words >> word;
    if (word.empty() || word[0] == '#') {
        return;
    }
    if (word == "program") {
        Program program;
        words >> program.number;
        trace.programs.push_back(program);
        section = {};
    } else if (word == ":") {
        section = {};
        words >> section.deviation;
        if (section.deviation == "end") {
            section = {};
        } else {
            words >> section.subject;
        }
    } else {
        Step step = parse_step(text);
        step.line = line;
        step.section = section;
        trace.programs.at(trace.programs.size() - 1).steps.push_back(std::move(step));
    }
}

std::string hexadecimal(std::uint64_t value) {
    std::ostringstream out;
    out << std::hex << value << 'h';
    return out.str();
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Happening& h) {
    out << h.tick << h.kind;
    return h.kind == '>' ? out << hexadecimal(h.what) << "=" << hexadecimal(h.data) : out << h.what;
}

Trace parse_trace(const std::string& path) {
    std::ifstream in{path};
    if (!in) {
        throw std::runtime_error("cannot read " + path);
    }
    Trace trace;
    trace.file = path.substr(path.rfind('/') + 1);
    Section section;
    std::string text;
    for (unsigned line = 1; std::getline(in, text); ++line) {
        try {
            parse_line(text, line, trace, section);
        } catch (const std::exception& wrong) {
            throw std::runtime_error(path + ":" + std::to_string(line) + ": " + wrong.what());
        }
    }
    return trace;
}

std::vector<Difference> compare(const Step& step, const Answer& here) {
    std::vector<Difference> found;
    if (step.is_answered() && step.value != here.value) {
        found.push_back({Difference::What::Value, step.value, here.value, {}});
    }
    std::vector<Happening> theirs = step.seen;
    std::vector<Happening> ours = here.seen;
    std::sort(theirs.begin(), theirs.end());
    std::sort(ours.begin(), ours.end());
    std::vector<Happening> only;
    std::set_difference(theirs.begin(), theirs.end(), ours.begin(), ours.end(), std::back_inserter(only));
    for (const Happening& h : only) {
        found.push_back({Difference::What::OnlyQemu, 0, 0, h});
    }
    only.clear();
    std::set_difference(ours.begin(), ours.end(), theirs.begin(), theirs.end(), std::back_inserter(only));
    for (const Happening& h : only) {
        found.push_back({Difference::What::OnlyHere, 0, 0, h});
    }
    return found;
}

std::string describe(const std::string& file, const Program& program, const Step& step, const Difference& difference) {
    std::ostringstream out;
    out << file << ":" << step.line << ": program " << program.number << ", " << step.action << step.size << " "
        << hexadecimal(step.offset);
    if (!step.section.deviation.empty()) {
        out << ", in " << step.section.deviation << " of " << step.section.subject;
    }
    switch (difference.what) {
        case Difference::What::Value:
            out << ": QEMU " << hexadecimal(difference.qemu) << ", here " << hexadecimal(difference.here);
            break;
        case Difference::What::OnlyQemu:
            out << ": only QEMU " << difference.happening;
            break;
        case Difference::What::OnlyHere:
            out << ": only here " << difference.happening;
            break;
    }
    return out.str();
}

std::set<std::string> deviations(const std::string& device) {
    std::ifstream in{HLDSIM_ORACLE "/DEVIATIONS.md"};
    if (!in) {
        throw std::runtime_error("cannot read " HLDSIM_ORACLE "/DEVIATIONS.md");
    }
    std::set<std::string> rows;
    std::string text;
    while (std::getline(in, text)) {
        std::vector<std::string> cells;
        std::istringstream row{text};
        for (std::string cell; std::getline(row, cell, '|');) {
            const std::size_t first = cell.find_first_not_of(' ');
            cells.push_back(first == std::string::npos ? ""
                                                       : cell.substr(first, cell.find_last_not_of(' ') + 1 - first));
        }
        // | id | device | what QEMU does | what is done here | the clause that decides |
        if (cells.size() == 6 && cells[2] == device) {
            if (cells[5].empty()) {
                throw std::runtime_error("DEVIATIONS.md: " + cells[1] + " does not say what decides");
            }
            rows.insert(cells[1]);
        }
    }
    return rows;
}

}  // namespace hldsim::oracle
