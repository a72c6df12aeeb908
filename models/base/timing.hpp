// SPDX-License-Identifier: Apache-2.0
// The latencies that the models charge: one row each, named as in scenarios/profiles/*.yaml.
//
//   Value     time (exact fs), core cycles, HPET ticks or a count, as its unit says
//   On a CPU  a row in time costs whole core cycles, rounded up: every action of a CPU is on an edge of its core clock
//   Source    each row's value, bounds, grade and source stand in the profile file (harness), not here
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "models/base/clock_domain.hpp"
#include "models/base/duration.hpp"

namespace hldsim {

enum class RowUnit : std::uint8_t { Time, CoreCycles, HpetTicks, Count };

// clang-format off
#define HLDSIM_TIMING_ROWS(ROW)                                   \
    ROW(MemL1Hit,                 "mem.l1_hit")                    \
    ROW(MemL2Hit,                 "mem.l2_hit")                    \
    ROW(MemL3Hit,                 "mem.l3_hit")                    \
    ROW(MemDram,                  "mem.dram")                      \
    ROW(MemLineTransferSmt,       "mem.line_transfer_smt")         \
    ROW(MemLineTransferCluster,   "mem.line_transfer_same_cluster")\
    ROW(MemLineTransferSocket,    "mem.line_transfer_same_socket") \
    ROW(MemLineTransferCross,     "mem.line_transfer_cross_socket")\
    ROW(MemLocked,                "mem.locked")                    \
    ROW(MemMfence,                "mem.mfence")                    \
    ROW(MemLfence,                "mem.lfence")                    \
    ROW(MemSfence,                "mem.sfence")                    \
    ROW(MemStoreDrain,            "mem.store_drain")               \
    ROW(CpuRdtsc,                 "cpu.rdtsc")                     \
    ROW(CpuRdtscp,                "cpu.rdtscp")                    \
    ROW(CpuPause,                 "cpu.pause")                     \
    ROW(CpuEventBoundary,         "cpu.event_boundary")            \
    ROW(CpuWbinvd,                "cpu.wbinvd")                    \
    ROW(CpuNmiEntryHw,            "cpu.nmi_entry_hw")              \
    ROW(CpuNmiEntrySw,            "cpu.nmi_entry_sw")              \
    ROW(CpuNmiExitSw,             "cpu.nmi_exit_sw")               \
    ROW(CpuNmiExitIret,           "cpu.nmi_exit_iret")             \
    ROW(CpuFredEntry,             "cpu.fred_entry")                \
    ROW(CpuFredExit,              "cpu.fred_exit")                 \
    ROW(CpuIrqTotal,              "cpu.irq_total")                 \
    ROW(LapicAccept,              "lapic.accept")                  \
    ROW(LapicEoiWrite,            "lapic.eoi_write")               \
    ROW(LapicTimerSigma,          "lapic.timer_sigma")             \
    ROW(CpuIpiX2apic,             "cpu.ipi_x2apic")                \
    ROW(CpuIpiXapic,              "cpu.ipi_xapic")                 \
    ROW(IpiWire,                  "ipi.wire")                      \
    ROW(IpiTotal,                 "ipi.total")                     \
    ROW(IpiCrossSocketAdd,        "ipi.cross_socket_add")          \
    ROW(HpetRead,                 "hpet.read")                     \
    ROW(FabricReadRequest,        "fabric.read_request")           \
    ROW(HpetService,              "hpet.service")                  \
    ROW(FabricReadResponse,       "fabric.read_response")          \
    ROW(FabricPostedWrite,        "fabric.posted_write")           \
    ROW(FabricUcWriteGap,         "fabric.uc_write_gap")           \
    ROW(FabricUcReadPcie,         "fabric.uc_read_pcie")           \
    ROW(FabricLinkWake,           "fabric.link_wake")              \
    ROW(HpetMatchToMsi,           "hpet.match_to_msi")             \
    ROW(HpetComparatorEffective,  "hpet.comparator_effective")     \
    ROW(MsiDeviceToRoot,          "msi.device_to_root")            \
    ROW(MsiRootToLapic,           "msi.root_to_lapic")             \
    ROW(IoapicPinToMsg,           "ioapic.pin_to_msg")             \
    ROW(IoapicRead,               "ioapic.read")                   \
    ROW(IoapicEoiBroadcast,       "ioapic.eoi_broadcast")          \
    ROW(IoPort61Read,             "io.port61_read")                \
    ROW(VtdIecHit,                "vtd.iec_hit")                   \
    ROW(VtdIecMiss,               "vtd.iec_miss")                  \
    ROW(VtdIecInvalidateWait,     "vtd.iec_invalidate_wait")       \
    ROW(VtdQiFetch,               "vtd.qi_fetch")                  \
    ROW(VtdIecInv,                "vtd.iec_inv")                   \
    ROW(VtdStatusWrite,           "vtd.status_write")              \
    ROW(VtdGcmdLatency,           "vtd.gcmd_latency")              \
    ROW(SmmDurationShort,         "smm.duration.short")            \
    ROW(SmmDurationLong,          "smm.duration.long")             \
    ROW(SmmInterval,              "smm.interval")                  \
    ROW(SmmEntryExit,             "smm.entry_exit")                \
    ROW(CpuCstateExitC1,          "cpu.cstate_exit.c1")            \
    ROW(CpuCstateExitC1e,         "cpu.cstate_exit.c1e")           \
    ROW(CpuCstateExitC6,          "cpu.cstate_exit.c6")            \
    ROW(CpuCstateExitC10,         "cpu.cstate_exit.c10")           \
    ROW(CpuCstateExitAmdC2,       "cpu.cstate_exit.amd_c2")        \
    ROW(HotplugMaskClearToOffline,"hotplug.mask_clear_to_offline") \
    ROW(HotplugPmuGraceEvery,     "hotplug.pmu_grace_every")       \
    ROW(HotplugPmuGraceCore,      "hotplug.pmu_grace_core")        \
    ROW(HotplugPmuGraceDie,       "hotplug.pmu_grace_die")         \
    ROW(HotplugOfflineToDead,     "hotplug.offline_to_dead")       \
    ROW(HotplugFixupDelay,        "hotplug.fixup_delay")           \
    ROW(HotplugSchedDeactivate,   "hotplug.sched_deactivate")      \
    ROW(HotplugRcuGrace,          "hotplug.rcu_grace")             \
    ROW(HotplugStopMachine,       "hotplug.stop_machine")          \
    ROW(HotplugMachineStopped,    "hotplug.machine_stopped")       \
    ROW(HotplugDownTotal,         "hotplug.down_total")            \
    ROW(HotplugUpTotal,           "hotplug.up_total")              \
    ROW(HotplugInitSipi,          "hotplug.init_sipi")             \
    ROW(HotplugBootAp,            "hotplug.boot_ap")               \
    ROW(HotplugBootApParallel,    "hotplug.boot_ap_parallel")      \
    ROW(SwNmiOther,               "sw.nmi_other")                  \
    ROW(SwHrtimerIrq,             "sw.hrtimer_irq")                \
    ROW(SwTimerIrqLatency,        "sw.timer_irq_latency")          \
    ROW(SwUartChar,               "sw.uart_char")
// clang-format on

enum class Row : std::uint8_t {
#define HLDSIM_ROW(id, name) id,
    HLDSIM_TIMING_ROWS(HLDSIM_ROW)
#undef HLDSIM_ROW
};

constexpr std::string_view ROW_NAMES[] = {
#define HLDSIM_ROW(id, name) name,
    HLDSIM_TIMING_ROWS(HLDSIM_ROW)
#undef HLDSIM_ROW
};
constexpr std::size_t ROWS = sizeof(ROW_NAMES) / sizeof(ROW_NAMES[0]);

constexpr std::string_view row_name(Row row) { return ROW_NAMES[static_cast<std::size_t>(row)]; }
/// The row of that name, if it exists.
std::optional<Row> row_named(std::string_view name);

/// Values of all rows, with the clocks that give cycles and ticks their length. Complete or not usable: set() each row.
class Timing {
public:
    Timing(Hertz core, Hertz tsc, Hertz crystal, Duration hpet_period)
        : core_{core}, tsc_{tsc}, crystal_{crystal}, hpet_period_{hpet_period} {}

    /// `amount` is in fs for Time, else in cycles, ticks or items.
    void set(Row row, RowUnit unit, std::int64_t amount);

    /// The row as time; cycles and ticks are those of the profile's clocks, rounded up to a whole fs.
    Duration duration(Row row) const { return values_[index(row)].duration; }
    /// The row as core cycles, rounded up.
    Cycles cycles(Row row) const { return values_[index(row)].cycles; }
    /// The amount as it was set, in the row's own unit.
    std::int64_t amount(Row row) const { return values_[index(row)].amount; }
    RowUnit unit(Row row) const { return values_[index(row)].unit; }

    Hertz core() const { return core_; }
    Hertz tsc() const { return tsc_; }
    Hertz crystal() const { return crystal_; }
    Duration hpet_period() const { return hpet_period_; }

private:
    static constexpr std::size_t index(Row row) { return static_cast<std::size_t>(row); }

    struct Value {
        RowUnit unit = RowUnit::Time;
        std::int64_t amount = 0;
        Duration duration;
        Cycles cycles;
    };
    Hertz core_;
    Hertz tsc_;
    Hertz crystal_;
    Duration hpet_period_;
    std::array<Value, ROWS> values_{};
};

}  // namespace hldsim
