// SPDX-License-Identifier: Apache-2.0
#pragma once

// Longer than 250 lines, because readers, writers and loops are one template machine.

//
// Answers: how does a plain C++ function become a column function of mortise.functions/1?
//
// `row<&f>` wraps a function over single values: int32_t f(std::string_view).  It may take a
// `Call&` first (session, memory, state) and may return R, std::optional<R> (null) or Result<R>.
// The loop over rows is inside the instance, so there is one indirect call per batch, none per row.
// `batch<&f>` wraps a function that walks the columns itself: Status f(Call&).
//
// Invariants
//   V1  Wrapped row functions are strict: the engine's selection has no row with a null argument
//       (mortise/iface/draft/functions.h, F3).  std::optional<T> as an argument asks for nulls too.
//   V2  A std::string_view that a row function returns points into the call's memory
//       (`Call::copy`), into an argument or into static memory; a std::string is copied.
//
// Threads: [worker, concurrent]; a Call belongs to one evaluation.

#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "mortise/cpp/batch.hpp"
#include "mortise/cpp/boundary.hpp"
#include "mortise/iface/draft/functions.h"

namespace mortise::sql_functions {

struct Uuid {
  uint8_t bytes[16];
};
using Interval = mortise_interval_t;

// One evaluation: arguments, result, memory for long strings, facts of the session.
class Call {
 public:
  Call(const mortise_evaluation_t* evaluation, const void* state,
       const mortise_arguments_t* arguments, mortise_column_out_t* out)
      : evaluation_(evaluation), state_(state), arguments_(arguments), out_(out) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  const mortise_arguments_t& arguments() const { return *arguments_; }
  const mortise_column_t& column(uint32_t index) const { return arguments_->columns[index]; }
  const mortise_type_t& type(uint32_t index) const { return arguments_->types[index]; }
  uint32_t rows_count() const { return arguments_->rows_count; }
  bool is_dense() const { return arguments_->selection == nullptr; }
  const mortise_evaluation_t* evaluation() const { return evaluation_; }
  const mortise_session_context_t* session() const { return evaluation_->session; }
  template <typename T>
  const T* state() const {
    return static_cast<const T*>(state_);
  }
  const void* state() const { return state_; }
  mortise_column_out_t& out() { return *out_; }
  template <typename T>
  T* data() {
    return static_cast<T*>(out_->data);
  }
  void set_null(uint32_t row) { clear_bit(out_->validity, row); }

  // Memory that lives as long as the result; null when the budget is used up.
  char* allocate(uint64_t size_bytes) {
    if (size_bytes > chunk_left_bytes_ && !refill(size_bytes)) return nullptr;
    char* start = chunk_;
    chunk_ += size_bytes;
    chunk_left_bytes_ -= size_bytes;
    return start;
  }
  // A view of a copy of `bytes` in such memory.
  Result<std::string_view> copy(std::string_view bytes) {
    if (bytes.size() <= MORTISE_VIEW_INLINE_BYTES_MAX) return bytes;
    char* place = allocate(bytes.size());
    if (place == nullptr) return no_memory("out of memory");
    std::memcpy(place, bytes.data(), bytes.size());
    return std::string_view(place, bytes.size());
  }
  // Sets a row of a TEXT, BYTES or NUMERIC result to a copy of `bytes`.
  Status set_copy(uint32_t row, std::string_view bytes) {
    if (bytes.size() <= MORTISE_VIEW_INLINE_BYTES_MAX) {
      data<mortise_view_t>()[row] = view_to(bytes);
      return {};
    }
    if (bytes.size() > kStringSizeBytesMax) {
      return {Code::limit, "54000", "string is too long"};
    }
    char* place = allocate(bytes.size());
    if (place == nullptr) return no_memory("out of memory");
    std::memcpy(place, bytes.data(), bytes.size());
    data<mortise_view_t>()[row] = view_to({place, bytes.size()});
    return {};
  }

  // Calls body(row), which may return Status, for every selected row.
  template <typename Body>
  Status each(Body&& body) {
    const uint16_t* selection = arguments_->selection;
    const uint32_t count = selection == nullptr ? rows_count() : arguments_->selected_count;
    for (uint32_t i = 0; i < count; ++i) {
      const uint32_t at = selection == nullptr ? i : selection[i];
      if constexpr (std::is_same_v<decltype(body(at)), Status>) {
        MORTISE_TRY(body(at));
      } else {
        body(at);
      }
    }
    return {};
  }

  static constexpr uint64_t kStringSizeBytesMax = 1024 * 1024 * 1024 - 1;

 private:
  bool refill(uint64_t size_bytes) {
    const uint64_t wanted = size_bytes > chunk_size_bytes_ ? size_bytes : chunk_size_bytes_;
    auto* fresh =
        static_cast<char*>(evaluation_->allocate(evaluation_->arena, wanted, slot_.get()));
    if (fresh == nullptr) return false;
    chunk_ = fresh;
    chunk_left_bytes_ = wanted;
    if (chunk_size_bytes_ < 64 * 1024) chunk_size_bytes_ *= 4;
    return true;
  }

  const mortise_evaluation_t* evaluation_;
  const void* state_;
  const mortise_arguments_t* arguments_;
  mortise_column_out_t* out_;
  char* chunk_ = nullptr;
  uint64_t chunk_left_bytes_ = 0;
  uint64_t chunk_size_bytes_ = 256;
  ErrorSlot slot_;
};

// Reads argument `index` as T.  Specialised for numeric values in numeric/value_column.hpp.
template <typename T>
class Reader {
 public:
  Reader(const Call& call, uint32_t index) : values_(call.column(index)) {}
  T operator[](uint32_t row) const { return values_[row]; }
  bool is_valid(uint32_t row) const { return values_.is_valid(row); }

 private:
  Values<T> values_;
};
template <>
class Reader<bool> {
 public:
  Reader(const Call& call, uint32_t index) : values_(call.column(index)) {}
  bool operator[](uint32_t row) const { return values_[row]; }
  bool is_valid(uint32_t row) const { return values_.is_valid(row); }

 private:
  Booleans values_;
};
template <>
class Reader<std::string_view> {
 public:
  Reader(const Call& call, uint32_t index) : values_(call.column(index)) {}
  std::string_view operator[](uint32_t row) const { return values_[row]; }
  bool is_valid(uint32_t row) const { return values_.is_valid(row); }

 private:
  Strings values_;
};
template <typename T>
class Reader<std::optional<T>> {
 public:
  Reader(const Call& call, uint32_t index) : values_(call, index) {}
  std::optional<T> operator[](uint32_t row) const {
    if (!values_.is_valid(row)) return std::nullopt;
    return values_[row];
  }
  bool is_valid(uint32_t) const { return true; }

 private:
  Reader<T> values_;
};

// Writes one row of the result.  Specialised for numeric values in numeric/value_column.hpp.
template <typename T>
struct Writer {
  static_assert(std::is_arithmetic_v<T> || std::is_same_v<T, Interval> || std::is_same_v<T, Uuid>);
  static Status write(Call& call, uint32_t row, const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      assign_bit(call.data<uint64_t>(), row, value);
    } else {
      call.data<T>()[row] = value;
    }
    return {};
  }
};
template <>
struct Writer<std::string_view> {
  static Status write(Call& call, uint32_t row, std::string_view value) {
    call.data<mortise_view_t>()[row] = view_to(value);
    return {};
  }
};
template <>
struct Writer<std::string> {
  static Status write(Call& call, uint32_t row, const std::string& value) {
    return call.set_copy(row, value);
  }
};
template <typename T>
struct Writer<std::optional<T>> {
  static Status write(Call& call, uint32_t row, const std::optional<T>& value) {
    if (value.has_value()) return Writer<T>::write(call, row, *value);
    call.set_null(row);
    return {};
  }
};
template <typename T>
struct Writer<Result<T>> {
  static Status write(Call& call, uint32_t row, Result<T>&& value) {
    if (!value) return std::move(value.error());
    return Writer<T>::write(call, row, *value);
  }
};

// Walks the rows for a function over single values.
template <auto Function, typename Signature = decltype(Function)>
struct RowLoop;
template <auto Function, typename R, typename... A>
struct RowLoop<Function, R (*)(A...)> {
  static Status run(Call& call) { return walk(call, std::index_sequence_for<A...>()); }
  template <size_t... I>
  static Status walk(Call& call, std::index_sequence<I...>) {
    std::tuple<Reader<std::remove_cvref_t<A>>...> readers{
        Reader<std::remove_cvref_t<A>>(call, static_cast<uint32_t>(I))...};
    return call.each([&](uint32_t row) -> Status {
      return Writer<R>::write(call, row, Function(std::get<I>(readers)[row]...));
    });
  }
};
template <auto Function, typename R, typename... A>
struct RowLoop<Function, R (*)(Call&, A...)> {
  static Status run(Call& call) { return walk(call, std::index_sequence_for<A...>()); }
  template <size_t... I>
  static Status walk(Call& call, std::index_sequence<I...>) {
    std::tuple<Reader<std::remove_cvref_t<A>>...> readers{
        Reader<std::remove_cvref_t<A>>(call, static_cast<uint32_t>(I))...};
    return call.each([&](uint32_t row) -> Status {
      return Writer<R>::write(call, row, Function(call, std::get<I>(readers)[row]...));
    });
  }
};

// Wraps Status f(Call&).
template <auto Function>
mortise_status_t MORTISE_CALL batch(const mortise_evaluation_t* evaluation, const void* state,
                                    const mortise_arguments_t* arguments,
                                    mortise_column_out_t* result, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    Call call(evaluation, state, arguments, result);
    return Function(call);
  });
}

// Wraps a function over single values.
template <auto Function>
constexpr mortise_function_evaluate_t row = &batch<&RowLoop<Function>::run>;

}  // namespace mortise::sql_functions
