// SPDX-License-Identifier: Apache-2.0
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <sstream>
#include <utility>

#include "tools/harness/document/document.hpp"

namespace hldsim::document {
namespace {

using diagnostic::Error;
using diagnostic::Mark;
using diagnostic::Source;

/// C0, DEL and C1: a terminal would obey them.
bool has_control(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const bool c1 = byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
        if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f || c1) {
            return true;
        }
    }
    return false;
}

bool yaml11_boolean(std::string_view text) {
    std::string lower{text};
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
    return lower == "on" || lower == "off" || lower == "yes" || lower == "no";
}

std::size_t node_count(const Node& node) {
    std::size_t count = 1;
    for (const Node& item : node.items) {
        count += node_count(item);
    }
    for (const Entry& entry : node.entries) {
        count += 1 + node_count(entry.value);
    }
    return count;
}

/// Builds the tree from yaml-cpp's events, so that limits hold while the text is read.
class Builder final : public YAML::EventHandler {
public:
    Builder(std::shared_ptr<const Source> source, std::size_t from) : source_{std::move(source)}, from_{from} {}

    Node take() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        Node node;
        node.mark = null_mark(mark);
        add(std::move(node), anchor);
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end()) {
            throw Error{at(mark, 1), "alias inside its own anchor"};
        }
        const Node copy = found->second;
        nodes_ += node_count(copy);
        add(copy, 0);
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        refuse_tag(mark, tag);
        Node node;
        node.kind = Node::Kind::Scalar;
        node.text = value;
        node.plain = tag == "?";
        node.mark = scalar_mark(mark, value);
        if (has_control(value)) {
            throw Error{node.mark, "a control character in a text", "what can be printed, line breaks and tabs"};
        }
        if (node.plain && yaml11_boolean(value)) {
            throw Error{node.mark, "'" + value + "' is a boolean to YAML 1.1 and no key and no value here",
                        "true, false, or the word in quotes"};
        }
        add(std::move(node), anchor);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value /*style*/) override {
        open(Node::Kind::List, mark, tag, anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value /*style*/) override {
        open(Node::Kind::Map, mark, tag, anchor);
    }
    void OnMapEnd() override { close(); }

private:
    struct Open {
        Node node;
        YAML::anchor_t anchor = 0;
        bool has_key = false;
        std::string key;
        Mark key_mark;
    };

    Mark at(const YAML::Mark& mark, std::size_t length) const {
        const auto offset = from_ + static_cast<std::size_t>(std::max(mark.pos, 0));
        return {source_, std::min(offset, source_->text.size()), length};
    }

    Mark scalar_mark(const YAML::Mark& mark, const std::string& value) const {
        Mark found = at(mark, 1);
        const std::string_view rest = std::string_view{source_->text}.substr(found.offset);
        if (rest.empty()) {
            return found;
        }
        if (rest.front() == '\'' || rest.front() == '"') {
            const std::size_t end = rest.find(rest.front(), 1);
            found.length = end == std::string_view::npos ? 1 : end + 1;
        } else if (rest.front() != '|' && rest.front() != '>') {
            found.length = std::min({std::max<std::size_t>(value.size(), 1), rest.find('\n'), rest.size()});
        }
        return found;
    }

    /// An empty value stands behind its key; yaml-cpp reports the next token.
    Mark null_mark(const YAML::Mark& mark) const {
        const Mark found = at(mark, 1);
        const std::string_view rest = std::string_view{source_->text}.substr(found.offset);
        for (const std::string_view word : {"null", "Null", "NULL", "~"}) {
            if (rest.substr(0, word.size()) == word) {
                return {source_, found.offset, word.size()};
            }
        }
        return !stack_.empty() && stack_.back().has_key ? stack_.back().key_mark : found;
    }

    void refuse_tag(const YAML::Mark& mark, const std::string& tag) const {
        if (!tag.empty() && tag != "?" && tag != "!") {
            throw Error{at(mark, 1), "a tag is not part of the scenario language", "the value without it"};
        }
    }

    void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
        refuse_tag(mark, tag);
        if (stack_.size() >= DEPTH_MAX) {
            throw Error{at(mark, 1), "nested more than " + std::to_string(DEPTH_MAX) + " levels deep"};
        }
        Open next;
        next.node.kind = kind;
        next.node.mark = at(mark, 1);
        next.anchor = anchor;
        stack_.push_back(std::move(next));
    }

    void close() {
        Open done = std::move(stack_.back());
        stack_.pop_back();
        add(std::move(done.node), done.anchor);
    }

    void add(Node node, YAML::anchor_t anchor) {
        if (++nodes_ > NODES_MAX) {
            throw Error{node.mark, "more than " + std::to_string(NODES_MAX) + " values, aliases expanded"};
        }
        if (anchor != 0) {
            anchors_[anchor] = node;
        }
        if (stack_.empty()) {
            root_ = std::move(node);
            return;
        }
        Open& parent = stack_.back();
        if (parent.node.is_list()) {
            parent.node.items.push_back(std::move(node));
        } else if (!parent.has_key) {
            take_key(parent, node);
        } else {
            parent.node.entries.push_back({std::move(parent.key), parent.key_mark, std::move(node)});
            parent.has_key = false;
        }
    }

    static void take_key(Open& parent, const Node& node) {
        if (!node.is_scalar()) {
            throw Error{node.mark, "a key is " + describe(node), "a name before ':'"};
        }
        if (const Entry* first = parent.node.find(node.text)) {
            throw Error{node.mark, "duplicate key '" + node.text + "'",
                        "it once; it stands in line " + std::to_string(diagnostic::position(first->key_mark).line) +
                            " already"};
        }
        parent.key = node.text;
        parent.key_mark = node.mark;
        parent.has_key = true;
    }

    std::shared_ptr<const Source> source_;
    std::size_t from_;
    Node root_;
    std::vector<Open> stack_;
    std::map<YAML::anchor_t, Node> anchors_;
    std::size_t nodes_ = 0;
};

[[noreturn]] void not_yaml(const std::shared_ptr<const Source>& source, std::size_t from,
                           const YAML::ParserException& error) {
    const std::size_t offset =
        std::min(from + static_cast<std::size_t>(std::max(error.mark.pos, 0)), source->text.size());
    const Mark mark{source, offset, 1};
    const std::size_t line = source->text.rfind('\n', offset == 0 ? 0 : offset - 1);
    const std::size_t start = line == std::string::npos ? 0 : line + 1;
    const bool tab = source->text.find('\t', start) < std::max(offset, start) + 1;
    std::string expected = tab ? "spaces: YAML does not indent by tabs" : "";
    if (expected.empty() && error.msg == "illegal map value") {
        expected = "one 'key: value' here; a text with ': ' in it stands in quotes";
    }
    throw Error{mark, "not YAML: " + error.msg, expected};
}

}  // namespace

Node parse(const std::shared_ptr<const Source>& source, std::size_t from, const char* expected) {
    std::istringstream stream{source->text.substr(from)};
    Builder builder{source, from};
    try {
        YAML::Parser parser{stream};
        if (!parser.HandleNextDocument(builder)) {
            throw Error{Error::Parts{{}, source->name, "the file is empty", {}, expected}};
        }
        Node root = builder.take();
        Builder rest{source, from};
        if (parser.HandleNextDocument(rest)) {
            const Node second = rest.take();
            throw Error{second.mark, "a second document in one file", "one document: '---' only at the top"};
        }
        return root;
    } catch (const YAML::ParserException& error) {
        not_yaml(source, from, error);
    }
}

}  // namespace hldsim::document
