// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a reducer over single values become an aggregate of mortise.functions/1?
//
// A reducer is a struct with
//   State                         trivially copyable, all zero bytes = nothing added yet
//   Inputs                        Inputs<T...>: C++ types of the arguments; Inputs<> for count(*)
//   Status|void add(Scope&, State&, T...)
//   Status|void merge(Scope&, State& into, const State& from)
//   Status finish(Call&, uint32_t row, const State&)
// Rows with a null argument are passed over here too, so that a reducer never sees one, whether or
// not the engine has taken them out of the selection.
//
// Threads: [worker, concurrent on distinct states].

#include "entry.hpp"
#include "evaluate.hpp"

namespace mortise::sql_functions {

template <typename... T>
struct Inputs {};

// What an aggregate may use while it adds and merges.
class Scope {
 public:
  Scope(const mortise_evaluation_t* evaluation, const void* bound,
        const mortise_arguments_t* arguments)
      : evaluation_(evaluation), bound_(bound), arguments_(arguments) {}

  // Memory that lives as long as the states; null when the budget is used up.
  char* allocate(uint64_t size_bytes) {
    return static_cast<char*>(evaluation_->allocate(evaluation_->arena, size_bytes, slot_.get()));
  }
  const void* bound() const { return bound_; }
  const mortise_arguments_t& arguments() const { return *arguments_; }

 private:
  const mortise_evaluation_t* evaluation_;
  const void* bound_;
  const mortise_arguments_t* arguments_;  // null in merge
  ErrorSlot slot_;
};

// Bytes in the arena that a state owns: replaced or appended to, never freed.
struct ArenaBytes {
  char* data;
  uint32_t size_bytes;
  uint32_t capacity_bytes;

  std::string_view view() const { return {data, size_bytes}; }
  Status reserve(Scope& scope, uint64_t wanted_bytes) {
    if (wanted_bytes <= capacity_bytes) return {};
    if (wanted_bytes > Call::kStringSizeBytesMax) {
      return {Code::limit, "54000", "string is too long"};
    }
    uint64_t capacity = 32;
    while (capacity < wanted_bytes) capacity *= 2;
    char* place = scope.allocate(capacity);
    if (place == nullptr) return no_memory("out of memory");
    if (size_bytes != 0) std::memcpy(place, data, size_bytes);
    data = place;
    capacity_bytes = static_cast<uint32_t>(capacity);
    return {};
  }
  Status assign(Scope& scope, std::string_view bytes) {
    MORTISE_TRY(reserve(scope, bytes.size()));
    if (!bytes.empty()) std::memcpy(data, bytes.data(), bytes.size());
    size_bytes = static_cast<uint32_t>(bytes.size());
    return {};
  }
  Status append(Scope& scope, std::string_view bytes) {
    MORTISE_TRY(reserve(scope, uint64_t{size_bytes} + bytes.size()));
    if (!bytes.empty()) std::memcpy(data + size_bytes, bytes.data(), bytes.size());
    size_bytes += static_cast<uint32_t>(bytes.size());
    return {};
  }
};

template <typename Reducer, typename In = typename Reducer::Inputs>
struct AggregateLoop;
template <typename Reducer, typename... T>
struct AggregateLoop<Reducer, Inputs<T...>> {
  using State = typename Reducer::State;
  static_assert(std::is_trivially_copyable_v<State>);

  static State& state_at(void* place) { return *static_cast<State*>(place); }

  template <typename Place, size_t... I>
  static Status walk(const mortise_evaluation_t* evaluation, const void* bound,
                     const mortise_arguments_t* arguments, Place&& place,
                     std::index_sequence<I...>) {
    Scope scope(evaluation, bound, arguments);
    Call call(evaluation, bound, arguments, nullptr);
    std::tuple<Reader<T>...> readers{Reader<T>(call, static_cast<uint32_t>(I))...};
    return call.each([&](uint32_t row) -> Status {
      if (!(std::get<I>(readers).is_valid(row) && ...)) return {};
      using Outcome = decltype(Reducer::add(scope, place(row), std::get<I>(readers)[row]...));
      if constexpr (std::is_same_v<Outcome, Status>) {
        return Reducer::add(scope, place(row), std::get<I>(readers)[row]...);
      } else {
        Reducer::add(scope, place(row), std::get<I>(readers)[row]...);
        return {};
      }
    });
  }

  static mortise_status_t MORTISE_CALL update(const mortise_evaluation_t* evaluation,
                                              const void* bound,
                                              const mortise_arguments_t* arguments,
                                              void* const* states, mortise_error_t* error) {
    return guard(error, [&]() -> Status {
      return walk(
          evaluation, bound, arguments,
          [&](uint32_t row) -> State& { return state_at(states[row]); },
          std::index_sequence_for<T...>());
    });
  }
  static mortise_status_t MORTISE_CALL update_one(const mortise_evaluation_t* evaluation,
                                                  const void* bound,
                                                  const mortise_arguments_t* arguments, void* state,
                                                  mortise_error_t* error) {
    return guard(error, [&]() -> Status {
      State& one = state_at(state);
      return walk(
          evaluation, bound, arguments, [&](uint32_t) -> State& { return one; },
          std::index_sequence_for<T...>());
    });
  }
  static mortise_status_t MORTISE_CALL merge(const mortise_evaluation_t* evaluation,
                                             const void* bound, void* const* into,
                                             void* const* from, uint32_t count,
                                             mortise_error_t* error) {
    return guard(error, [&]() -> Status {
      Scope scope(evaluation, bound, nullptr);
      for (uint32_t i = 0; i < count; ++i) {
        using Outcome = decltype(Reducer::merge(scope, state_at(into[i]), state_at(from[i])));
        if constexpr (std::is_same_v<Outcome, Status>) {
          MORTISE_TRY(Reducer::merge(scope, state_at(into[i]), state_at(from[i])));
        } else {
          Reducer::merge(scope, state_at(into[i]), state_at(from[i]));
        }
      }
      return {};
    });
  }
  static mortise_status_t MORTISE_CALL finish(const mortise_evaluation_t* evaluation,
                                              const void* bound, void* const* states,
                                              uint32_t count, mortise_column_out_t* result,
                                              mortise_error_t* error) {
    return guard(error, [&]() -> Status {
      mortise_arguments_t none{};
      Call call(evaluation, bound, &none, result);
      for (uint32_t i = 0; i < count; ++i) {
        MORTISE_TRY(Reducer::finish(call, i, state_at(states[i])));
      }
      return {};
    });
  }

  static constexpr mortise_aggregate_t kTable = {
      sizeof(mortise_aggregate_t),
      static_cast<uint32_t>((sizeof(State) + 15) / 16 * 16),
      &update,
      &update_one,
      &merge,
      &finish,
  };
};

template <typename Reducer>
constexpr const mortise_aggregate_t* reduce = &AggregateLoop<Reducer>::kTable;

}  // namespace mortise::sql_functions
