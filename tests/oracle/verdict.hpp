// SPDX-License-Identifier: Apache-2.0
// Plays traces to a player of a device, and sorts the differences: explained by which deviation, or not at all.
//
// A player has Answer play(const Step&); std::string explain(const Step&, const Difference&, const
// std::vector<Difference>& of_step), the id of a deviation or ""; static std::vector<std::string> known(), all ids; and
// says what its traces and its rows of DEVIATIONS.md are called and how many programs there are at least. One whose
// registers are looked up in the traces says their map, and where in it an offset of a trace leads.
#pragma once
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "models/regs/spec.hpp"
#include "tests/oracle/trace.hpp"

namespace hldsim::oracle {

struct Verdict {
    std::vector<std::string> unexplained;
    std::set<std::string> used;

    /// The first twenty, a line each.
    std::string text() const {
        std::string lines;
        for (std::size_t i = 0; i < std::min<std::size_t>(unexplained.size(), 20); ++i) {
            lines += unexplained[i] + "\n";
        }
        return lines;
    }
};

/// All traces of the device in golden/, or in the folder that HLDSIM_ORACLE_TRACES names, in the order of their names.
inline std::vector<Trace> read_traces(const std::string& device) {
    const char* const other = std::getenv("HLDSIM_ORACLE_TRACES");
    std::set<std::string> paths;
    for (const auto& file : std::filesystem::directory_iterator(other != nullptr ? other : HLDSIM_ORACLE "/golden")) {
        if (file.path().filename().string().rfind(device + "-", 0) == 0) {
            paths.insert(file.path().string());
        }
    }
    std::vector<Trace> read;
    for (const std::string& path : paths) {
        read.push_back(parse_trace(path));
    }
    return read;
}

template <class Player>
void replay(const std::string& file, const Program& program, Verdict& verdict) {
    Player player;
    for (const Step& step : program.steps) {
        const std::vector<Difference> found = compare(step, player.play(step));
        for (const Difference& difference : found) {
            const std::string id = player.explain(step, difference, found);
            if (id.empty()) {
                verdict.unexplained.push_back(describe(file, program, step, difference));
            } else {
                verdict.used.insert(id);
            }
        }
    }
}

template <class Player>
Verdict replay(const std::vector<Trace>& traces) {
    Verdict verdict;
    for (const Trace& trace : traces) {
        for (const Program& program : trace.programs) {
            replay<Player>(trace.file, program, verdict);
        }
    }
    return verdict;
}

inline bool has_section(const Program& program) {
    return std::any_of(program.steps.begin(), program.steps.end(),
                       [](const Step& step) { return !step.section.deviation.empty(); });
}

struct Counted {
    std::size_t programs = 0;
    std::size_t plain = 0;  // without a section: no difference has an excuse
};

inline Counted count(const std::vector<Trace>& traces) {
    Counted counted;
    for (const Trace& trace : traces) {
        counted.programs += trace.programs.size();
        counted.plain +=
            static_cast<std::size_t>(std::count_if(trace.programs.begin(), trace.programs.end(),
                                                   [](const Program& program) { return !has_section(program); }));
    }
    return counted;
}

/// The offsets, in the device's map, that steps read or write.
template <class Player>
std::set<std::uint32_t> touched(const std::vector<Trace>& traces) {
    std::set<std::uint32_t> offsets;
    for (const Trace& trace : traces) {
        for (const Program& program : trace.programs) {
            for (const Step& step : program.steps) {
                if ((step.action == 'R' || step.action == 'W') && step.size >= 4) {
                    offsets.insert(Player::place_of(step.offset));
                }
            }
        }
    }
    return offsets;
}

/// The rows of the map none of whose registers is at one of the offsets.
inline std::set<std::string> unwitnessed(const regs::Map& map, const std::set<std::uint32_t>& offsets) {
    std::set<std::string> names;
    for (const regs::Register& row : map) {
        bool found = false;
        for (unsigned n = 0; n < row.repeat.count; ++n) {
            const std::uint32_t begin = row.offset + n * row.repeat.stride;
            const auto next = offsets.lower_bound(begin);
            found = found || (next != offsets.end() && *next < begin + row.width / 8);
        }
        if (!found) {
            names.emplace(row.name);
        }
    }
    return names;
}

/// The first program without a section in which something leaves the device.
inline Program plain_program(const std::vector<Trace>& traces) {
    const std::vector<Program>& all = traces.at(0).programs;
    const auto sends = [](const Step& step) { return !step.seen.empty(); };
    return *std::find_if(all.begin(), all.end(), [&](const Program& program) {
        return !has_section(program) && std::any_of(program.steps.begin(), program.steps.end(), sends);
    });
}

/// How many wrong bits, one in each answer of a program without sections, are not found: 0 where the comparison works.
template <class Player>
std::size_t unnoticed_bits(const Program& right) {
    std::size_t unnoticed = 0;
    for (std::size_t i = 0; i < right.steps.size(); ++i) {
        if (right.steps[i].action == 'R') {
            Program wrong = right;
            wrong.steps[i].value ^= std::uint64_t{1} << i % (8 * wrong.steps[i].size);
            Verdict verdict;
            replay<Player>("altered", wrong, verdict);
            unnoticed += verdict.unexplained.size() == 1 ? 0 : 1;
        }
    }
    return unnoticed;
}

}  // namespace hldsim::oracle
