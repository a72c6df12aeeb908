// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "detector/shim/symbols.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace hldsim::shim {

namespace {

std::uintptr_t inside_call(const void* pc) { return reinterpret_cast<std::uintptr_t>(pc) - 1; }

bool ends_with(std::string_view text, std::string_view end) {
    return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool means_file(std::string_view file, std::string_view name) {
    return ends_with(file, name) &&
           (file.size() == name.size() || name.front() == '/' || file[file.size() - name.size() - 1] == '/');
}

std::vector<std::string> sorted(const std::set<std::string>& names) { return {names.begin(), names.end()}; }

// One line of the files that a name means.
struct LineSearch {
    unsigned number = 0;
    unsigned before = 0;  // the last line with code that is smaller, the first one that is greater
    unsigned next = 0;
    Symbols::Line found;

    void look_in(const DebugInfo& info, std::string_view file) {
        std::vector<bool> meant;
        for (const std::string& candidate : info.files()) {
            meant.push_back(!file.empty() && means_file(candidate, file));
            if (meant.back()) {
                found.files.push_back(candidate);
            }
        }
        rows(info, meant);
        for (const DebugInfo::Scope& scope : info.scopes()) {
            if (scope.call_file != DebugInfo::NONE && meant[scope.call_file] && scope.call_line == number) {
                found.code.insert(found.code.end(), scope.ranges.begin(), scope.ranges.end());
            }
        }
    }

private:
    void rows(const DebugInfo& info, const std::vector<bool>& meant) {
        const auto& all = info.rows();
        for (std::size_t i = 0; i + 1 < all.size(); ++i) {
            const DebugInfo::Row& row = all[i];
            if (row.file == DebugInfo::NONE || !meant[row.file] || row.line == 0) {
                continue;
            }
            if (row.line > number) {
                next = next == 0 ? row.line : std::min(next, row.line);
            } else if (row.line < number) {
                before = std::max(before, row.line);
            } else if (row.address < all[i + 1].address) {
                found.code.push_back({row.address, all[i + 1].address});
            }
        }
    }
};

}  // namespace

std::string_view without_suffix(std::string_view symbol) { return symbol.substr(0, symbol.find('.')); }

Symbols::Symbols(std::vector<Binary> binaries) {
    for (Binary& binary : binaries) {
        infos_.push_back(std::make_unique<DebugInfo>(std::move(binary.path), binary.load_address));
    }
}

Symbols::~Symbols() = default;

const std::vector<std::unique_ptr<DebugInfo>>& Symbols::loaded() const {
    for (const auto& info : infos_) {
        info->load();
    }
    return infos_;
}

std::vector<Symbols::Frame> Symbols::frames(const void* pc) const {
    std::vector<Frame> found;
    const std::uintptr_t address = inside_call(pc);
    for (const auto& info : loaded()) {
        if (!info->has_code(address)) {
            continue;
        }
        const auto name = [&](std::size_t file) {
            return file == DebugInfo::NONE ? std::string{} : info->files()[file];
        };
        const DebugInfo::Row* const row = info->row_at(address);
        std::string file = row == nullptr ? "" : name(row->file);
        unsigned line = row == nullptr ? 0 : row->line;
        for (const DebugInfo::Scope* scope : info->scopes_at(address)) {
            found.push_back({scope->name, std::move(file), line});
            file = name(scope->call_file);
            line = scope->call_line;
        }
        if (found.empty()) {
            const DebugInfo::Symbol* const symbol = info->function_at(address);
            if (symbol != nullptr) {
                found.push_back({std::string{without_suffix(symbol->name)}, std::move(file), line});
            }
        }
    }
    return found;
}

Symbols::Frame Symbols::place_at(const void* pc) const {
    const std::vector<Frame> all = frames(pc);
    const auto written = std::find_if(all.begin(), all.end(), [](const Frame& f) { return !ends_with(f.file, ".h"); });
    return written != all.end() ? *written : all.empty() ? Frame{} : all.front();
}

std::string Symbols::function_at(const void* pc) const {
    for (const auto& info : loaded()) {
        if (const DebugInfo::Symbol* const symbol = info->function_at(inside_call(pc))) {
            return std::string{without_suffix(symbol->name)};
        }
    }
    return {};
}

std::string Symbols::name_at(const void* p, std::string (*inside)(Dwarf_Die type, std::size_t offset)) const {
    const auto address = reinterpret_cast<std::uintptr_t>(p);
    const auto named = [&](const DebugInfo::Variable& v, std::uintptr_t offset) {
        if (v.typed) {
            return inside(v.type, offset);
        }
        return offset == 0 ? std::string{} : "+" + std::to_string(offset);
    };
    for (const auto& info : loaded()) {
        if (const DebugInfo::Variable* const v = info->variable_at(address)) {
            return v->name + named(*v, address - v->at);
        }
        if (per_cpu_.stride == 0) {
            continue;
        }
        const std::uintptr_t offset = address - info->per_cpu().begin - per_cpu_.first_offset;
        const std::uintptr_t home = info->per_cpu().begin + offset % per_cpu_.stride;
        const DebugInfo::Variable* const v = info->variable_at(home);
        if (offset / per_cpu_.stride < per_cpu_.copies && info->per_cpu().contains(home) && v != nullptr) {
            return "per_cpu(" + v->name + ", " + std::to_string(offset / per_cpu_.stride) + ")" +
                   named(*v, home - v->at);
        }
    }
    if (heap_.contains(address)) {
        constexpr std::string_view DIGITS = "0123456789abcdef";
        std::string hex;
        for (std::uintptr_t rest = address - heap_.begin; rest != 0 || hex.empty(); rest >>= 4U) {
            hex.insert(hex.begin(), DIGITS[rest & 15U]);
        }
        return "kmalloc+0x" + hex;
    }
    return {};
}

Symbols::Function Symbols::functions(std::string_view name) const {
    Function found;
    const bool exact = name.find('.') != std::string_view::npos;  // one particular clone
    for (const auto& info : loaded()) {
        found.known = found.known || info->declares_function(name);
        for (const DebugInfo::Scope& scope : info->scopes()) {
            if (scope.name == name) {
                auto& ranges = scope.inlined() ? found.inlined : found.bodies;
                ranges.insert(ranges.end(), scope.ranges.begin(), scope.ranges.end());
            }
        }
        for (const DebugInfo::Symbol& symbol : info->functions()) {
            if (symbol.name == name || (!exact && without_suffix(symbol.name) == name)) {
                found.bodies.push_back({symbol.at, symbol.at + symbol.size});
            }
        }
    }
    const auto order = [](const CodeRange& a, const CodeRange& b) {
        return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
    };
    const auto same = [](const CodeRange& a, const CodeRange& b) { return a.begin == b.begin && a.end == b.end; };
    for (auto* ranges : {&found.bodies, &found.inlined}) {
        std::sort(ranges->begin(), ranges->end(), order);
        ranges->erase(std::unique(ranges->begin(), ranges->end(), same), ranges->end());
    }
    found.known = found.known || found.has_code();
    return found;
}

Symbols::Line Symbols::line(std::string_view file, unsigned number) const {
    LineSearch search;
    search.number = number;
    for (const auto& info : loaded()) {
        search.look_in(*info, file);
    }
    Line& found = search.found;
    std::sort(found.files.begin(), found.files.end());
    found.files.erase(std::unique(found.files.begin(), found.files.end()), found.files.end());
    found.file_known = !found.files.empty();
    found.nearest = !found.code.empty() ? number : search.next != 0 ? search.next : search.before;
    return std::move(found);
}

std::vector<std::string> Symbols::function_names() const {
    std::set<std::string> names;
    for (const auto& info : loaded()) {
        for (const DebugInfo::Scope& scope : info->scopes()) {
            names.insert(scope.name);
        }
        for (const DebugInfo::Symbol& symbol : info->functions()) {
            names.emplace(without_suffix(symbol.name));
        }
    }
    return sorted(names);
}

std::vector<std::string> Symbols::file_names() const {
    std::set<std::string> names;
    for (const auto& info : loaded()) {
        names.insert(info->files().begin(), info->files().end());
    }
    return sorted(names);
}

}  // namespace hldsim::shim
