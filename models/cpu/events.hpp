// SPDX-License-Identifier: Apache-2.0
// What CPUs let others observe. Nothing here changes a run, but for the fault that an observer may ask for.
#pragma once
#include <cstddef>
#include <cstdint>

#include "models/base/apic_id.hpp"
#include "models/base/duration.hpp"
#include "models/cpu/nesting.hpp"
#include "models/fabric/token.hpp"

namespace hldsim::cpu {

enum class AccessKind : std::uint8_t { Load, Store, Rmw, Bulk, None };

/// An access that compiled C is about to make. Bulk: announced before a copy that may be torn on hardware.
struct Access {
    AccessKind kind = AccessKind::None;
    void* at = nullptr;
    unsigned size = 0;
    bool marked = false;  // volatile or atomic
    const void* pc = nullptr;
    bool again = false;  // announced before: what the observer had come here has come first
};

/// Code of a CPU that cannot go on: what it does, behind "CPU n", and where it stands.
struct Fault {
    CpuNumber cpu;
    const char* what = nullptr;
    const void* pc = nullptr;  // a return address, as hooks record it
    Context context = Context::Task;
    bool storm = false;  // of AccessLimit: not its code goes on, but what interrupts it
};

/// "interrupts on/off at <pc>, one event taken": a context was entered or left.
struct ContextChanged {
    CpuNumber cpu;
    Context context = Context::Task;
    bool entered = false;
    Instant at;
    const void* interrupted = nullptr;  // where the context below stood
    std::uint8_t vector = 0;
};

/// A CPU makes a write of a device's register: it leaves now. What the CPU took before it, at that boundary, is over.
struct DeviceStored {
    CpuNumber cpu;
    std::uint64_t address = 0;
    unsigned bytes = 0;
    std::uint64_t value = 0;
    const void* pc = nullptr;
    Instant at;
};

/// INIT ended what that CPU did, `depth` nested contexts with it: none of them returns.
struct Initialized {
    CpuNumber cpu;
    Instant at;
    std::size_t depth = 0;
};

/// Firmware has executed IRET inside SMM: NMIs are taken from here on (CPU-12).
struct IretInSmm {
    CpuNumber cpu;
    Instant at;
};

/// "CPU n stopped making progress", or goes on.
enum class StuckKind : std::uint8_t { IrqOff, InIrq, InNmi, InSmm, Spinning, Halted, Paused };
struct StuckChanged {
    CpuNumber cpu;
    StuckKind kind = StuckKind::IrqOff;
    bool stuck = false;
    Instant at;
};

/// A CPU could not deliver an event and has shut down; the chipset resets the machine, and the run is over.
struct TripleFault {
    CpuNumber cpu;
    Instant at;
    const void* interrupted = nullptr;
    const char* chain = "";  // from the event to the shutdown
    const TokenSet* tokens = nullptr;
};

/// A store, a locked operation or a load as it takes effect: for traces and their hashes.
enum class Effect : std::uint8_t { Load, Visible, Rmw, NmiTaken, NmiReturned, InterruptTaken, Device, Halt };
struct EffectMade {
    Effect effect = Effect::Load;
    CpuNumber cpu;
    Instant at;
    std::uint64_t identity = 0;
    std::uint64_t value = 0;
    bool marked = false;
};

struct Cpu;

/// Sees hooks before they act. One observer or none; its callbacks run on the CPU's stack: they must be short and
/// must not allocate without bound.
class Observer {
public:
    virtual ~Observer() = default;
    /// The access is about to be made, at the CPU's local time. The observer may call Cpus::stick() for this CPU.
    virtual void about_to(Cpu& cpu, const Access& access) = 0;
    /// A function was entered (pc inside it, caller inside its caller) or is about to return.
    virtual void entered(Cpu& cpu, const void* pc, const void* caller) = 0;
    virtual void leaving(Cpu& cpu, const void* pc) = 0;
    /// A store became visible, a load was made ...: only if wants_effects().
    virtual void effect(const EffectMade& made) = 0;
    virtual bool wants_effects() const { return false; }
    /// about_to(), entered() and leaving() are told of that CPU. Asked once.
    virtual bool follows(CpuNumber /*cpu*/) const { return true; }
    /// Memory that it looks into by itself: there stores show when they are visible, and not before, and about_to() is
    /// told of each but for loads, whoever makes it. Asked once.
    struct Memory {
        const void* at = nullptr;
        std::size_t size = 0;
    };
    virtual Memory looks_into() const { return {}; }
};

}  // namespace hldsim::cpu
