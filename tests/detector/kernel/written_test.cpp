// SPDX-License-Identifier: Apache-2.0
// What a scenario may write is what the mini-kernel's files take: tools/harness/scenario/written.cpp says beforehand
// what params.c, irq_migrate.c, lib.c and kstrtox.c will say in the run.
#include <algorithm>

#include "tests/detector/kernel/kernel_rig.hpp"
#include "tests/support/catch.hpp"
#include "tools/harness/scenario/fields.hpp"

namespace hldsim::test {

namespace {

constexpr unsigned CPUS = 4;

struct Row {
    const char* file;
    const char* letters;              // every text of up to three of them
    std::vector<std::string> longer;  // and these
};

std::vector<std::string> texts(const Row& row) {
    std::vector<std::string> all{""};
    const std::string letters{row.letters};
    std::size_t shorter = 0;
    for (int length = 1; length <= 3; ++length) {
        const std::size_t end = all.size();
        for (; shorter < end; ++shorter) {
            for (const char letter : letters) {
                all.push_back(all[shorter] + letter);
            }
        }
    }
    all.insert(all.end(), row.longer.begin(), row.longer.end());
    return all;
}

bool may_be_written(const std::string& file, const std::string& value) {
    scenario::WriteFile write;
    write.file.value = file;
    write.value.value = value;
    try {
        scenario::check_written(write, {CPUS});
        return true;
    } catch (const diagnostic::Error&) {
        return false;
    }
}

}  // namespace

TEST_CASE("a scenario may write what the kernel's file takes, and nothing else", "[kernel][product-3]") {
    const Row row =
        GENERATE(Row{"watchdog_thresh", "0169+-x \n", {"+-5", "0060", "61\n\n", "4294967297", "18446744073709551621"}},
                 Row{"watchdog_cpumask", "0134-,+ \n", {"0-1,3", "0-1,4", "0-3-3", "1-2,", "0,,1", "2\n9", "10-11"}},
                 Row{"/proc/irq/hpet/smp_affinity",
                     "01fFgx,\n ",
                     {"0x1f", "0x0f", "00000000,0000000f", "00000001,00000000", "000000010", "0X2\n", "0x,", "2\nz"}});
    const std::vector<std::string> values = texts(row);
    KernelRig rig{CPUS, {}, {{"design", "lock-affinity"}, {"period_ms", "50"}}};
    double at = 0.5;
    for (const std::string& value : values) {
        rig.plan_write(at, 0, row.file, value);
        at += 0.02;
    }
    rig.run(at + 1);
    REQUIRE(rig.results.size() == values.size());
    long taken = 0;
    for (std::size_t n = 0; n < values.size(); ++n) {
        INFO(row.file << " '" << values[n] << "': the kernel returns " << rig.results[n]);
        CHECK(may_be_written(row.file, values[n]) == (rig.results[n] == 0));
        taken += rig.results[n] == 0 ? 1 : 0;
    }
    CHECK(taken > 10);
}

}  // namespace hldsim::test
