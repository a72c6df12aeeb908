// SPDX-License-Identifier: Apache-2.0
#include "tools/hldsim/json_place.hpp"

#include <nlohmann/json.hpp>
#include <string_view>

namespace hldsim::cli {
namespace {

constexpr std::string_view BLANKS = " \t\r\n";

class Scanner {
public:
    explicit Scanner(std::string_view text) : text_{text} { skip_blanks(); }

    std::size_t at() const { return at_; }

    void skip_value() {
        int depth = 0;
        do {
            if (text_[at_] == '"') {
                skip_string();
            } else if (text_[at_] == '[' || text_[at_] == '{') {
                ++depth;
                ++at_;
            } else if (text_[at_] == ']' || text_[at_] == '}') {
                --depth;
                ++at_;
            } else {
                at_ = std::min(text_.find_first_of(depth == 0 ? " \t\r\n,]}" : "\"[]{}", at_ + 1), text_.size());
            }
        } while (depth > 0);
    }

    /// To the value of that key, or with that index. False: there is none, and the place is the same.
    bool step_into(const std::string& step) {
        const std::size_t begin = at_;
        const bool is_list = text_[at_] == '[';
        if (!is_list && text_[at_] != '{') {
            return false;
        }
        for (std::size_t index = 0;; ++index) {
            ++at_;  // the bracket, or a comma
            skip_blanks();
            if (text_[at_] == ']' || text_[at_] == '}') {
                break;
            }
            if ((is_list ? std::to_string(index) : key()) == step) {
                return true;
            }
            skip_value();
            skip_blanks();
            if (text_[at_] != ',') {
                break;
            }
        }
        at_ = begin;
        return false;
    }

private:
    void skip_blanks() { at_ = std::min(text_.find_first_not_of(BLANKS, at_), text_.size()); }

    void skip_string() {
        for (++at_; text_[at_] != '"'; ++at_) {
            at_ += text_[at_] == '\\' ? 1 : 0;
        }
        ++at_;
    }

    /// And on to its value.
    std::string key() {
        const std::size_t begin = at_;
        skip_string();
        auto name = nlohmann::json::parse(text_.substr(begin, at_ - begin)).get<std::string>();
        skip_blanks();
        ++at_;  // the colon
        skip_blanks();
        return name;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

diagnostic::Mark json_place(const std::shared_ptr<const diagnostic::Source>& source,
                            const std::vector<std::string>& path) {
    Scanner scanner{source->text};
    for (const std::string& step : path) {
        if (!scanner.step_into(step)) {
            break;
        }
    }
    const std::size_t begin = scanner.at();
    scanner.skip_value();
    return {source, begin, scanner.at() - begin};
}

}  // namespace hldsim::cli
