// SPDX-License-Identifier: Apache-2.0
// The shared objects of this process. One kernel; any number of detectors, each loaded once.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "detector/shim/object.hpp"

namespace hldsim::run {

class Objects {
public:
    /// The kernel object of that path; a second, different one is refused (ObjectError): its symbols are global.
    const shim::Object& kernel(const std::string& path);
    /// The detector object; the kernel must be loaded. One made for another series of the kernel API is refused.
    const shim::Object& detector(const std::string& path);

    /// Those of this process: an object cannot be unloaded.
    static Objects& loaded();

private:
    std::unique_ptr<shim::Object> kernel_;
    std::vector<std::unique_ptr<shim::Object>> detectors_;
};

}  // namespace hldsim::run
