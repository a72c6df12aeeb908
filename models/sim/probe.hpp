// SPDX-License-Identifier: Apache-2.0
// A typed observation point. A device emits; checkers, traces and reports subscribe from outside.
//
// Without subscribers an emission is one predictable branch. Subscribers are called in the order of subscription, at
// the instant of the event, and must not act on the model.
#pragma once
#include <functional>
#include <utility>
#include <vector>

namespace hldsim::sim {

template <class Event>
class Probe {
public:
    using Subscriber = std::function<void(const Event&)>;

    void subscribe(Subscriber subscriber) { subscribers_.push_back(std::move(subscriber)); }
    bool watched() const { return !subscribers_.empty(); }

    void emit(const Event& event) const {
        for (const Subscriber& subscriber : subscribers_) {
            subscriber(event);
        }
    }

private:
    std::vector<Subscriber> subscribers_;
};

}  // namespace hldsim::sim
