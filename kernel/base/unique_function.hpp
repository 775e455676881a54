// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how is a piece of work handed over that owns what it needs?
//
// std::function wants copies; a task that owns a connection or a unique_ptr has none.  48 bytes of
// captures are held in place, more go to the heap.
//
// Threads: a value type.

#include <concepts>
#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

#include "mortise/cpp/assert.hpp"

namespace mortise {

template <typename Signature>
class UniqueFunction;

template <typename R, typename... Arguments>
class UniqueFunction<R(Arguments...)> {
 public:
  UniqueFunction() noexcept = default;
  UniqueFunction(std::nullptr_t) noexcept {}
  template <typename F>
  requires(!std::same_as<std::remove_cvref_t<F>, UniqueFunction> &&
           std::is_invocable_r_v<R, std::remove_cvref_t<F>&, Arguments...>)
      UniqueFunction(F&& function) {
    using Held = std::remove_cvref_t<F>;
    if constexpr (fits<Held>()) {
      new (storage_) Held(std::forward<F>(function));
      table_ = &kInPlace<Held>;
    } else {
      *reinterpret_cast<Held**>(storage_) = new Held(std::forward<F>(function));
      table_ = &kOnHeap<Held>;
    }
  }
  UniqueFunction(UniqueFunction&& other) noexcept { take(other); }
  UniqueFunction& operator=(UniqueFunction&& other) noexcept {
    if (this != &other) {
      reset();
      take(other);
    }
    return *this;
  }
  UniqueFunction(const UniqueFunction&) = delete;
  UniqueFunction& operator=(const UniqueFunction&) = delete;
  ~UniqueFunction() { reset(); }

  explicit operator bool() const noexcept { return table_ != nullptr; }
  // Precondition: not empty.
  R operator()(Arguments... arguments) {
    MORTISE_ASSERT(table_ != nullptr);
    return table_->call(storage_, std::forward<Arguments>(arguments)...);
  }

 private:
  static constexpr size_t kInPlaceBytes = 48;
  struct Table {
    R (*call)(void*, Arguments&&...);
    void (*move)(void* from, void* into);  // leaves nothing in `from`
    void (*destroy)(void*);
  };
  template <typename Held>
  static constexpr bool fits() {
    return sizeof(Held) <= kInPlaceBytes && alignof(Held) <= alignof(std::max_align_t) &&
           std::is_nothrow_move_constructible_v<Held>;
  }
  template <typename Held>
  static constexpr Table kInPlace = {
      [](void* held, Arguments&&... a) -> R {
        return (*static_cast<Held*>(held))(std::forward<Arguments>(a)...);
      },
      [](void* from, void* into) {
        new (into) Held(std::move(*static_cast<Held*>(from)));
        static_cast<Held*>(from)->~Held();
      },
      [](void* held) { static_cast<Held*>(held)->~Held(); }};
  template <typename Held>
  static constexpr Table kOnHeap = {
      [](void* held, Arguments&&... a) -> R {
        return (**static_cast<Held**>(held))(std::forward<Arguments>(a)...);
      },
      [](void* from, void* into) { *static_cast<Held**>(into) = *static_cast<Held**>(from); },
      [](void* held) { delete *static_cast<Held**>(held); }};

  void take(UniqueFunction& other) noexcept {
    if (other.table_ == nullptr) return;
    other.table_->move(other.storage_, storage_);
    table_ = std::exchange(other.table_, nullptr);
  }
  void reset() noexcept {
    if (table_ != nullptr) std::exchange(table_, nullptr)->destroy(storage_);
  }

  alignas(std::max_align_t) std::byte storage_[kInPlaceBytes];
  const Table* table_ = nullptr;
};

}  // namespace mortise
