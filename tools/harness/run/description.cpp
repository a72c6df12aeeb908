// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/run/description.hpp"

#include <algorithm>
#include <filesystem>

#include "models/base/limits.hpp"
#include "tools/harness/document/file_kind.hpp"
#include "tools/harness/installation.hpp"
#include "tools/harness/scenario/fields.hpp"
#include "tools/harness/value/span.hpp"

namespace hldsim::run {

namespace {

using diagnostic::Error;
using diagnostic::in_quotes;
using document::Node;
using scenario::Fields;
using scenario::Marked;

const std::vector<std::string_view>& keys() {
    static const auto& all =
        *new std::vector<std::string_view>{"monitored", "drained", "restart", "max_delay", "budget"};
    return all;
}

constexpr const char* MAPPING = "a mapping of monitored, drained, restart, max_delay and budget";

scenario::Point point_of(const Node& node, const std::string& entry) {
    const Fields fields{node, in_quotes(entry), {"enters", "leaves"}};
    const Node* const enters = fields.find("enters");
    const Node* const leaves = fields.find("leaves");
    if ((enters == nullptr) == (leaves == nullptr)) {
        throw Error{node.mark, (enters == nullptr ? "no point in " : "two points in ") + in_quotes(entry),
                    "{enters: FUNCTION} or {leaves: FUNCTION}"};
    }
    scenario::Point point;
    point.form = enters != nullptr ? scenario::Point::Form::Enters : scenario::Point::Form::Leaves;
    point.function = scenario::name(enters != nullptr ? *enters : *leaves, "a function of the detector");
    point.mark = node.mark;
    return point;
}

std::vector<point::ResolvedPoint> points(scenario::Point point, const shim::Symbols& symbols, unsigned cpus) {
    std::vector<point::ResolvedPoint> all;
    for (unsigned n = 0; n < cpus; ++n) {
        point.cpu = {CpuNumber{n}, point.mark};
        all.push_back(point::resolve(point, symbols, {}));
    }
    return all;
}

// "20 s", or so many times the threshold of the watchdog: "2 thresholds".
Duration delay(const Node& node, Duration threshold) {
    constexpr Duration LONGEST{limits::RUN_SECONDS * FS_PER_S};
    constexpr std::string_view THRESHOLDS = " thresholds";
    const std::string expected =
        "a time such as 20 s, or in thresholds of the watchdog: 2 thresholds; above 0, at most " +
        std::to_string(limits::RUN_SECONDS) + " s";
    const std::string text = scenario::text(node, expected);
    if (text.size() > THRESHOLDS.size() && text.substr(text.size() - THRESHOLDS.size()) == THRESHOLDS) {
        Node number = node;
        number.text = text.substr(0, text.size() - THRESHOLDS.size());
        const auto most = static_cast<std::uint64_t>(LONGEST.fs / threshold.fs);
        return threshold * static_cast<std::int64_t>(scenario::count(number, 1, most, expected));
    }
    try {
        const value::Span span = value::parse_span(text);
        if (span.unit != value::Span::Unit::Time || span.amount <= 0 || span.amount > LONGEST.fs) {
            throw Error{node.mark, in_quotes(text) + " is no delay of a check", expected};
        }
        return Duration{span.amount};
    } catch (const value::Problem& problem) {
        throw Error{node.mark, problem.what(), expected, problem.suggestion};
    }
}

/// "hld.monitored_mask": all that could be meant. A member alone is near to the whole name.
std::string nearest_mask(const std::string& got, const std::vector<shim::Stretch>& masks,
                         const shim::Symbols& symbols) {
    std::vector<std::string> names;
    for (const shim::Stretch& mask : masks) {
        if (mask.count == 1) {
            names.push_back(symbols.variable_at(reinterpret_cast<const void*>(mask.begin)));
        }
    }
    std::vector<std::string_view> near{names.begin(), names.end()};
    for (const std::string& name : names) {
        near.push_back(std::string_view{name}.substr(name.rfind('.') + 1));
    }
    const std::string found = diagnostic::nearest(got, near);
    const auto index = static_cast<std::size_t>(std::find(near.begin(), near.end(), found) - near.begin());
    return found.empty() ? found : names[index % names.size()];
}

constexpr const char* A_MASK = "one static cpumask of the detector or the mini-kernel";

trace::Watched mask(const Marked<std::string>& name, const shim::Symbols& symbols) {
    const std::string expected = A_MASK;
    const shim::Symbols::Data data = symbols.variable(name.value);
    const std::vector<shim::Stretch> masks = symbols.objects_of("cpumask");
    if (data.problem != shim::Symbols::Data::Problem::None) {
        throw Error{name.mark, "no cpumask " + in_quotes(name.value), expected,
                    nearest_mask(name.value, masks, symbols)};
    }
    const shim::Stretch found = data.memory.front();
    const bool is_mask = std::any_of(masks.begin(), masks.end(), [&](const shim::Stretch& each) {
        return each.length == found.length && each.touches(found.begin, found.length);
    });
    if (!is_mask) {
        const std::string near = nearest_mask(name.value, masks, symbols);
        throw Error{name.mark, in_quotes(name.value) + " is no cpumask: " + data.type, expected,
                    near == name.value ? "" : near};
    }
    if (data.memory.size() != 1 || found.count != 1) {
        throw Error{name.mark, in_quotes(name.value) + " is not one cpumask but several", expected};
    }
    return {reinterpret_cast<const std::uint64_t*>(found.begin), found.length};
}

void read_budget(const Node& node, check::Described& described) {
    const std::string expected = "a whole number from 0 to 1000";
    const Fields fields{node, "'budget'", {"reads", "writes"}};
    const auto most = [&](const char* key) -> std::optional<unsigned> {
        const Node* const count = fields.find(key);
        return count == nullptr ? std::nullopt
                                : std::optional{static_cast<unsigned>(scenario::count(*count, 0, 1000, expected))};
    };
    described.reads = most("reads");
    described.writes = most("writes");
    if (!described.reads && !described.writes) {
        throw Error{node.mark, "nothing in 'budget'", "a mapping of reads and writes"};
    }
}

class Reader {
public:
    Reader(const Fields& fields, const shim::Symbols& symbols, unsigned cpus, Duration threshold, bool lenient)
        : fields_{fields}, symbols_{symbols}, cpus_{cpus}, threshold_{threshold}, lenient_{lenient} {}

    Description read() {
        check::Described& described = description_.described;
        if (const Node* const monitored = fields_.find("monitored")) {
            const Marked<std::string> name = scenario::name(*monitored, A_MASK);
            described.monitored = resolved("monitored", [&] { description_.watched = mask(name, symbols_); });
        }
        if (const Node* const drained = fields_.find("drained")) {
            described.drained = reached("drained", *drained, description_.drained);
        }
        if (const Node* const restart = fields_.find("restart")) {
            read_restart(*restart);
        }
        if (const Node* const most = fields_.find("max_delay")) {
            described.max_delay = delay(*most, threshold_);
        }
        if (const Node* const budget = fields_.find("budget")) {
            read_budget(*budget, described);
        }
        return std::move(description_);
    }

private:
    bool reached(const char* entry, const Node& node, std::vector<point::ResolvedPoint>& all) {
        const scenario::Point point = point_of(node, entry);
        return resolved(entry, [&] { all = points(point, symbols_, cpus_); });
    }

    void read_restart(const Node& node) {
        check::Described& described = description_.described;
        if (fields_.find("drained") == nullptr) {
            throw Error{fields_.entry("restart")->key_mark, "'restart' without 'drained'",
                        "'drained' beside it: restart ends what drained begins"};
        }
        if (reached("restart", node, description_.restart) || !described.drained) {
            return;
        }
        described.drained = false;  // what is drained once would stay so for ever
        description_.drained.clear();
        described.lacking["drained"] = described.lacking["restart"];
    }

    /// Does the object have what the entry names?
    template <class Resolve>
    bool resolved(const char* entry, const Resolve& resolve) {
        try {
            resolve();
            return true;
        } catch (const Error& error) {
            if (!lenient_) {
                throw;
            }
            const std::string& what = error.parts().what;
            description_.described.lacking[entry] = what + (what.rfind("no ", 0) == 0 ? " in the object" : "");
            return false;
        }
    }

    const Fields& fields_;
    const shim::Symbols& symbols_;
    unsigned cpus_;
    Duration threshold_;
    bool lenient_;
    Description description_;
};

/// The text as a tree. What is no description at all may be the scenario of an object of the same name.
Node tree_of(const DescriptionFile& file) {
    if (file.mark && !std::filesystem::exists(file.path)) {
        throw Error{file.mark, "no description " + in_quotes(file.path), "the path of a .yaml file"};
    }
    const bool is_beside = !file.beside.empty();
    const std::string what = "the description" + (is_beside ? " of " + file.beside : "");
    try {
        Node node = document::parse(document::read(file.path), 0, MAPPING);
        document::refuse_other_kind(node, document::FileKind::Description);
        [[maybe_unused]] const Fields refuses_others{node, what, keys()};
        return node;
    } catch (const Error& error) {
        Error::Parts parts = error.parts();
        if (is_beside) {
            parts.expected += ", for it stands beside " + file.beside +
                              "; else another name for it, or another description by detector.description";
        }
        throw Error{std::move(parts)};
    }
}

}  // namespace

DescriptionFile description_of(const shim::Object& object, const std::optional<Marked<std::string>>& given) {
    if (given) {
        return {given->value, given->mark, {}};
    }
    const std::filesystem::path path = object.path();
    std::filesystem::path beside = path;
    beside.replace_extension(".yaml");
    if (std::filesystem::exists(beside)) {
        return {beside.string(), {}, path.filename().string()};
    }
    if (!object.of_core()) {
        return {};
    }
    std::string built_in = installation::object("hld.yaml");
    if (std::filesystem::exists(built_in)) {
        return {std::move(built_in), {}, {}, true};
    }
    const std::filesystem::path source =
        std::filesystem::path{installation::profiles()} / ".." / ".." / "detector" / "hld.yaml";
    return {std::filesystem::exists(source) ? source.lexically_normal().string() : std::string{}, {}, {}, true};
}

Description describe(const DescriptionFile& file, const shim::Symbols& symbols, unsigned cpus, Duration threshold) {
    if (file.path.empty()) {
        return {};
    }
    const Node node = tree_of(file);
    return Reader{Fields{node, "the description", keys()}, symbols, cpus, threshold, file.built_in}.read();
}

}  // namespace hldsim::run
