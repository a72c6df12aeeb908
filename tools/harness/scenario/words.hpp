// SPDX-License-Identifier: Apache-2.0
// The words of the scenario language: each list of choices once, for the reader, the schema and the reports.
#pragma once
#include <string_view>
#include <vector>

#include "tools/harness/scenario/scenario.hpp"

namespace hldsim::scenario {

template <typename T>
struct Word {
    std::string_view name;
    T value;
};

// clang-format off
inline constexpr Word<Apic> APIC_WORDS[] = {{"xapic", Apic::Xapic}, {"x2apic", Apic::X2apic}};
inline constexpr Word<Remapping> REMAPPING_WORDS[] = {
    {"none", Remapping::None}, {"vtd", Remapping::Vtd}, {"amd", Remapping::Amd}};
inline constexpr Word<CostModel> COST_WORDS[] = {{"access", CostModel::Access}, {"portable", CostModel::Portable}};
inline constexpr Word<StuckKind> STUCK_WORDS[] = {
    {"irq-off", StuckKind::IrqOff}, {"in-irq", StuckKind::InIrq}, {"in-nmi", StuckKind::InNmi},
    {"in-smm", StuckKind::InSmm}, {"spinning", StuckKind::Spinning}, {"halted", StuckKind::Halted},
    {"paused", StuckKind::Paused}};
inline constexpr Word<NmiSource> NMI_ACTION_WORDS[] = {
    {"ipi", NmiSource::Ipi}, {"perf", NmiSource::Perf}, {"lint1", NmiSource::Lint1},
    {"serr", NmiSource::Serr}, {"iochk", NmiSource::Iochk}};
inline constexpr Word<NmiSource> NMI_SOURCE_WORDS[] = {
    {"hpet", NmiSource::Hpet}, {"ioapic", NmiSource::Ioapic}, {"ipi", NmiSource::Ipi}, {"perf", NmiSource::Perf},
    {"lint1", NmiSource::Lint1}, {"serr", NmiSource::Serr}, {"iochk", NmiSource::Iochk}, {"timer2", NmiSource::Timer2}};
inline constexpr Word<MessageSource> MESSAGE_SOURCE_WORDS[] = {
    {"hpet", MessageSource::Hpet}, {"ioapic", MessageSource::Ioapic}, {"remapper", MessageSource::Remapper}};
inline constexpr Word<MessageFault> MESSAGE_FAULT_WORDS[] = {
    {"drop", MessageFault::Drop}, {"delay", MessageFault::Delay}, {"duplicate", MessageFault::Duplicate},
    {"corrupt", MessageFault::Corrupt}, {"misroute", MessageFault::Misroute}};
inline constexpr Word<Hop> HOP_WORDS[] = {
    {"matched", Hop::Matched}, {"posted", Hop::Posted}, {"remapped", Hop::Remapped},
    {"accepted", Hop::Accepted}, {"taken", Hop::Taken}, {"returned", Hop::Returned}};
inline constexpr Word<Life> LIFE_WORDS[] = {
    {"up", Life::Up}, {"leaving", Life::Leaving}, {"offline", Life::Offline}, {"dead", Life::Dead}, {"coming", Life::Coming}};
inline constexpr Word<Ending> ENDING_WORDS[] = {
    {"time", Ending::Time}, {"deadlock", Ending::Deadlock}, {"panic", Ending::Panic}, {"reset", Ending::Reset}};
inline constexpr Word<bool> LANDING_WORDS[] = {{"found", false}, {"impossible", true}};

// Keys, in the order in which messages list them.
inline constexpr std::string_view TOP_KEYS[] = {"title", "claim", "extends", "machine", "kernel", "detector",
                                                "events", "vary", "window", "until", "expect"};
inline constexpr std::string_view MACHINE_KEYS[] = {"cpus", "packages", "profile", "remapping", "apic", "cost", "tso",
                                                    "set"};
inline constexpr std::string_view KERNEL_KEYS[] = {"version", "watchdog_thresh", "cmdline"};
inline constexpr std::string_view KERNEL_VERSIONS[] = {"v4.18", "v6.1"};
inline constexpr std::string_view DETECTOR_KEYS[] = {"object", "design", "policy", "options", "description"};
inline constexpr std::string_view ACTION_KEYS[] = {"offline", "online", "write", "stuck", "smi", "exception", "nmi",
                                                   "message", "tsc", "repeat"};
inline constexpr std::string_view LATER_ACTION_KEYS[] = {"hpet", "irte", "cstate", "load", "suspend", "kexec"};
inline constexpr std::string_view WINDOW_KEYS[] = {"event", "from", "to", "step"};
inline constexpr std::string_view EXPECT_KEYS[] = {"always", "sometimes", "allow", "never", "reports", "landing",
                                                   "ends", "count", "prints", "loads"};
inline constexpr std::string_view REPORT_KEYS[] = {"cpu", "after", "within"};
inline constexpr std::string_view WRITABLE_FILES[] = {"/proc/irq/hpet/smp_affinity", "watchdog_thresh",
                                                      "watchdog_cpumask"};
// clang-format on

template <typename T, std::size_t N>
std::vector<std::string_view> names(const Word<T> (&words)[N]) {
    std::vector<std::string_view> found;
    for (const Word<T>& word : words) {
        found.push_back(word.name);
    }
    return found;
}

template <std::size_t N>
std::vector<std::string_view> names(const std::string_view (&keys)[N]) {
    return {keys, keys + N};
}

template <typename T, std::size_t N>
std::string_view name_in(const Word<T> (&words)[N], T value) {
    for (const Word<T>& word : words) {
        if (word.value == value) {
            return word.name;
        }
    }
    return {};
}

}  // namespace hldsim::scenario
