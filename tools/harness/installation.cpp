// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/installation.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <filesystem>
#include <initializer_list>
#include <system_error>

namespace hldsim::installation {
namespace {

bool is_folder(const std::string& path) {
    struct stat facts {};
    return stat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode);
}

std::string up(std::string folder, unsigned levels) {
    for (; levels > 0 && !folder.empty(); --levels) {
        folder.resize(std::min(folder.rfind('/'), folder.size()));
    }
    return folder;
}

/// The first that exists; else the first, which the error message then names.
std::string first_folder(std::initializer_list<std::string> candidates) {
    for (const std::string& candidate : candidates) {
        if (is_folder(candidate)) {
            return candidate;
        }
    }
    return *candidates.begin();
}

}  // namespace

std::string program_folder() {
    char path[PATH_MAX];
    const ssize_t size = readlink("/proc/self/exe", path, sizeof path);
    return size <= 0 ? std::string{"."} : up(std::string{path, static_cast<std::size_t>(size)}, 1);
}

std::string profiles() {
    const std::string folder = program_folder();
    return first_folder({up(folder, 1) + "/share/hldsim/profiles", up(folder, 3) + "/scenarios/profiles"});
}

std::string scenarios() {
    const std::string folder = program_folder();
    return first_folder({up(folder, 1) + "/share/hldsim/scenarios", up(folder, 3) + "/scenarios"});
}

std::string scenarios_here() {
    std::error_code failure;
    std::string installed = scenarios();
    return std::filesystem::equivalent("scenarios", installed, failure) && !failure ? "scenarios" : installed;
}

std::string object(const std::string& name) { return up(program_folder(), 1) + "/lib/hldsim/" + name; }

}  // namespace hldsim::installation
