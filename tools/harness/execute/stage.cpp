// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/execute/stage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "tools/harness/aim/aim.hpp"
#include "tools/harness/installation.hpp"
#include "tools/harness/run/machine_profile.hpp"
#include "tools/harness/run/objects.hpp"
#include "tools/harness/run/pinned_choices.hpp"
#include "tools/harness/scenario/length.hpp"

namespace hldsim::execute {

namespace {

using diagnostic::Error;

struct Kept {
    std::string key;
    std::unique_ptr<run::Rig> rig;
};

// The last rig of this process.
Kept& kept() {
    static auto& last = *new Kept;
    return last;
}

std::string key_of(const scenario::Scenario& s, const std::string& detector, bool x2apic,
                   scenario::Remapping remapping) {
    std::string key =
        fmt::format("{} {} {} {} {} {} {} {}", s.machine.profile.value, s.machine.cpus, s.machine.packages,
                    static_cast<int>(s.machine.cost), s.machine.tso, x2apic, scenario::name_of(remapping), detector);
    for (const scenario::Setting& setting : s.machine.set) {
        key += fmt::format(" {}={}", setting.name, setting.value);
    }
    return key;
}

// The loader's sentence "what; expected what else" in the two lines of a diagnostic.
Error refused(const scenario::Marked<std::string>& object, const std::string& sentence) {
    constexpr std::string_view EXPECTED = "; expected ";
    const std::size_t cut = sentence.find(EXPECTED);
    const std::string expected =
        cut == std::string::npos ? "a detector object that hldsim-cc made" : sentence.substr(cut + EXPECTED.size());
    return Error{Error::Parts{object.mark, "command line", sentence.substr(0, cut), {}, expected}};
}

/// One whose value is set at load.
bool has_parameter(const shim::Object& object, std::string_view name) {
    return std::any_of(object.params(), object.params() + object.param_count(), [&](const struct hld_param& param) {
        return name == param.name && param.type != HLD_PARAM_CALLBACK;
    });
}

/// `check` for every action of that kind, repeated ones too.
template <class Action, class Check>
void for_each_action(const scenario::Scenario& scenario, Check check) {
    const auto look = [&](const auto& any) {
        if (const auto* const action = std::get_if<Action>(&any)) {
            check(*action);
        }
    };
    for (const scenario::Event& event : scenario.events) {
        look(event.action);
        if (const auto* const repeat = std::get_if<scenario::Repeat>(&event.action)) {
            std::for_each(repeat->actions.begin(), repeat->actions.end(), look);
        }
    }
}

/// One of the words of a command line, which spaces alone divide (detector/kernel/params.c): WORD, or WORD=NUMBER.
bool has_word(const std::string& line, const std::string& word) {
    const std::string words = " " + line + " ";
    const std::size_t number = words.find(" " + word + "=");
    return words.find(" " + word + " ") != std::string::npos ||
           (number != std::string::npos && words.find_first_of("123456789", number) == number + word.size() + 2);
}

}  // namespace

Stage::Stage(const scenario::Scenario& scenario, const Settings& settings)
    : scenario_{scenario},
      profile_{profile::load(scenario.machine, installation::profiles())},
      clocks_{profile_.core, profile_.hpet_period},
      stop_{settings.stop} {
    scenario::check_lengths(scenario, clocks_.core, clocks_.hpet_period);
    set_up_machine();
    check_messages();
    check_owners();
    check_hops();
    check_states();
    set_choices(settings);
    set_parameters();
    place_events(settings.solve);
}

void Stage::set_choices(const Settings& settings) {
    if (!settings.choices.empty()) {
        auto replayed = std::make_unique<ReplayChoice>(settings.choices);
        replayed_ = replayed.get();
        return rig_->use_choices(std::move(replayed));
    }
    std::unique_ptr<ChoiceSource> choices;
    if (settings.seed != 1) {
        choices = std::make_unique<SeededChoice>(settings.seed);
    } else {
        choices = std::make_unique<DefaultChoice>();
    }
    std::vector<PinnedChoice::Pin> pins = run::pinned_choices(profile_);
    if (!pins.empty()) {
        choices = std::make_unique<PinnedChoice>(std::move(pins), std::move(choices));
    }
    rig_->use_choices(std::move(choices));
}

void Stage::set_up_machine() {
    const scenario::Machine& machine = scenario_.machine;
    const scenario::Remapping remapping = machine.remapping.value_or(profile_.remapping);
    const bool x2apic = machine.apic.value_or(profile_.apic) == scenario::Apic::X2apic;
    constexpr unsigned XAPIC_CPUS = 255;  // 8-bit IDs, FFh is broadcast: SDM vol. 3A, 10.6.2.1
    if (!x2apic && machine.cpus > XAPIC_CPUS) {
        throw Error(machine.cpus_mark ? machine.cpus_mark : machine.profile.mark,
                    fmt::format("{} CPUs have no xAPIC IDs", machine.cpus),
                    "at most 255 CPUs, or machine.apic: x2apic");
    }
    const auto& object = scenario_.detector.object;
    const std::string detector = object ? object->value : installation::object("hld.so");
    const std::string key = key_of(scenario_, detector, x2apic, remapping);
    if (kept().key != key) {
        kept().rig.reset();
        kept().key.clear();
        run::Configuration configuration{run::machine_profile(profile_, x2apic, remapping), {}, nullptr, nullptr};
        configuration.hpet_source_id = run::hpet_source_id(profile_, configuration.machine.hpet);
        configuration.cpus.count = machine.cpus;
        configuration.cpus.packages = machine.packages;
        configuration.cpus.cost =
            machine.cost == scenario::CostModel::Portable ? cpu::CostModel::Portable : cpu::CostModel::Access;
        configuration.cpus.tso = machine.tso;
        configuration.cpus.profile = configuration.machine.cpu;
        try {
            configuration.kernel = &run::Objects::loaded().kernel(installation::object("hld-kernel-v6.1.so"));
            configuration.detector = &run::Objects::loaded().detector(detector);
            if (configuration.detector->initcall_count() == 0) {  // nothing of it would ever run
                throw shim::ObjectError(detector +
                                        ": no initcall: module_init() is missing; expected an object whose " +
                                        "code has module_init(), or another initcall");
            }
        } catch (const shim::ObjectError& error) {
            if (object) {
                throw refused(*object, error.what());
            }
            throw std::runtime_error{error.what()};
        }
        kept().rig = std::make_unique<run::Rig>(configuration);
        kept().key = key;
    }
    rig_ = kept().rig.get();
    const shim::Object& loaded = rig_->runtime().detector();
    description_ =
        run::describe(run::description_of(loaded, scenario_.detector.description), rig_->symbols(), machine.cpus,
                      Duration{static_cast<std::int64_t>(scenario_.kernel.watchdog_thresh_s) * FS_PER_S});
    description_.described.nmi_handler = loaded.refers_to("__register_nmi_handler");
}

// A fault of a message that this machine never sends would wait for ever, and the run would say that nothing happened.
void Stage::check_messages() const {
    const MachineProfile& machine = rig_->machine().profile;
    const bool remaps = machine.vtd || machine.amdvi;
    const bool hpet_sends = std::any_of(machine.hpet.timers.begin(), machine.hpet.timers.end(),
                                        [](const HpetTimerProfile& timer) { return timer.message; });
    for_each_action<scenario::Message>(scenario_, [&](const scenario::Message& message) {
        if (message.source == scenario::MessageSource::Remapper && !remaps) {
            throw Error{message.mark, "this machine has no remapping unit that sends messages",
                        "machine.remapping: vtd or amd, or another source"};
        }
        if (message.source == scenario::MessageSource::Hpet && !hpet_sends) {
            throw Error{message.mark, "no timer of this machine's HPET sends messages",
                        "another machine.set.hpet.chip, or another source"};
        }
    });
}

// A counter that nobody has switched on does not overflow, and who would not know the answer does not ask.
void Stage::check_owners() const {
    const auto wants = [&](const scenario::Nmi& nmi, scenario::NmiSource source, const char* word,
                           const char* problem) {
        if (nmi.source == source && !has_word(scenario_.kernel.cmdline, word)) {
            throw Error{nmi.mark, problem, std::string{"kernel: {cmdline: "} + word + "}, or another source"};
        }
    };
    for_each_action<scenario::Nmi>(scenario_, [&](const scenario::Nmi& nmi) {
        wants(nmi, scenario::NmiSource::Perf, "hld.perf", "nobody samples a performance counter in this kernel");
        wants(nmi, scenario::NmiSource::Ipi, "hld.backtrace", "nobody asks a CPU by NMI in this kernel");
    });
}

// No run of this machine gets there.
void Stage::check_hops() const {
    const MachineProfile& machine = rig_->machine().profile;
    if (machine.vtd || machine.amdvi) {
        return;
    }
    for (const scenario::Point* const point : points_of(scenario_)) {
        if (point->form == scenario::Point::Form::Nmi && point->hop == scenario::Hop::Remapped) {
            throw Error{point->mark, "no NMI of this machine is ever remapped: it has no remapping unit",
                        "machine.remapping: vtd or amd, or another hop"};
        }
    }
}

// The kernel tells of every state of a CPU but this one, which is the detector's.
void Stage::check_states() const {
    for (const scenario::Point* const point : points_of(scenario_)) {
        if (point->form == scenario::Point::Form::Becomes && point->life == scenario::Life::Leaving &&
            description_.watched.monitored == nullptr) {
            throw Error{
                point->mark,
                "a CPU is leaving when its bit in the detector's mask is clear, and no mask of this detector is "
                "known",
                "'monitored' in its description (detector.description)"};
        }
    }
}

void Stage::set_parameters() {
    const scenario::Detector& detector = scenario_.detector;
    shim::Runtime::Parameters kernel{{"watchdog_thresh", std::to_string(scenario_.kernel.watchdog_thresh_s)}};
    if (!scenario_.kernel.cmdline.empty()) {
        kernel["cmdline"] = scenario_.kernel.cmdline;
    }
    if (scenario_.kernel.version) {
        kernel["hld_kernel_version"] = scenario_.kernel.version->value == "v4.18" ? "418" : "601";
    }
    shim::Runtime::Parameters parameters;
    if (detector.design) {
        parameters["design"] = detector.design->value;
    }
    const shim::Object& object = rig_->runtime().detector();
    if (detector.policy.mark || (detector.design && has_parameter(object, "policy"))) {
        parameters["policy"] = detector.policy.value;
    }
    if (has_parameter(object, "thresh")) {
        parameters["thresh"] = std::to_string(scenario_.kernel.watchdog_thresh_s);
    }
    for (const scenario::Setting& option : detector.options) {
        parameters[option.name] = option.value;
    }
    try {
        rig_->set_parameters(kernel, parameters);
    } catch (const shim::ParameterError& error) {
        for (const scenario::Setting& option : detector.options) {
            if (option.name == error.name()) {
                throw error.expected().empty()
                    ? Error(option.name_mark, error.what(), "a module parameter of the detector")
                    : Error(option.value_mark, error.what(), error.expected());
            }
        }
        // The scenario is for the built-in detector, and its object has been exchanged for another one.
        const bool is_policy = error.name() == "policy" || !detector.design;
        throw Error(is_policy ? detector.policy.mark : detector.design->mark, error.what(),
                    std::string{"--set detector."} + (is_policy ? "policy" : "design") +
                        "=null for an object that has none, or one whose parameters are those of the built-in "
                        "detector");
    }
}

void Stage::place_events(bool solve) {
    instants_.resize(scenario_.events.size());
    placed_.assign(scenario_.events.size(), true);
    const Instant boot = rig_->boot_ends();
    bool aimed = false;
    for (std::size_t i = 0; i < scenario_.events.size(); ++i) {
        const scenario::Event& event = scenario_.events[i];
        if (!event.at) {
            continue;
        }
        instants_[i] = Instant{} + clocks_.of(event.at->value);
        if (*instants_[i] < boot && boot != Instant::never()) {  // a boot that never ends is a verdict of the run
            throw Error(event.at->mark,
                        fmt::format("boot has not ended at {}", value::readable_text(*instants_[i] - Instant{})),
                        fmt::format("an instant from {} on", value::readable_text(boot - Instant{})));
        }
        aimed = aimed || (event.aim && !event.instant_fixed);
    }
    find_failures();
    if (aimed && solve) {
        solve_aims();
    }
    if (solve) {
        look_at_landings();
    }
}

aim::Question Stage::question(std::size_t i) {
    aim::Question question;
    question.aim = &*scenario_.events[i].aim;
    question.plan = [this, i](Instant t) { return plan(i, t); };
    question.from = *instants_[i];
    question.range = Duration{static_cast<std::int64_t>(scenario_.kernel.watchdog_thresh_s) * FS_PER_S};
    question.event = static_cast<unsigned>(i + 1);
    question.watched = description_.watched;
    return question;
}

// In their order: an aimed event that is not solved yet takes no part in the search for those before it.
void Stage::solve_aims() {
    for (std::size_t i = 0; i < scenario_.events.size(); ++i) {
        placed_[i] = !(scenario_.events[i].aim && !scenario_.events[i].instant_fixed);
    }
    for (std::size_t i = 0; i < scenario_.events.size(); ++i) {
        if (placed_[i] || !instants_[i]) {
            continue;
        }
        placed_[i] = true;
        landings_.push_back(aim::solve(*rig_, question(i)));
        instants_[i] = landings_.back().at;
    }
}

// What was solved first was solved without what was solved later. And an instant that is given is not searched for:
// that it lands speaks against an aim that cannot, that it does not says nothing.
void Stage::look_at_landings() {
    for (run::Landing& landing : landings_) {
        const std::size_t i = landing.event - 1;
        if (!landing.found || landing.event == landings_.back().event) {
            continue;
        }
        ++landing.runs;
        if (!aim::is_met(*rig_, question(i), landing.at)) {
            landing.found = false;
            landing.explanation =
                fmt::format("at {} it does, and no longer once the aims of the events behind it are solved",
                            value::readable_text(landing.at - Instant{}));
        }
    }
    for (std::size_t i = 0; i < scenario_.events.size() && scenario_.expect.landing_impossible; ++i) {
        const scenario::Event& event = scenario_.events[i];
        if (event.aim && event.instant_fixed && instants_[i] && aim::is_met(*rig_, question(i), *instants_[i])) {
            run::Landing landing;
            landing.event = static_cast<unsigned>(i + 1);
            landing.found = true;
            landing.at = *instants_[i];
            landing.runs = 1;
            landings_.push_back(landing);
        }
    }
}

std::vector<run::Planned> Stage::plan(std::optional<std::size_t> moved, Instant t) const {
    std::vector<run::Planned> all;
    for (std::size_t i = 0; i < scenario_.events.size(); ++i) {
        if (!placed_[i] || !instants_[i]) {
            continue;
        }
        const Instant begin = moved == i ? t : *instants_[i];
        for (run::Planned& planned :
             execute::plan(scenario_.events[i], static_cast<unsigned>(i + 1), begin, *rig_, clocks_)) {
            all.push_back(std::move(planned));
        }
    }
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    return all;
}

Instant Stage::own_end(std::optional<std::size_t> moved, Instant t) const {
    Instant last;
    for (std::size_t i = 0; i < scenario_.events.size(); ++i) {
        if (instants_[i]) {
            last = std::max(last, (moved == i ? t : *instants_[i]) + extent(scenario_.events[i], clocks_));
        }
    }
    const Duration thresholds{3 * static_cast<std::int64_t>(scenario_.kernel.watchdog_thresh_s) * FS_PER_S};
    return last + (scenario_.until ? clocks_.of(scenario_.until->value) : thresholds);
}

}  // namespace hldsim::execute
