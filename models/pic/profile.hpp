// SPDX-License-Identifier: Apache-2.0
// How the 8259A pair answers where its datasheet and the models of it differ.
#pragma once

namespace hldsim {

struct PicProfile {
    /// The request of an edge ends when its line falls: the datasheet, and what the NMI watchdog of old Linux relies on
    /// (INTR makes an edge at LINT0 for each IRQ 0, and nobody acknowledges). False: it stays until it is acknowledged,
    /// as in QEMU and KVM; a pulse of the HPET in legacy replacement, which is one tick long, is then not lost.
    bool edge_follows_line = true;
};

}  // namespace hldsim
