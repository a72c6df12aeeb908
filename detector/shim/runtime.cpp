// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "detector/shim/runtime.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "detector/shim/faults.hpp"

namespace hldsim::shim {

namespace {

constexpr hld_u64 EFLAGS_IF = 0x200;

template <class Function>
void resolve(const Object& kernel, const char* name, Function& function) {
    function = reinterpret_cast<Function>(kernel.exported(name));
}

const struct hld_param* find(const Object& object, const std::string& name) {
    const struct hld_param* const end = object.params() + object.param_count();
    const struct hld_param* const found =
        std::find_if(object.params(), end, [&](const struct hld_param& param) { return name == param.name; });
    return found == end ? nullptr : found;
}

/// As kstrtoint() and its like read a parameter, with base 0: 0x is hexadecimal, another 0 in front octal.
template <class T>
bool parses(const std::string& text, T& value) {
    const bool negative = text.rfind('-', 0) == 0;
    std::string digits = text.substr(negative || text.rfind('+', 0) == 0 ? 1 : 0);
    const bool hexadecimal = digits.rfind("0x", 0) == 0 || digits.rfind("0X", 0) == 0;
    const int base = hexadecimal ? 16 : digits.size() > 1 && digits.front() == '0' ? 8 : 10;
    digits.erase(0, hexadecimal ? 2 : 0);
    if (digits.empty() || digits.front() == '-') {
        return false;
    }
    digits.insert(0, negative ? "-" : "");
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    return result.ec == std::errc{} && result.ptr == digits.data() + digits.size();
}

bool parses_bool(const std::string& text, bool& value) {
    value = text == "1" || text == "true" || text == "y" || text == "Y";
    return value || text == "0" || text == "false" || text == "n" || text == "N";
}

/// Reads the text as a parameter of that type has it, and hands the value on. False: it does not fit. Of the types
/// whose value is a number or a flag.
template <class Use>
bool parses_as(hld_param_type type, const std::string& text, Use use) {
    const auto read = [&](auto value, auto reader) { return reader(text, value) && (use(value), true); };
    switch (type) {
        case HLD_PARAM_INT:
            return read(std::int32_t{}, parses<std::int32_t>);
        case HLD_PARAM_UINT:
            return read(std::uint32_t{}, parses<std::uint32_t>);
        case HLD_PARAM_ULONG:
            return read(std::uint64_t{}, parses<std::uint64_t>);
        case HLD_PARAM_BOOL:
            return read(bool{}, parses_bool);
        case HLD_PARAM_CHARP:
        case HLD_PARAM_CALLBACK:
            break;
    }
    return false;
}

const char* expected(hld_param_type type) {
    switch (type) {
        case HLD_PARAM_INT:
            return "a whole number from -2147483648 to 2147483647";
        case HLD_PARAM_UINT:
            return "a whole number from 0 to 4294967295";
        case HLD_PARAM_ULONG:
            return "a whole number from 0 to 18446744073709551615";
        case HLD_PARAM_BOOL:
            return "true or false";
        case HLD_PARAM_CHARP:
        case HLD_PARAM_CALLBACK:
            break;
    }
    return "a text";
}

ParameterError unfit(const std::string& name, const std::string& text, hld_param_type type) {
    return {name, "parameter '" + name + "' cannot be '" + text + "'", expected(type)};
}

}  // namespace

Runtime::Runtime(cpu::Cpus& cpus, const Object& kernel, const Object& detector, Firmware firmware)
    : cpus_{cpus},
      kernel_{kernel},
      detector_{detector},
      memory_{kernel, detector, cpus.count()},
      firmware_{std::move(firmware)},
      tasks_(cpus.count()) {
    catch_faults_of(kernel);
    catch_faults_of(detector);
    resolve(kernel, "start_kernel", start_kernel_);
    resolve(kernel, "hld_start_secondary", start_secondary_);
    resolve(kernel, "hld_interrupt", interrupt_);
    resolve(kernel, "hld_nmi", nmi_);
    firmware_table_.cpus = cpus.count();
    firmware_table_.packages = cpus.options().packages;
    firmware_table_.apic_id = firmware_.apic_ids.data();
    firmware_table_.package_id = firmware_.packages.data();
    firmware_table_.x2apic = firmware_.x2apic ? 1 : 0;
    firmware_table_.remapping = firmware_.remapping;
    firmware_table_.lapic_address = firmware_.lapic_address;
    firmware_table_.hpet_address = firmware_.hpet_address;
    firmware_table_.ioapic_address = firmware_.ioapic_address;
    firmware_table_.tsc_khz = firmware_.tsc_khz;
    firmware_table_.crystal_hz = firmware_.crystal_hz;
    firmware_table_.tsc_deadline = firmware_.tsc_deadline ? 1 : 0;
    firmware_table_.dmar_address = firmware_.dmar_address;
    firmware_table_.hpet_source_id = firmware_.hpet_source_id;
    firmware_table_.apic_timer2 = firmware_.apic_timer2 ? 1 : 0;
    firmware_table_.fred = cpus.options().profile.fred ? 1 : 0;
    firmware_table_.nmi_source = cpus.options().profile.nmi_source ? 1 : 0;
    cpus_.load(*this, memory_.addresses());
    current_ = this;
}

Runtime::~Runtime() {
    if (current_ == this) {
        current_ = nullptr;
    }
}

// ---- parameters

void Runtime::check(const Object& object, const Parameters& parameters) const {
    for (const auto& [name, text] : parameters) {
        const struct hld_param* const param = find(object, name);
        if (param == nullptr) {
            throw ParameterError(name, "no parameter '" + name + "' in " + object.path());
        }
        if (param->type == HLD_PARAM_CALLBACK) {  // nobody would call it
            throw ParameterError(name, "parameter '" + name + "' is a function's, which is not called at load",
                                 "an event: write: {file: " + name + ", value: ...}");
        }
        const bool fits = param->type == HLD_PARAM_CHARP ? text.size() < Memory::STRINGS / 8
                                                         : parses_as(param->type, text, [](auto) {});
        if (!fits) {
            throw unfit(name, text, param->type);
        }
    }
}

void Runtime::set_parameters(const Parameters& kernel, const Parameters& detector) {
    check(kernel_, kernel);
    check(detector_, detector);
    kernel_parameters_ = kernel;
    detector_parameters_ = detector;
}

void Runtime::apply(const Object& object, const Parameters& parameters) {
    for (const auto& [name, text] : parameters) {
        const struct hld_param& param = *find(object, name);
        const auto store = [&](const auto& value) {
            std::memcpy(param.value, &value, sizeof value);
            cpus_.touch(param.value, sizeof value);
        };
        if (param.type == HLD_PARAM_CHARP) {
            char* const place = memory_.strings() + strings_used_;
            std::memcpy(place, text.c_str(), text.size() + 1);
            cpus_.touch(place, text.size() + 1);
            strings_used_ += text.size() + 1;
            store(place);
        } else {
            parses_as(param.type, text, store);
        }
    }
}

void Runtime::restore() {
    memory_.restore(cpus_.lines().touched_before());
    memory_.restore(cpus_.touched_lines());
    since_ = 0;
    locks_.reset(cpus_.count());
    down_.assign(cpus_.count(), 1);
    down_[0] = 0;  // the boot CPU
    coming_.assign(cpus_.count(), {});
    memory_.forget_mappings();
    for (auto& tasks : tasks_) {
        tasks.clear();
    }
    end_reason_.clear();
    strings_used_ = 0;
}

void Runtime::save(Saved& saved) {
    cpus_.lines().save(saved.lines);
    memory_.save(saved.lines.lines, saved.memory);
    saved.state.save_anew();
    saved.state(*this);
    saved.number = since_ = ++saved_;
}

void Runtime::restore(Saved& saved) {
    cpu::Lines& lines = cpus_.lines();
    if (since_ != saved.number) {  // what was touched counts from elsewhere: back to power-on, and on from there
        memory_.restore(lines.touched_before());
        memory_.restore(lines.touched());
        lines.reset();
        for (const unsigned line : saved.lines.lines) {
            lines.touch(line);
        }
        since_ = saved.number;
    }
    for (const unsigned line : lines.touched()) {
        const std::uint32_t place = saved.lines.place[line];
        memory_.restore_line(line,
                             place == 0 ? nullptr : &saved.memory[std::size_t{place - 1} * cpu::AddressMap::LINE]);
    }
    lines.restore(saved.lines);
    saved.state.restore_from_begin();
    saved.state(*this);
}

void Runtime::apply_parameters() {
    apply(kernel_, kernel_parameters_);
    apply(detector_, detector_parameters_);
}

// ---- tasks

void Runtime::give(CpuNumber cpu, const hld_task& wanted) { tasks_[cpu.value].push_back(wanted); }

bool Runtime::take(CpuNumber cpu, hld_task& next) {
    auto& tasks = tasks_[cpu.value];
    if (tasks.empty()) {
        return false;
    }
    next = tasks.front();
    tasks.pop_front();
    return true;
}

// ---- cpu::Software

void Runtime::reset_vector(CpuNumber /*cpu*/) { start_kernel_(); }

void Runtime::startup(CpuNumber cpu, std::uint8_t /*sipi_vector*/) {
    coming_[cpu.value].begun = true;
    locks_.restarted(cpu);
    start_secondary_();
}

void Runtime::interrupt(CpuNumber /*cpu*/, std::uint8_t vector, const void* ip, bool interrupts_enabled) {
    interrupt_(vector, reinterpret_cast<hld_u64>(ip), interrupts_enabled ? EFLAGS_IF : 0);
}

void Runtime::nmi(CpuNumber /*cpu*/, const void* ip, bool interrupts_enabled) {
    nmi_(reinterpret_cast<hld_u64>(ip), interrupts_enabled ? EFLAGS_IF : 0);
}

bool Runtime::waits_for_ever(CpuNumber cpu) {
    const bool reportable = reports_awaited_ && cpus_.cpu(cpu).nesting.context() != cpu::Context::Nmi;
    return !reportable && locks_.waits_for_ever(cpus_, cpu);
}

void Runtime::shut_down(CpuNumber /*cpu*/, const char* chain) { end_reason_ = chain; }

// ---- notes and ends

namespace {

hld_lock_op without_read(hld_lock_op op) {
    switch (op) {
        case HLD_LOCK_READ_WAITS:
            return HLD_LOCK_WAITS;
        case HLD_LOCK_READ_TAKEN:
            return HLD_LOCK_TAKEN;
        case HLD_LOCK_READ_TRYLOCK_TAKEN:
            return HLD_LOCK_TRYLOCK_TAKEN;
        default:
            return op;
    }
}

}  // namespace

void Runtime::note_lock(cpu::Cpu& cpu, hld_lock_op op, const void* at, const char* name, bool sleeping) {
    const bool kernels = kernel_.image().contains(name);
    const hld_lock_op plain = without_read(op);
    const LockNote note{cpu,     plain,       at,      name, cpu.pc, cpu.local.now(), cpu.nesting.context(),
                        kernels, plain != op, sleeping};
    locks_.note(note);
    lock.emit(note);
}

void Runtime::note_life(const LifeNote& note) {
    down_[note.cpu.value] = note.life == HLD_LIFE_DEAD ? 1 : 0;
    if (note.life == HLD_LIFE_COMING) {
        coming_[note.cpu.value] = {false, Instant::never()};
    }
    life.emit(note);
}

// Who asks must not park meanwhile: nothing would wake it to ask again. That is no difference in time. A SIPI that
// waits behind an INIT will begin the CPU, whenever that is.
bool Runtime::is_silent(cpu::Cpu& asker, CpuNumber cpu) {
    constexpr Duration LONGEST_WAY{FS_PER_S / 1000};  // of an INIT and a SIPI that were sent before
    Coming& coming = coming_[cpu.value];
    if (coming.begun || cpus_.cpu(cpu).held_sipi != cpu::Cpu::NO_SIPI) {
        return false;
    }
    asker.spin.disturb();
    coming.asked = std::min(coming.asked, asker.local.now());
    return asker.local.now() - coming.asked > LONGEST_WAY;
}

void Runtime::end(cpu::End how, const char* why) {
    end_reason_ = why;
    cpus_.end(how);
}

void Runtime::bad_access(const char* what) { end(cpu::End::BadAccess, what); }

}  // namespace hldsim::shim
