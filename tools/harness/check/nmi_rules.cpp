// SPDX-License-Identifier: Apache-2.0
// INV-nmi-rules: an NMI accesses neither TIMn_CONF nor GEN_CONF, leaves the remapping unit, its table and the I/O APICs
// alone, does not sleep, and leaves interrupts off, as they are when it begins (SDM vol. 3A, 6.12.1.3: an interrupt
// gate clears IF).
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {

namespace {

bool is_configuration(const Register& target) {
    return target.kind == Register::Kind::Conf || target.kind == Register::Kind::GenConf;
}
std::uint64_t rule_of(const Register& target) {
    return target.kind == Register::Kind::GenConf ? std::uint64_t{GEN_CONF_RULE}
                                                  : CONF_RULE + std::uint64_t{target.timer};
}

void check_rule(const Index& index, std::uint64_t rule, Rank broken, Violations& found) {
    if (broken == NEVER) {
        return;
    }
    Violation violation{"INV-nmi-rules", {Subject::Kind::Rule, rule}, index.record(broken).actor, broken, {broken}};
    if (const Nmi* const nmi = index.nmi_around(broken)) {
        violation.evidence.push_back(nmi->entered);
    }
    found.push_back(std::move(violation));
}

}  // namespace

void check_nmi_rules(const Index& index, Violations& found) {
    check_rule(index, REMAPPER_RULE, index.remapper_in_nmi, found);
    check_rule(index, SLEEP_RULE, index.sleep_in_nmi, found);
    check_rule(index, ENTRY_RULE, index.entry_in_nmi, found);
    check_rule(index, IOAPIC_RULE, index.ioapic_in_nmi, found);
    for (const Nmi& nmi : index.nmis) {
        for (const Rank read : nmi.reads) {
            const Register target = index.register_at(index.record(read).address);
            if (is_configuration(target)) {
                check_rule(index, rule_of(target), read, found);
            }
        }
    }
    for (const RegisterWrite& write : index.writes) {
        if (!is_configuration(write.target) || write.made == NEVER ||
            index.record(write.made).context != cpu::Context::Nmi) {
            continue;
        }
        const std::uint64_t number = rule_of(write.target);
        Violation violation{
            "INV-nmi-rules", {Subject::Kind::Rule, number}, index.record(write.made).actor, write.made, {write.made}};
        if (write.effective != NEVER) {
            violation.evidence.push_back(write.effective);
        }
        if (const Nmi* const nmi = index.nmi_around(write.made)) {
            violation.evidence.push_back(nmi->entered);
        }
        found.push_back(std::move(violation));
    }
}

}  // namespace hldsim::check
