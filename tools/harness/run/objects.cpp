// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/run/objects.hpp"

#include <algorithm>

#include "tools/harness/document/document.hpp"

namespace hldsim::run {

Objects& Objects::loaded() {
    static auto& objects = *new Objects;  // as long as the process: destructors must not race dlclose
    return objects;
}

const shim::Object& Objects::kernel(const std::string& path) {
    if (!kernel_) {
        document::remember_read(path);
        kernel_ = std::make_unique<shim::Object>(path, shim::Object::Role::Kernel);
    }
    if (kernel_->path() != path) {
        throw shim::ObjectError(path + ": another kernel object is loaded already, " + kernel_->path());
    }
    return *kernel_;
}

const shim::Object& Objects::detector(const std::string& path) {
    auto found =
        std::find_if(detectors_.begin(), detectors_.end(), [&](const auto& object) { return object->path() == path; });
    if (found == detectors_.end()) {
        document::remember_read(path);
        found = detectors_.insert(found, std::make_unique<shim::Object>(path, shim::Object::Role::Detector));
    }
    const shim::Object& detector = **found;
    if (detector.kapi() != kernel_->kapi()) {  // what the two hand each other differs between series
        throw shim::ObjectError(path + ": made for kernel API " + detector.kapi() + ", but the kernel object has " +
                                kernel_->kapi() + "; expected an object made with hldsim-cc --kapi=" + kernel_->kapi() +
                                ", which is its default");
    }
    return detector;
}

}  // namespace hldsim::run
