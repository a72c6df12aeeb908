// SPDX-License-Identifier: Apache-2.0
// What changes while a machine runs, copied out and back: each model lists its members once, for both directions.
//
//   Lists      void copy_state(StateCopy& s) { s(counter_, queue_); } of everything that a run may change, no more
//   Kinds      plain values as bytes; vectors, deques and strings by content; classes with copy_state() by that
//   Pointers   to parts of the machine stay valid: those do not move
//   Restoring  allocates only where a container was never that large before
#pragma once
#include <cstddef>
#include <cstring>
#include <deque>
#include <string>
#include <type_traits>
#include <vector>

namespace hldsim {

class StateCopy {
public:
    void save_anew() {
        bytes_.clear();
        saving_ = true;
    }
    void restore_from_begin() {
        place_ = 0;
        saving_ = false;
    }
    bool saving() const { return saving_; }
    std::size_t size() const { return bytes_.size(); }

    template <class... Members>
    void operator()(Members&... members) {
        (member(members), ...);
    }
    void raw(void* at, std::size_t size) {
        if (size == 0) {
            return;
        }
        if (saving_) {
            bytes_.resize(bytes_.size() + size);
            std::memcpy(bytes_.data() + bytes_.size() - size, at, size);
        } else {
            std::memcpy(at, bytes_.data() + place_, size);
            place_ += size;
        }
    }
    /// Room for bytes that the caller copies itself: to save or to restore.
    char* room(std::size_t size) {
        if (saving_) {
            bytes_.resize(bytes_.size() + size);
            return bytes_.data() + bytes_.size() - size;
        }
        place_ += size;
        return bytes_.data() + place_ - size;
    }

private:
    template <class T, class = void>
    struct HasCopy : std::false_type {};
    template <class T>
    struct HasCopy<T, std::void_t<decltype(std::declval<T&>().copy_state(std::declval<StateCopy&>()))>>
        : std::true_type {};

    template <class T>
    void member(T& value) {
        if constexpr (HasCopy<T>::value) {
            value.copy_state(*this);
        } else {
            static_assert(std::is_trivially_copyable_v<T>, "needs a copy_state() of its own");
            raw(static_cast<void*>(&value), sizeof value);
        }
    }
    template <class Container>
    void content(Container& container) {
        std::size_t size = container.size();
        raw(&size, sizeof size);
        container.resize(size);
        for (auto& element : container) {
            member(element);
        }
    }
    template <class T>
    void member(std::vector<T>& vector) {
        if constexpr (std::is_trivially_copyable_v<T> && !HasCopy<T>::value) {
            std::size_t size = vector.size();
            raw(&size, sizeof size);
            vector.resize(size);
            raw(vector.data(), size * sizeof(T));  // NOLINT(bugprone-sizeof-expression): a vector of pointers, too
        } else {
            content(vector);
        }
    }
    void member(std::vector<bool>& bits) {
        std::size_t size = bits.size();
        raw(&size, sizeof size);
        bits.resize(size);
        for (std::size_t i = 0; i < size; ++i) {
            bool bit = bits[i];
            raw(&bit, sizeof bit);
            bits[i] = bit;
        }
    }
    template <class T>
    void member(std::deque<T>& deque) {
        content(deque);
    }
    void member(std::string& text) { content(text); }

    std::vector<char> bytes_;
    std::size_t place_ = 0;
    bool saving_ = true;
};

}  // namespace hldsim
