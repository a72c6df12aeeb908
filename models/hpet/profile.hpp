// SPDX-License-Identifier: Apache-2.0
// Which HPET: what a chip fixes, and how it answers where the specification is silent or chips differ.
//
//   Chips     pch(), pch_100(), ich10(), ich7(), fch(), qemu_q35(): public figures of real and virtual parts
//   Knobs     the first value of each is the default; the rule that leaves it open is named (models/hpet/README.md)
//   Faults    off by default: what individual parts are known to do wrong
#pragma once
#include <cstdint>
#include <vector>

#include "models/base/duration.hpp"
#include "models/fabric/ports.hpp"

namespace hldsim {

/// What one timer can do: the read-only fields of TIMn_CONF, and its own PCI requester id.
struct HpetTimerProfile {
    bool periodic = false;
    bool wide = false;              // 64 bits, else 32
    bool message = true;            // can deliver as a message (FSB)
    std::uint32_t route_cap = 0;    // I/O APIC inputs; none and `message`: Tn_FSB_EN_CNF is read-only 1
    RequesterId requester{0xfa78};  // FA:0F.n, as coreboot programs the PCH
};

struct HpetProfile {
    // ---- GCAP_ID
    Duration period{69'841'279};  // fs a tick: 14.31818 MHz
    std::uint16_t vendor = 0x8086;
    std::uint8_t revision = 0x01;
    bool legacy_replacement = true;  // LEG_RT_CAP
    bool wide_counter = true;        // COUNT_SIZE_CAP
    std::vector<HpetTimerProfile> timers;

    // ---- time
    Duration phase;                          // instant of the first edge, 0 .. period-1
    std::int32_t drift_ppm = 0;              // hpet_ppm: positive is fast; within +-500 (H-1)
    std::uint64_t sync_hz = 0;               // hpet_sync_hz: edges show at the next edge of that clock; 0: off (H-1)
    std::uint64_t enable_sync_edges = 0;     // edges not counted after the enabling write (H-2)
    std::uint64_t match_to_msi_ticks = 1;    // row hpet.match_to_msi in ticks ...
    Duration match_to_msi;                   // ... plus this
    std::uint64_t comparator_effective = 0;  // row hpet.comparator_effective: edges compared with the old value (H-12)
    Duration edge_pulse;                     // length of an edge interrupt's pulse; 0: one tick (H-26)

    // ---- where chips differ
    enum class CounterWrite : std::uint8_t { Load, Ignore };
    CounterWrite counter_write_running = CounterWrite::Load;  // H-4
    enum class OneShotWrap : std::uint8_t { Rematch, AtWrap };
    OneShotWrap oneshot32_wrap = OneShotWrap::Rematch;  // H-14
    bool valset_loads_period = true;                    // H-17
    enum class ValSetReads : std::uint8_t { Pending, Zero };
    ValSetReads valset_reads = ValSetReads::Pending;  // H-19
    bool legacy_beats_fsb = false;                    // H-25
    bool legacy_needs_enable = false;                 // H-32: LEG_RT_CNF cuts the 8254 off while ENABLE_CNF is set only
    bool fsb_level_sets_status = false;               // H-30
    bool split64 = false;                             // H-33: an 8-byte access is low, then high half
    Duration split64_gap;                             // between the halves; 0: one tick
    enum class RouteCheck : std::uint8_t { Store, Warl };
    RouteCheck route_check = RouteCheck::Store;  // H-35
    bool read_flushes_match = true;              // H-39

    // ---- faults
    unsigned comp_readback_stale = 0;   // reads of TIMn_COMP that still give the old value after a write (H-12)
    unsigned first_reads_ones = 0;      // reads after power-on that give all ones, where firmware guards it
    bool halts_in_pc10 = false;         // hpet_halts_in_pc10 (H-38)
    bool latch_while_disabled = false;  // a match with Tn_INT_ENB_CNF = 0 is kept and leaves when it is set
    Duration valset_gap;                // a period write sooner than this after the accumulator write goes wrong ...
    enum class ValSetGap : std::uint8_t { Lost, LoadsAccumulator };
    ValSetGap valset_gap_effect = ValSetGap::Lost;  // ... in this way

    /// 6 to 9 series PCH and Xeon D-1500: 8 timers, timer 0 periodic with 64 bits, timers 4-7 messages only.
    static HpetProfile pch();
    /// 100 series PCH and later: the same at 24 MHz.
    static HpetProfile pch_100();
    /// ICH9, ICH10: 4 timers, all with pins and messages, timer 0 alone periodic and of 64 bits. From memory: no
    /// datasheet of these was read.
    static HpetProfile ich10();
    /// ICH6, ICH7, NM10: 3 timers, no messages.
    static HpetProfile ich7();
    /// AMD SB700 to FCH: 3 timers and a main counter of 32 bits, timer 0 alone periodic; no vendor's datasheet was
    /// read. GCAP_ID as Linux prints it on EPYC servers of two sockets (10228201h), the period as AMD's AGESA sets it.
    /// Deviation: its messages work. Firmware keeps them off by default (AGESA, HpetMsiDis), Linux does not use them.
    static HpetProfile fch();
    /// QEMU's q35 with hpet.msi=on: 10 ns, 3 timers, all periodic with 64 bits.
    static HpetProfile qemu_q35();

    /// Throws std::invalid_argument that says what no HPET can be.
    void validate() const;

    std::uint64_t gcap_id() const;
};

}  // namespace hldsim
