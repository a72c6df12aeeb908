// SPDX-License-Identifier: Apache-2.0
// What hldsim knows by name: hazards, invariants, claims of the review, designs, policies, options, statistics.
//
//   Stable   an ID is never renamed, only deprecated: scenarios, reports and other people's issues name it
//   Release  `available` says what this release has; which hazards it recognises and which invariants it watches,
//            tools/harness/check/registered.hpp tells from its own tables. The rest is known by name only
#pragma once
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <vector>

namespace hldsim::catalogue {

/// A constexpr table as a range.
template <typename T>
class Table {
public:
    template <std::size_t N>
    constexpr explicit Table(const T (&rows)[N]) : begin_{rows}, end_{rows + N} {}
    constexpr const T* begin() const { return begin_; }
    constexpr const T* end() const { return end_; }
    constexpr std::size_t size() const { return static_cast<std::size_t>(end_ - begin_); }

private:
    const T* begin_;
    const T* end_;
};

struct Group {
    char letter;
    std::string_view folder;  // below scenarios/
    std::string_view title;
};

struct Hazard {
    std::string_view id;
    char group;
    std::string_view invariants;  // whose violation it explains, separated by blanks
    std::string_view statement;
};

struct Invariant {
    std::string_view id;
    std::string_view source;  // the checker, or where only the statement stands
    std::string_view statement;
    std::string_view watched{};  // what of it this release watches, if that is less; "": all, or nothing yet
};

/// A testable sentence of the review.
struct Claim {
    std::string_view id;
    std::string_view statement;
    std::string_view experiment;
    std::string_view expected;
};

struct Design {
    std::string_view name;
    std::string_view code;
    bool available;
    std::string_view what;
    std::string_view provenance;
    std::string_view steps;
};

struct Policy {
    std::string_view name;
    bool available;
    std::string_view next;
    std::string_view remark;
};

/// A module parameter of the built-in detector.
struct Option {
    std::string_view name;
    std::string_view design;  // empty: of the core, for every design
    std::string_view values;  // names separated by blanks; empty: a number
    std::string_view preset;
    std::string_view meaning;
};

struct Stat {
    std::string_view name;
    std::string_view meaning;
    std::string_view source;  // where it is counted
};

/// How a run can end: the word in `ended` of JSON and in "the run ended at".
struct End {
    std::string_view name;
    std::string_view meaning;
    std::string_view expected;  // by which word of a scenario's `ends`; empty: by none
};

Table<Group> groups();
Table<Hazard> hazards();
Table<Invariant> invariants();
Table<Claim> claims();
Table<Design> designs();
Table<Policy> policies();
Table<Option> options();
Table<Stat> stats();         // of a run
Table<Stat> search_stats();  // of what it took to come to the result: no run tells them, and no scenario expects them

Table<End> ends();

const Hazard* hazard(std::string_view id);
const Invariant* invariant(std::string_view id);
const Claim* claim(std::string_view id);
const Design* design(std::string_view name);
const Policy* policy(std::string_view name);
const Stat* stat(std::string_view name);
const Stat* search_stat(std::string_view name);
const End* end(std::string_view name);

/// The option of that name which the design has, its own or the core's.
const Option* option(std::string_view design, std::string_view name);

/// The words of a field that is separated by blanks.
std::vector<std::string_view> words(std::string_view list);

/// The names of a table, for choices and nearest names.
template <typename T>
std::vector<std::string_view> names(Table<T> table) {
    std::vector<std::string_view> found;
    found.reserve(table.size());
    for (const T& row : table) {
        if constexpr (std::is_same_v<T, Hazard> || std::is_same_v<T, Invariant> || std::is_same_v<T, Claim>) {
            found.push_back(row.id);
        } else {
            found.push_back(row.name);
        }
    }
    return found;
}

}  // namespace hldsim::catalogue
