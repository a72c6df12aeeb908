// SPDX-License-Identifier: Apache-2.0
#include "models/fabric/route.hpp"

namespace hldsim {

std::optional<Instant> CompatibilityRoute::pass(const MessageWrite& write, const FabricProfile& profile,
                                                RouteOutput& output) {
    const msi::Decoded decoded = msi::decode(write, profile);
    if (decoded.fault != msi::Fault::None) {
        output.diagnose(write, decoded.fault, decoded.message.has_value());
    }
    if (!decoded.message) {
        return {};
    }
    return output.deliver(*decoded.message);
}

}  // namespace hldsim
