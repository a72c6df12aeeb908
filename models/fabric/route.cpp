// SPDX-License-Identifier: Apache-2.0
#include "models/fabric/route.hpp"

namespace hldsim {

void CompatibilityRoute::arrive(const MessageWrite& write, RouteOutput& output) {
    msi::Decoded decoded = msi::decode(write.address, write.data, profile_);
    if (decoded.fault != msi::Fault::None) {
        output.diagnose(write, decoded.fault, decoded.message.has_value());
    }
    if (decoded.message) {
        decoded.message->token = write.token;
        output.deliver(*decoded.message);
    }
}

}  // namespace hldsim
