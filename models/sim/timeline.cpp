// SPDX-License-Identifier: Apache-2.0
#include "models/sim/timeline.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "models/sim/sc_time.hpp"

namespace hldsim::sim {

// ---- alarms: a binary heap that knows each alarm's place, so that setting and cancelling are exact

Alarm::Alarm(Timeline& timeline, Priority priority, std::function<void()> ring)
    : timeline_{timeline}, priority_{priority}, number_{timeline.alarms_made_++}, ring_{std::move(ring)} {}

Alarm::~Alarm() {
    if (place_ != NOWHERE) {
        timeline_.remove(*this);
    }
}

void Alarm::at(Instant t) {
    assert(t >= timeline_.now_);
    if (t == due_) {
        return;
    }
    due_ = t;
    timeline_.moved(*this);
}

bool Timeline::before(const Alarm& a, const Alarm& b) {
    if (a.due_.fs != b.due_.fs) {
        return a.due_.fs < b.due_.fs;
    }
    return a.priority_ != b.priority_ ? a.priority_ < b.priority_ : a.number_ < b.number_;
}

void Timeline::put(std::size_t place, Alarm* alarm) {
    heap_[place] = alarm;
    alarm->place_ = place;
}

// To where it belongs: up if it comes before its parent, else down.
void Timeline::sift(std::size_t place, Alarm* alarm) {
    while (place > 0 && before(*alarm, *heap_[(place - 1) / 2])) {
        put(place, heap_[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    for (;;) {
        std::size_t child = 2 * place + 1;
        if (child >= heap_.size()) {
            break;
        }
        if (child + 1 < heap_.size() && before(*heap_[child + 1], *heap_[child])) {
            ++child;
        }
        if (!before(*heap_[child], *alarm)) {
            break;
        }
        put(place, heap_[child]);
        place = child;
    }
    put(place, alarm);
}

void Timeline::remove(Alarm& alarm) {
    const std::size_t place = alarm.place_;
    Alarm* const last = heap_.back();
    heap_.pop_back();
    alarm.place_ = Alarm::NOWHERE;
    if (last != &alarm) {
        sift(place, last);
    }
}

void Timeline::moved(Alarm& alarm) {
    if (!alarm.set()) {
        if (alarm.place_ != Alarm::NOWHERE) {
            remove(alarm);
        }
        return;
    }
    if (alarm.place_ == Alarm::NOWHERE) {
        heap_.push_back(&alarm);
        alarm.place_ = heap_.size() - 1;
    }
    sift(alarm.place_, &alarm);
    if (alarm.due_ < horizon_) {
        horizon_ = alarm.due_;
        if (!inside_) {  // inside, the process looks at the heap again by itself
            wake_.notify(sc_core::SC_ZERO_TIME);
        }
    }
}

bool Timeline::due_now(Priority priority) const {
    return std::any_of(heap_.begin(), heap_.end(),
                       [&](const Alarm* a) { return a->due_ == now_ && a->priority_ == priority; });
}

// ---- the process

Timeline::Timeline(sc_core::sc_module_name name) : sc_module{name} {
    SC_HAS_PROCESS(Timeline);
    SC_METHOD(process);
    sensitive << wake_;
    dont_initialize();
}

namespace {

bool hold_others(const std::vector<sc_core::sc_object*>& objects, const sc_core::sc_object* own) {
    return std::any_of(objects.begin(), objects.end(), [&](const sc_core::sc_object* object) {
        const sc_core::sc_object& one = *object;
        const auto* const process = dynamic_cast<const sc_core::sc_process_b*>(&one);
        return (process != nullptr && process->get_parent_object() != own) || hold_others(one.get_child_objects(), own);
    });
}

}  // namespace

void Timeline::start_of_simulation() { alone_ = !hold_others(sc_core::sc_get_top_level_objects(), this); }

Instant Timeline::systemc_now() const { return Instant{} + (from_sc_time(sc_core::sc_time_stamp()) - epoch_); }

void Timeline::power_on() {
    assert(heap_.empty());
    epoch_ = from_sc_time(sc_core::sc_time_stamp());
    now_ = Instant{};
    horizon_ = Instant::never();
    stopped_ = false;
}

// SystemC's own time is not put back: decoupled, it stands at the origin while our instants go by.
void Timeline::copy_state(StateCopy& s) {
    assert(!inside_ && !following_);
    if (!s.saving()) {
        for (Alarm* const alarm : heap_) {
            alarm->due_ = Instant::never();
            alarm->place_ = Alarm::NOWHERE;
        }
    }
    s(now_, heap_);
    for (std::size_t place = 0; place < heap_.size(); ++place) {
        s(heap_[place]->due_);
        heap_[place]->place_ = place;
    }
    horizon_ = next_alarm();
    stopped_ = false;
}

// The first instant at which a process that is not ours has something to do.
Instant Timeline::foreign_activity() const {
    if (alone_ || !sc_core::sc_pending_activity()) {
        return Instant::never();
    }
    return systemc_now() + from_sc_time(sc_core::sc_time_to_pending_activity());
}

void Timeline::update_horizon() { horizon_ = following_ ? now_ : std::min(next_alarm(), foreign_activity()); }

bool Timeline::systemc_reached(Instant t, Instant foreign) {
    if (foreign > t) {
        return true;
    }
    const Instant systemc = systemc_now();
    if (systemc >= t) {
        return true;
    }
    next_trigger(to_sc_time(t - systemc), wake_);
    return false;
}

void Timeline::process() {
    inside_ = true;
    while (!stopped_ && step()) {
    }
    inside_ = false;
    horizon_ = next_alarm();
}

// One alarm, or the actors up to the next one. False: nothing more at this point of SystemC's time.
bool Timeline::step() {
    const Instant device = next_alarm();
    const Instant actor = actors_ != nullptr ? actors_->next() : Instant::never();
    const Instant first = std::min(device, actor);
    if (first == Instant::never()) {
        return false;
    }
    const Instant foreign = following_ ? systemc_now() : foreign_activity();
    if (first > limit_ || !systemc_reached(first, foreign)) {
        return false;
    }
    ++steps_;
    if (actor < device) {
        horizon_ = following_ ? std::min(device, actor + Duration{1}) : std::min(device, foreign);
        actors_->act();
        return true;
    }
    now_ = device;
    Alarm& alarm = *heap_.front();
    remove(alarm);
    alarm.due_ = Instant::never();
    alarm.ring_();
    return true;
}

void Timeline::run_until(Instant t) {
    limit_ = t;
    wake_.notify(sc_core::SC_ZERO_TIME);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    const Instant systemc = systemc_now();
    if (t > systemc && (following_ || !alone_)) {  // else SystemC's 2^64 fs, five hours, would end thousands of runs
        sc_core::sc_start(to_sc_time(t - systemc));
    }
    while (sc_core::sc_pending_activity_at_current_time()) {
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
    }
    now_ = t;
    limit_ = Instant::never();
}

void Timeline::run() {
    wake_.notify(sc_core::SC_ZERO_TIME);
    sc_core::sc_start();
}

}  // namespace hldsim::sim
