// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <set>
#include <utility>

#include "tools/harness/document/document.hpp"

namespace hldsim::document {
namespace {

using diagnostic::Error;
using diagnostic::Source;

[[noreturn]] void fail(const std::string& path, std::string what, std::string expected = {}) {
    throw Error{Error::Parts{{}, path, std::move(what), {}, std::move(expected)}};
}

[[noreturn]] void too_large(const std::string& path, const Limits& limits) {
    fail(path, std::string{"larger than "} + limits.size, limits.what);
}

struct Closer {
    void operator()(std::FILE* file) const {
        if (file != stdin) {
            std::fclose(file);
        }
    }
};

/// How many bytes the character at the start of `text` takes; 0 if it is not UTF-8 or not text.
std::size_t text_character(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(text[i])); };
    const unsigned lead = byte(0);
    if (lead < 0x80 && lead != 0x7f) {
        return lead >= 0x20 || lead == '\n' || lead == '\r' || lead == '\t' ? 1 : 0;
    }
    const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < size) {
        return 0;
    }
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xc0U) != 0x80U) {
            return 0;
        }
    }
    return size;
}

void require_text(const std::string& path, std::string_view text, const char* encoding) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t size = text_character(text.substr(at));
        if (size == 0) {
            char what[80];
            std::snprintf(what, sizeof what, "not a text file: byte 0x%02x at offset %zu",
                          static_cast<unsigned>(static_cast<unsigned char>(text[at])), at);
            fail(path, what, encoding);
        }
        at += size;
    }
}

std::string contents(const std::string& path, std::FILE* file, const Limits& limits) {
    std::string text;
    char block[65536];
    for (;;) {
        const std::size_t got = std::fread(block, 1, sizeof block, file);
        text.append(block, got);
        if (text.size() > limits.bytes) {
            too_large(path, limits);
        }
        if (got < sizeof block) {
            break;
        }
    }
    if (std::ferror(file) != 0) {
        fail(path, std::string{"cannot read: "} + std::strerror(errno));
    }
    return text;
}

// From a pipe of its own nothing would ever come.
bool is_own_output(const struct stat& facts) {
    if (!S_ISREG(facts.st_mode) && !S_ISFIFO(facts.st_mode)) {
        return false;
    }
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
        struct stat of {};
        if (fstat(stream, &of) == 0 && of.st_dev == facts.st_dev && of.st_ino == facts.st_ino) {
            return true;
        }
    }
    return false;
}

std::set<FileIdentity>& files_read() {
    static auto& all = *new std::set<FileIdentity>;
    return all;
}

std::vector<FileIdentity>& files_newly_read() {
    static auto& all = *new std::vector<FileIdentity>;
    return all;
}

}  // namespace

void remember_read(const std::string& path) {
    struct stat facts {};
    if (stat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode)) {
        remember_read(FileIdentity{facts.st_dev, facts.st_ino});
    }
}

void remember_read(FileIdentity file) {
    if (files_read().insert(file).second) {
        files_newly_read().push_back(file);
    }
}

bool was_read(const std::string& path) {
    struct stat facts {};
    return stat(path.c_str(), &facts) == 0 && files_read().count({facts.st_dev, facts.st_ino}) != 0;
}

std::vector<FileIdentity> newly_read() { return std::exchange(files_newly_read(), {}); }

std::string source_name(const std::string& path) { return path == "-" ? "<stdin>" : path; }

std::shared_ptr<const Source> read(const std::string& path, const Limits& limits) {
    const bool standard_input = path == "-";
    if (!standard_input) {
        struct stat facts {};
        if (stat(path.c_str(), &facts) != 0) {
            fail(path, errno == ENOENT ? "no such file" : std::string{"cannot read: "} + std::strerror(errno));
        }
        if (S_ISDIR(facts.st_mode)) {
            fail(path, "a folder, not a file");
        }
        if (is_own_output(facts)) {
            fail(path, "what this program writes to", "a file, or a pipe that another program writes to");
        }
        if (S_ISREG(facts.st_mode) && static_cast<std::size_t>(facts.st_size) > limits.bytes) {
            too_large(path, limits);
        }
        remember_read(path);
    }
    const std::unique_ptr<std::FILE, Closer> file{standard_input ? stdin : std::fopen(path.c_str(), "rb")};
    if (file == nullptr) {
        fail(path, std::string{"cannot read: "} + std::strerror(errno));
    }
    std::string text = contents(path, file.get(), limits);
    if (text.compare(0, 3, "\xef\xbb\xbf") == 0) {
        text.erase(0, 3);  // a byte order mark: yaml-cpp would count it in columns
    }
    require_text(path, text, limits.encoding);
    return std::make_shared<const Source>(Source{source_name(path), std::move(text)});
}

}  // namespace hldsim::document
