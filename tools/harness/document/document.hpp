// SPDX-License-Identifier: Apache-2.0
// A YAML text as a tree in which every key and value knows where it stands.
//
//   Language   one document of mappings, lists and scalars; anchors and aliases; no tags, no duplicate keys
//   Booleans   a plain on, off, yes or no is an error: YAML 1.1 readers take it for a boolean
//   Limits     1 MiB of UTF-8 text, 100,000 nodes with aliases expanded, 32 levels
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/harness/diagnostic/diagnostic.hpp"

namespace hldsim::document {

constexpr std::size_t BYTES_MAX = std::size_t{1} << 20U;
constexpr std::size_t NODES_MAX = 100'000;
constexpr std::size_t DEPTH_MAX = 32;

struct Entry;

struct Node {
    enum class Kind { Null, Scalar, List, Map };

    Kind kind = Kind::Null;
    std::string text;   // of a scalar
    bool plain = true;  // a scalar without quotes
    diagnostic::Mark mark;
    std::vector<Node> items;     // of a list
    std::vector<Entry> entries;  // of a mapping, in the order of the text

    bool is_map() const { return kind == Kind::Map; }
    bool is_list() const { return kind == Kind::List; }
    bool is_scalar() const { return kind == Kind::Scalar; }
    bool is_null() const { return kind == Kind::Null; }

    const Entry* find(std::string_view key) const;
    Entry* find(std::string_view key);
};

struct Entry {
    std::string key;
    diagnostic::Mark key_mark;
    Node value;
};

/// How large a text may be, and what the error says that it should have been.
struct Limits {
    std::size_t bytes = BYTES_MAX;
    const char* size = "1 MiB";
    const char* what = "a scenario, which fits on a screen";
    const char* encoding = "YAML in UTF-8";
};

/// What the text of that file is called in messages and records: `-` is "<stdin>".
std::string source_name(const std::string& path);

/// The text of a file, `-` for standard input. Errors: missing, unreadable, a folder, too large, not UTF-8 text.
std::shared_ptr<const diagnostic::Source> read(const std::string& path, const Limits& limits = {});

/// A file, whatever it is called by.
struct FileIdentity {
    std::uint64_t device = 0;
    std::uint64_t number = 0;

    friend bool operator<(FileIdentity a, FileIdentity b) {
        return a.device != b.device ? a.device < b.device : a.number < b.number;
    }
};
/// That file is read, as a text or an object: no output may take its place.
void remember_read(const std::string& path);
void remember_read(FileIdentity file);
/// Was that file read?
bool was_read(const std::string& path);
/// What was remembered since this was asked last: for the process that writes what this one makes.
std::vector<FileIdentity> newly_read();

constexpr const char* SCENARIO = "a mapping with at least 'title'";

/// The text of a stretch of a source: the whole, or the value in KEY=VALUE. An empty text is an error, which says what
/// was `expected`.
Node parse(const std::shared_ptr<const diagnostic::Source>& source, std::size_t from = 0,
           const char* expected = SCENARIO);

/// Puts `over` on top: mappings merge key by key, everything else replaces, null removes.
void merge(Node& base, const Node& over);

/// Sets one value by a dotted path, list items from 1. The path stands in the text at `mark`.
void set(Node& root, const diagnostic::Mark& mark, std::string_view path, Node value);

/// "a mapping", "a list", "nothing", "'text'": what an error says was found.
std::string describe(const Node& node);

}  // namespace hldsim::document
