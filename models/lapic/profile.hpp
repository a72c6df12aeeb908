// SPDX-License-Identifier: Apache-2.0
// Which local APIC: what a processor fixes, and how it answers where the manual is silent or processors differ.
// The first value of each knob is the default; the rule that leaves it open is named (models/lapic/README.md).
#pragma once
#include <cstdint>
#include <optional>

#include "models/base/clock_domain.hpp"

namespace hldsim {

/// LAPIC-5: what a software-disabled APIC makes of an NMI message. The manual says it is responded to normally; a test
/// on hardware saw the CPU leave HLT and handle nothing; AMD's manual promises nothing.
enum class NmiWhenSoftDisabled : std::uint8_t { Handle, WakeOnly, Drop };

/// LAPIC-15: how long the delivery status of the xAPIC's ICR reads 1.
enum class IpiDeliveryStatus : std::uint8_t {
    Wire,       // until the message is at the receivers: `ipi.wire`
    Immediate,  // never
};

/// LAPIC-2: what a read of the page gives while the APIC is off or in x2APIC mode.
enum class DeadPageReads : std::uint8_t { Ones, Zero };

/// LAPIC-31: a divider that is changed while the timer counts.
enum class DivideChange : std::uint8_t {
    AtEdge,  // acts at the next edge of the old one
    AtOnce,  // the count under way begins anew with it
};

/// LAPIC-38..40: a machine that does not exist, in which the detector would need neither HPET nor rotation.
struct DualTimer {
    bool independent_count = false;     // the count-down timer works beside TSC-deadline, through LVT_TIMER2
    bool timer2_delivery_mode = false;  // LVT_TIMER2.MODE: fixed or NMI
    bool timer2_reason = false;         // LVT_TIMER2.FIRED
};

struct LapicProfile {
    // ---- what the processor is
    std::uint32_t version = 0x0106'0015;  // VERSION register: which LVT entries there are, suppression of EOIs
    bool x2apic = true;                   // CPUID.1:ECX[21]
    bool tsc_deadline = true;             // CPUID.1:ECX[24]
    bool always_running_timer = true;     // CPUID.6:EAX[2], ARAT (LAPIC-36)
    unsigned physical_address_bits = 46;  // M of IA32_APIC_BASE
    std::optional<Hertz> timer_clock;     // LAPIC-29: none: the core crystal of the timing profile
    bool fire_after_mask = false;         // LAPIC-37, a fault: a timer that is masked, and not stopped, fires

    // ---- what is left open
    NmiWhenSoftDisabled nmi_when_soft_disabled = NmiWhenSoftDisabled::Handle;
    IpiDeliveryStatus ipi_delivery_status = IpiDeliveryStatus::Wire;
    DeadPageReads dead_page_reads = DeadPageReads::Ones;
    bool xapic_id_writable = false;              // SDM vol. 3A, 10.4.6: ID is read-only on newer processors
    bool flat_broadcast_needs_ldr = false;       // 10.6.2.2: logical FFh reaches an APIC with LDR = 0 too
    bool x2apic_takes_narrow_broadcast = true;   // LAPIC-8: FFh of an 8-bit destination reaches x2APICs
    bool x2apic_lowest_priority_ipi = false;     // LAPIC-13: else ESR bit 4
    bool ppr_subclass_zero_on_tie = false;       // LAPIC-21: PPR[3:0] when TPR and ISRV are of one class
    bool initial_count_zero_in_deadline = true;  // LAPIC-34: INITIAL_COUNT reads 0 in TSC-deadline mode
    bool pmi_masks_itself = true;                // LAPIC-41: older AMD did not
    bool illegal_lvt_vector_at_once = false;     // LAPIC-19: ESR bit 6 when it is written, even if masked
    bool nmi_to_self = true;                     // LAPIC-16: an NMI by a shorthand that includes self is sent
    DivideChange divide_change = DivideChange::AtEdge;

    DualTimer dual_timer;

    /// VERSION.MAX_LVT, the number of the last LVT entry (10.4.8): 6 with CMCI, 5 without, 4 without a thermal one
    /// either. 3, without the performance counters', is a Pentium's.
    unsigned max_lvt_entry() const { return version >> 16U & 0xffU; }
    void max_lvt_entry(unsigned last) { version = (version & ~0x00ff'0000U) | last << 16U; }

    /// Throws std::invalid_argument that says what no local APIC can be.
    void validate() const;
};

}  // namespace hldsim
