// SPDX-License-Identifier: Apache-2.0
// A whole machine that runs the checks of this folder's C, and a device that drives pins for them.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "detector/shim/object.hpp"
#include "detector/shim/runtime.hpp"
#include "models/base/choice.hpp"
#include "models/machine/machine.hpp"
#include "models/sim/session.hpp"
#include "tests/support/catch.hpp"

namespace hldsim::peer {

/// By the names of their functions, in the order of the C.
enum class Check : unsigned {
#define PEER(name) name,
#include "tests/peer/checks.def"
#undef PEER
};

struct Options {
    unsigned cpus = 3;
    bool x2apic = false;
    bool remaps = false;
    LapicProfile lapic{};
    IoapicProfile ioapic = IoapicProfile::pch_100();
    unsigned rounds = 0;                  // peer_rounds of the C; 0: the check's own number
    std::function<void(Timing&)> change;  // rows of the profile
};

/// The local APICs in x2APIC mode.
Options x2apic();
/// A generator of Catch2: the test runs in xAPIC and in x2APIC mode.
Options either_mode();

struct Verdict {
    cpu::End end = cpu::End::None;
    std::vector<std::string> failed;  // "apic.c:12: version <= 0x15"
    long held = 0;
};

class PeerRig final : MmioTarget {
public:
    explicit PeerRig(const Options& options);

    /// One power cycle.
    Verdict run(Check check);

private:
    // Its device: ports of peer.h.
    std::uint64_t read(std::uint32_t port, Size size) override;
    void write(std::uint32_t port, Size size, std::uint64_t value) override;

    sim::Session session_;
    unsigned rounds_;
    DefaultChoice choices_;
    std::unique_ptr<Machine> machine_;
    std::unique_ptr<shim::Runtime> runtime_;
    Verdict verdict_;
};

/// Runs it and wants every expectation to hold.
void expect_holds(Check check, const Options& options = {});

}  // namespace hldsim::peer
