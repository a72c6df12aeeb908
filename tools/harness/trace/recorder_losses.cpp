// SPDX-License-Identifier: Apache-2.0
// Messages that get to no CPU, in the log. What a remapping unit blocks is in recorder_remapper.cpp.
#include "models/fabric/msi.hpp"
#include "tools/harness/trace/recorder.hpp"

namespace hldsim::trace {

namespace {

// NMI# of the chipset is wired to all, and Linux masks LINT1 on all CPUs but one: there nothing is lost. If it is
// masked on that one, too, INV-conserve says so.
bool goes_to_all(const lapic::InterruptDiscarded& dropped) {
    const Source source = dropped.message.token.source;
    return dropped.reason == lapic::DiscardReason::Masked && (source == Source::Serr || source == Source::Iochk);
}

}  // namespace

void Recorder::lost(Token token, unsigned cpu, std::string_view why) {
    if (!recording_) {
        return;
    }
    const std::uint32_t text = keep_text(why);
    Record& record = add(What::MessageLost, machine_.timeline.now());
    record.token = token;
    record.cpu = cpu;
    record.text = text;
}

void Recorder::subscribe_to_losses() {
    machine_.fabric.message_faulted.subscribe([this](const MessageFaulted& met) {
        if (recording_) {
            Record& record = add(What::MessageFaulted, machine_.timeline.now());
            record.token = met.before.token;
            record.value = static_cast<std::uint64_t>(met.kind);
            record.result = static_cast<std::int64_t>(met.before.from());
        }
        if (met.kind == MessageFaulted::Kind::Drop) {
            lost(met.before.token, NO_CPU, "the scenario drops the message");
        }
    });
    machine_.fabric.message_diagnosed.subscribe([this](const MessageDiagnosed& told) {
        if (!told.delivered) {
            lost(told.write.token, NO_CPU, msi::text(told.fault));
        }
    });
    machine_.fabric.message_without_target.subscribe([this](const MessageWithoutTarget& sent) {
        lost(sent.message.token, NO_CPU, "no local APIC takes the message");
    });
    for (unsigned n = 0; n < machine_.cpus.count(); ++n) {
        machine_.lapic(CpuNumber{n}).interrupt_discarded.subscribe([this](const lapic::InterruptDiscarded& dropped) {
            if (!goes_to_all(dropped)) {
                lost(dropped.message.token, dropped.cpu.value, lapic::text(dropped.reason));
            }
        });
    }
}

}  // namespace hldsim::trace
