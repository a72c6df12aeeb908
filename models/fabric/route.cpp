// SPDX-License-Identifier: Apache-2.0
#include "models/fabric/route.hpp"

namespace hldsim {

std::optional<Instant> CompatibilityRoute::pass(const MessageWrite& write, const FabricProfile& profile,
                                                RouteOutput& output) {
    if (write.size != Size::B4) {  // M-1
        output.diagnose(write, msi::Fault::NotFourBytes, false);
        return {};
    }
    msi::Decoded decoded = msi::decode(write.address, write.data, profile);
    if (decoded.fault != msi::Fault::None) {
        output.diagnose(write, decoded.fault, decoded.message.has_value());
    }
    if (!decoded.message) {
        return {};
    }
    decoded.message->token = write.token;
    return output.deliver(*decoded.message);
}

}  // namespace hldsim
