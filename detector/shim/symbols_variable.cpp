// SPDX-License-Identifier: GPL-2.0 OR MIT
// The names of objects: "hld.monitored_mask", "irq_desc.lock", "per_cpu(hld_cpu).route".
#include <algorithm>
#include <charconv>
#include <utility>

#include "detector/shim/symbols.hpp"

namespace hldsim::shim {

// A name taken apart.
struct Symbols::Path {
    struct Step {
        std::string member;  // empty: an index
        std::size_t index = 0;
    };
    std::string name;
    bool per_cpu = false;
    bool one_cpu = false;
    std::size_t cpu = 0;
    std::vector<Step> steps;
    bool well_formed = false;

    explicit Path(std::string_view text) { well_formed = begin(text) && rest(text); }

private:
    static std::string word(std::string_view& text) {
        std::size_t length = 0;
        const auto fits = [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        };
        while (length < text.size() && fits(text[length])) {
            ++length;
        }
        std::string found{text.substr(0, length)};
        text.remove_prefix(length);
        return found;
    }
    static bool skip(std::string_view& text, std::string_view what) {
        if (text.substr(0, what.size()) != what) {
            return false;
        }
        text.remove_prefix(what.size());
        return true;
    }
    static bool number(std::string_view& text, std::size_t& value) {
        const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        return failure == std::errc{};
    }
    bool begin(std::string_view& text) {
        per_cpu = skip(text, "per_cpu(");
        name = word(text);
        if (!per_cpu) {
            return !name.empty();
        }
        if (skip(text, ",")) {
            skip(text, " ");
            one_cpu = number(text, cpu);
            return one_cpu && !name.empty() && skip(text, ")");
        }
        return !name.empty() && skip(text, ")");
    }
    bool rest(std::string_view text) {
        while (!text.empty()) {
            Step step;
            if (skip(text, ".")) {
                step.member = word(text);
                if (step.member.empty()) {
                    return false;
                }
            } else if (!skip(text, "[") || !number(text, step.index) || !skip(text, "]")) {
                return false;
            }
            steps.push_back(std::move(step));
        }
        return true;
    }
};

Part Symbols::whole(const DebugInfo& info, const DebugInfo::Variable& variable, const Path& path) const {
    Part part{variable.type, {{variable.at, variable.size, 0, 1}}};
    Stretch& memory = part.memory.front();
    if (info.per_cpu().contains(variable.at)) {
        memory.begin += per_cpu_.first_offset;
        if (path.one_cpu) {
            memory.begin += path.cpu * per_cpu_.stride;
        } else {
            memory.stride = per_cpu_.stride;
            memory.count = per_cpu_.copies;
        }
    }
    return part;
}

// The variables of that name; else every static object of the struct of that name.
std::vector<Part> Symbols::parts_named(const Path& path) const {
    std::vector<Part> found;
    for (const auto& info : loaded()) {
        for (const DebugInfo::Variable& variable : info->variables()) {
            if (variable.name == path.name && (!path.per_cpu || info->per_cpu().contains(variable.at))) {
                found.push_back(whole(*info, variable, path));
            }
        }
    }
    return !found.empty() || path.per_cpu ? found : parts_of_struct(path);
}

std::vector<Part> Symbols::parts_of_struct(const Path& path) const {
    std::vector<Part> found;
    for (const auto& info : loaded()) {
        if (info->structs().find(path.name) == info->structs().end()) {
            continue;
        }
        for (const DebugInfo::Variable& variable : info->variables()) {
            if (variable.typed) {
                collect_structs(whole(*info, variable, path), path.name, found);
            }
        }
    }
    return found;
}

bool Symbols::follow(const Path& path, Part& part, Data& data) const {
    for (const Path::Step& step : path.steps) {
        if (step.member.empty()) {
            if (!descend_element(part, step.index)) {
                data.problem = Data::Problem::NoIndex;
                data.type = type_name(part.type);
                data.unknown = "[" + std::to_string(step.index) + "]";
                return false;
            }
            continue;
        }
        descend_elements(part);
        if (descend(part, step.member)) {
            continue;
        }
        data.problem = is_pointer(part.type) ? Data::Problem::Pointer : Data::Problem::NoMember;
        data.type = type_name(part.type);
        data.unknown = step.member;
        data.candidates = member_names(part.type);
        return false;
    }
    return true;
}

void Symbols::explain_unknown(const Path& path, Data& data) const {
    data.problem = Data::Problem::NoName;
    data.unknown = path.name;
    for (const auto& info : loaded()) {
        for (const DebugInfo::Variable& variable : info->variables()) {
            if (path.per_cpu && variable.name == path.name) {
                data.problem = Data::Problem::NotPerCpu;
            }
            if (!path.per_cpu || info->per_cpu().contains(variable.at)) {
                data.candidates.push_back(variable.name);
            }
        }
    }
    std::sort(data.candidates.begin(), data.candidates.end());
    data.candidates.erase(std::unique(data.candidates.begin(), data.candidates.end()), data.candidates.end());
}

Symbols::Data Symbols::variable(std::string_view name) const {
    Data data;
    const Path path{name};
    if (!path.well_formed) {
        data.problem = Data::Problem::Malformed;
        return data;
    }
    std::vector<Part> parts = parts_named(path);
    if (parts.empty()) {
        explain_unknown(path, data);
        return data;
    }
    Data failure;
    const std::string whole{name.substr(0, std::min(name.find('.'), name.find('[')))};
    for (Part& part : parts) {  // of several variables of one name, those that have such a member
        for (const std::string& lock : locks_inside(part.type)) {
            data.locks_beside.push_back(whole + lock);
        }
        if (follow(path, part, failure)) {
            data.type = type_name(part.type);
            data.locks = data.locks || !locks_inside(part.type).empty();
            data.memory.insert(data.memory.end(), part.memory.begin(), part.memory.end());
        }
    }
    return data.memory.empty() ? failure : data;
}

std::vector<Stretch> Symbols::objects_of(std::string_view structure) const {
    std::vector<Stretch> all;
    for (const Part& part : parts_of_struct(Path{structure})) {
        all.insert(all.end(), part.memory.begin(), part.memory.end());
    }
    return all;
}

std::vector<std::string> Symbols::lock_names() const {
    std::vector<std::string> names;
    for (const auto& info : loaded()) {
        for (const DebugInfo::Variable& variable : info->variables()) {
            if (!variable.typed) {
                continue;
            }
            const bool per_cpu = info->per_cpu().contains(variable.at);
            const std::string whole = per_cpu ? "per_cpu(" + variable.name + ")" : variable.name;
            for (const std::string& path : locks_inside(variable.type)) {
                names.push_back(whole + path);
            }
        }
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

}  // namespace hldsim::shim
