// SPDX-License-Identifier: Apache-2.0
#include "models/fabric/port_space.hpp"

namespace hldsim {

MmioTarget* PortSpace::device_at(std::uint16_t port) const {
    for (const Range& range : ranges_) {
        if (port >= range.first && static_cast<unsigned>(port - range.first) < range.count) {
            return range.device;
        }
    }
    return nullptr;
}

std::uint64_t PortSpace::in(std::uint16_t port, Size size) {
    MmioTarget* const device = device_at(port);
    if (device == nullptr) {
        unmapped_port.emit({port, size, false, 0});
        return byte_mask(bytes(size));
    }
    return device->read(port, size);
}

void PortSpace::out(std::uint16_t port, Size size, std::uint64_t value) {
    MmioTarget* const device = device_at(port);
    if (device == nullptr) {
        unmapped_port.emit({port, size, true, value});
        return;
    }
    device->write(port, size, value);
}

}  // namespace hldsim
