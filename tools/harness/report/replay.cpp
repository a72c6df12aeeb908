// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/report/replay.hpp"

#include <algorithm>

#include "tools/harness/report/report.hpp"
#include "tools/harness/report/text.hpp"

namespace hldsim::report {
namespace {

using run::Outcome;

std::string without_spaces(std::string text) {
    text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
    return text;
}

// A span is written without its blank, so that a shell takes the line as it stands. 0 may be a number, too.
std::string compact(const std::string& value) {
    if (value == "0") {
        return value;
    }
    try {
        return without_spaces(value::exact_text(value::parse_span(value)));
    } catch (const value::Problem&) {
        return value;
    }
}

// A comma that is outside of brackets would end the value: then all that the reader of the line looks at is escaped.
std::string kept_whole(const std::string& value) {
    int depth = 0;
    bool plain = true;
    for (const char c : value) {
        depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
        plain = plain && depth >= 0 && c != '\\' && (c != ',' || depth > 0);
    }
    if (plain && depth == 0) {
        return value;
    }
    std::string text;
    for (const char c : value) {
        text += std::string_view{"[]{},\\"}.find(c) != std::string_view::npos ? "\\" : "";
        text += c;
    }
    return text;
}

// Later pairs of a key replace earlier ones: what was solved, what was set.
class Pairs {
public:
    void put(const std::string& key, const std::string& value) {
        pairs_.erase(std::remove_if(pairs_.begin(), pairs_.end(), [&](const auto& pair) { return pair.first == key; }),
                     pairs_.end());
        pairs_.emplace_back(key, value);
    }
    std::string text() const {
        std::string all;
        for (const auto& [key, value] : pairs_) {
            all.append(all.empty() ? "" : ",").append(key).append("=").append(kept_whole(value));
        }
        return all;
    }
    bool empty() const { return pairs_.empty(); }

private:
    std::vector<std::pair<std::string, std::string>> pairs_;
};

bool is_of_vary(const std::string& setting) {
    const std::string key = setting.substr(0, setting.find('='));
    return key == "vary" || key.rfind("vary.", 0) == 0;
}

// One run of several: what varies is named by its values, and nothing else varies any more.
constexpr const char* ONE_RUN = "vary=null";

void put_setting(Pairs& pairs, const std::string& setting) {
    const std::size_t equals = setting.find('=');
    if (is_of_vary(setting)) {
        return pairs.put("vary", "null");
    }
    pairs.put(setting.substr(0, equals), equals == std::string::npos ? "" : compact(setting.substr(equals + 1)));
}

// Nothing if all are the default.
std::string choices_text(const std::vector<Choice>& choices) {
    const bool all_default =
        std::all_of(choices.begin(), choices.end(), [](const Choice& choice) { return choice.taken == 0; });
    return all_default ? "" : text_of(choices);
}

}  // namespace

std::string replay_command(const Outcome& outcome) {
    const std::string options = (outcome.detector_given.empty() ? "" : " --detector " + shell(outcome.detector_given)) +
                                (outcome.until_given.empty() ? "" : " --until " + shell(compact(outcome.until_given)));
    const std::string argument = replay_argument(outcome);
    // Of standard input it is "-#KEY=VALUE", and no option either.
    return outcome.scenario.file == "-" ? "hldsim replay" + options + " -- " + shell(argument)
                                        : "hldsim replay " + file_argument(argument) + options;
}

std::string window_command(const Outcome& outcome) {
    std::string text = "hldsim window " + file_argument(outcome.scenario.file);
    for (const std::string& setting : outcome.set) {
        if (!is_of_vary(setting)) {
            text += " --set " + shell(setting);
        }
    }
    if (std::any_of(outcome.set.begin(), outcome.set.end(), is_of_vary)) {
        text += std::string{" --set "} + ONE_RUN;
    }
    for (const scenario::Varied& varied : outcome.scenario.vary) {
        text += " --set " + shell(varied.key + "=" + compact(varied.value));
    }
    return text + (outcome.detector_given.empty() ? "" : " --detector " + shell(outcome.detector_given));
}

std::string run_name(const Outcome& outcome) {
    Pairs pairs;
    for (const scenario::Varied& varied : outcome.scenario.vary) {
        pairs.put(varied.key, compact(varied.value));
    }
    return outcome.scenario.file + (pairs.empty() ? "" : "#" + pairs.text());
}

std::string replay_argument(const Outcome& outcome) {
    Pairs pairs;
    for (const std::string& setting : outcome.set) {
        put_setting(pairs, setting);
    }
    for (const scenario::Varied& varied : outcome.scenario.vary) {
        pairs.put(varied.key, compact(varied.value));
    }
    for (const auto& [key, at] : outcome.solved) {
        pairs.put(key, without_spaces(value::exact_text(at - Instant{})));
    }
    if (outcome.seed != 1) {
        pairs.put("seed", std::to_string(outcome.seed));
    }
    if (const std::string choices = choices_text(outcome.choices); !choices.empty()) {
        pairs.put("choices", choices);
    }
    if (pairs.empty()) {
        pairs.put("seed", "1");
    }
    return outcome.scenario.file + "#" + pairs.text();
}

}  // namespace hldsim::report
