// SPDX-License-Identifier: Apache-2.0
// A fresh SystemC kernel: resolution 1 fs, no module, time 0. Make it before the first sc_module of a simulation.
//
// SystemC has one global kernel. A Session replaces it, so that each test case (and each worker) starts from nothing in
// the same process; the kernel before it stays reachable for ever, as deleting one is unsafe (SystemC 2.3.4).
#pragma once

namespace hldsim::sim {

class Session {
public:
    Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    Session(Session&&) = delete;
    Session& operator=(Session&&) = delete;
    ~Session() = default;
};

}  // namespace hldsim::sim
