// SPDX-License-Identifier: Apache-2.0
// How CPUs of one kind behave where the specifications leave it open. Costs are rows of Timing.
#pragma once

namespace hldsim::cpu {

struct CpuProfile {
    /// CPU-16: an NMI in wait-for-SIPI is latched (Bochs, KVM) or dropped. SDM vol. 3C, 26.6.2 does not say.
    bool wfs_nmi_latches = true;
    /// CPU-15: INIT clears a pending NMI and NMI blocking (KVM, Bochs do; hardware unverified).
    bool init_clears_nmi = true;
    /// CPU-13: RSM restores the NMI blocking of before. SDM vol. 3C, 34.8.
    bool smm_keeps_nmi_blocking = true;
    /// CPU-10: CPUs that one SMI reaches leave SMM together, when firmware has met with all of them; false: each for
    /// itself.
    bool smi_rendezvous = true;
    /// CPU-6: STI holds an NMI for one instruction as well. SDM vol. 2, STI: "may"; Linux relies on it.
    bool sti_holds_nmi = true;
    /// CPU-26: flexible return and event delivery: only the return from the NMI's own frame unblocks NMIs.
    bool fred = false;
    /// CPU-27: NMI-source reporting, CPUID.(7,1):EAX[20]. The source is event data of FRED: only with `fred`.
    bool nmi_source = false;

    /// Throws std::invalid_argument that says what no CPU can be.
    void validate() const;
};

/// How plain accesses are charged. Portable: plain accesses are free, so that objects of two compilers give one trace.
enum class CostModel : unsigned char { Access, Portable };

}  // namespace hldsim::cpu
