// SPDX-License-Identifier: Apache-2.0
// What the files of the mini-kernel take, by the rules of the functions that read it (detector/kernel: watchdog.c,
// irq_migrate.c, cpumask.c, kstrtox.c). What they would refuse in every run is an error here; whether a CPU is online
// only a run knows. tests/detector/kernel/written_test.cpp holds the two together.
#include <charconv>
#include <optional>

#include "tools/harness/scenario/fields.hpp"

namespace hldsim::scenario {
namespace {

using diagnostic::Error;
using diagnostic::in_quotes;

constexpr unsigned THRESH_MAX = 60;  // WATCHDOG_THRESH_MAX

std::optional<unsigned> number_at(std::string_view& text) {
    unsigned value = 0;
    const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{}) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    return value;
}

bool take(std::string_view& text, char first) {
    const bool is_there = !text.empty() && text.front() == first;
    text.remove_prefix(is_there ? 1 : 0);
    return is_there;
}

/// A decimal number, with a sign if one likes; one newline may follow it.
bool is_threshold(std::string_view text) {
    const bool negative = take(text, '-');
    take(text, '+');
    const std::optional<unsigned> value = number_at(text);
    take(text, '\n');
    return value && text.empty() && *value <= (negative ? 0 : THRESH_MAX);
}

/// "0-1,3": lowest first in each range, no CPU that the machine lacks. Nothing is the empty list.
bool is_cpu_list(std::string_view text, unsigned cpus) {
    text = text.substr(0, text.find('\n'));
    while (!text.empty()) {
        const std::optional<unsigned> first = number_at(text);
        std::optional<unsigned> last = first;
        if (first && take(text, '-')) {
            last = number_at(text);
        }
        if (!first || !last || *last < *first || *last >= cpus) {
            return false;
        }
        if (!text.empty() && !take(text, ',')) {
            return false;
        }
    }
    return true;
}

/// "f", "0x2", "00000000,0000000f": hexadecimal, the lowest bit is CPU 0. Some CPU has to be left for the interrupt.
bool is_cpu_mask(std::string_view text, unsigned cpus) {
    if (text.substr(0, 2) == "0x" || text.substr(0, 2) == "0X") {
        text.remove_prefix(2);
    }
    text = text.substr(0, text.find('\n'));
    unsigned bit = 0;
    bool some = false;
    for (auto digit = text.rbegin(); digit != text.rend(); ++digit) {
        if (*digit == ',') {
            continue;
        }
        unsigned value = 0;
        if (std::from_chars(&*digit, &*digit + 1, value, 16).ec != std::errc{}) {
            return false;
        }
        for (unsigned b = 0; b < 4; ++b, ++bit) {
            const bool set = (value >> b & 1U) != 0;
            if (set && bit >= cpus) {
                return false;
            }
            some = some || set;
        }
    }
    return some;
}

}  // namespace

void check_written(const WriteFile& write, const Context& context) {
    const std::string& value = write.value.value;
    const auto refuse = [&](const std::string& expected) {
        throw Error{write.value.mark, in_quotes(value) + " is nothing that " + write.file.value + " takes", expected};
    };
    const std::string last = std::to_string(context.cpus - 1);
    if (write.file.value == "watchdog_thresh" && !is_threshold(value)) {
        refuse("whole seconds without a unit, from 0 to " + std::to_string(THRESH_MAX));
    }
    if (write.file.value == "watchdog_cpumask" && !is_cpu_list(value, context.cpus)) {
        refuse("a list of CPUs from 0 to " + last + ", such as 0-1,3");
    }
    if (write.file.value == "/proc/irq/hpet/smp_affinity" && !is_cpu_mask(value, context.cpus)) {
        refuse("a hexadecimal mask of CPUs from 0 to " + last + ", such as f, with at least one of them");
    }
}

}  // namespace hldsim::scenario
