// SPDX-License-Identifier: Apache-2.0
// The I/O ports: 64 KiB of addresses beside memory, reached by IN and OUT.
//
//   Order      an I/O instruction waits for its own end: the access happens at the instant at which the CPU makes it
//   Cost       the CPU's: row `io.port61_read` for every port, in and out
//   Nobody     a port that no device answers reads all ones; a write to it is dropped; both are observed
#pragma once
#include <cstdint>
#include <vector>

#include "models/fabric/ports.hpp"
#include "models/sim/probe.hpp"

namespace hldsim {

/// A CPU's access to a port that nobody answers.
struct UnmappedPort {
    std::uint16_t port = 0;
    Size size = Size::B1;
    bool write = false;
    std::uint64_t value = 0;
};

class PortSpace final : public PortBus {
public:
    /// The device answers at `count` ports from `first` on; its offsets are the numbers of the ports.
    void map(std::uint16_t first, unsigned count, MmioTarget& device) { ranges_.push_back({first, count, &device}); }

    std::uint64_t in(std::uint16_t port, Size size) override;
    void out(std::uint16_t port, Size size, std::uint64_t value) override;

    sim::Probe<UnmappedPort> unmapped_port;

private:
    struct Range {
        std::uint16_t first;
        unsigned count;
        MmioTarget* device;
    };
    MmioTarget* device_at(std::uint16_t port) const;

    std::vector<Range> ranges_;
};

}  // namespace hldsim
