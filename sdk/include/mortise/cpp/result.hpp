// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: did it work, and if not, what should the caller do next?
//
// `Status` is one pointer: null means success, else it owns a failure (code, SQLSTATE, message and
// named fields).  `Result<T>` is a value or a failed Status.  Their face is a subset of
// std::expected, so that the day we move to C++23 they become aliases.  Neither type crosses the
// ABI: `boundary.hpp` translates to and from mortise_status_t and mortise_error_t.
//
// Invariants
//   S1  A Status that is not ok has a code other than Code::ok and a message.
//   S2  A Result holds either a value or a failed Status, never both, never neither.
//
// Threads: a value type; [any] on distinct objects.

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "mortise/status.h"

namespace mortise {

// What the caller can do next.  Numbers equal the ABI's (mortise/status.h).
enum class Code : int32_t {
  ok = MORTISE_OK,
  not_found = MORTISE_E_NOT_FOUND,      // it is not there; go on without it
  duplicate = MORTISE_E_DUPLICATE,      // it is there already; choose another name or key
  busy = MORTISE_E_BUSY,                // somebody else holds it; try later
  limit = MORTISE_E_LIMIT,              // a bound is reached; ask for less
  invalid = MORTISE_E_INVALID,          // the request is wrong; correct it
  corrupt = MORTISE_E_CORRUPT,          // stored bytes are damaged; restore or repair
  io = MORTISE_E_IO,                    // the operating system refused; look at the machine
  unsupported = MORTISE_E_UNSUPPORTED,  // not there in this build or version
  cancelled = MORTISE_E_CANCELLED,      // somebody asked for it to stop
  conflict = MORTISE_E_CONFLICT,        // lost against another transaction; retry the transaction
  no_memory = MORTISE_E_NO_MEMORY,      // budget or machine exhausted; retry smaller
  stale = MORTISE_E_STALE,              // the handle or snapshot is too old; open it again
  internal = MORTISE_E_INTERNAL,        // a fault of ours; report it
};

class [[nodiscard]] Status {
 public:
  Status() noexcept = default;
  Status(Code code, std::string_view sqlstate, std::string message)
      : failure_(new Failure{code, std::string(sqlstate), std::move(message), 0, {}}) {}
  Status(Status&&) noexcept = default;
  Status& operator=(Status&&) noexcept = default;
  Status(const Status& other) : failure_(other.failure_ ? new Failure(*other.failure_) : nullptr) {}
  Status& operator=(const Status& other) {
    if (this != &other) failure_.reset(other.failure_ ? new Failure(*other.failure_) : nullptr);
    return *this;
  }

  bool is_ok() const noexcept { return failure_ == nullptr; }
  explicit operator bool() const noexcept { return is_ok(); }

  Code code() const noexcept { return failure_ ? failure_->code : Code::ok; }
  std::string_view sqlstate() const noexcept {
    return failure_ ? std::string_view(failure_->sqlstate) : std::string_view("00000");
  }
  // For humans: the static part first, data at the end.
  std::string_view message() const noexcept {
    return failure_ ? std::string_view(failure_->message) : std::string_view();
  }
  // 1-based character offset into the statement's text, 0 when there is none.
  uint32_t position_chars() const noexcept { return failure_ ? failure_->position_chars : 0; }

  // Adds a named field (MORTISE_ERROR_FIELD_*: detail, hint, table, ...).  On an ok status:
  // nothing.
  Status&& with(uint32_t field, std::string value) && {
    if (failure_) failure_->fields.push_back({field, std::move(value)});
    return std::move(*this);
  }
  Status&& at(uint32_t position_chars) && {
    if (failure_ && failure_->position_chars == 0) failure_->position_chars = position_chars;
    return std::move(*this);
  }

  struct Field {
    uint32_t field;
    std::string value;
  };
  const std::vector<Field>& fields() const noexcept {
    static const std::vector<Field> none;
    return failure_ ? failure_->fields : none;
  }
  std::string_view field(uint32_t wanted) const noexcept {
    for (const Field& f : fields()) {
      if (f.field == wanted) return f.value;
    }
    return {};
  }

 private:
  struct Failure {
    Code code;
    std::string sqlstate;
    std::string message;
    uint32_t position_chars;
    std::vector<Field> fields;
  };
  std::unique_ptr<Failure> failure_;
};

// The usual failures, with the SQLSTATE a client sees when nobody above says better.
inline Status not_found(std::string m) { return {Code::not_found, "42704", std::move(m)}; }
inline Status duplicate(std::string m) { return {Code::duplicate, "42710", std::move(m)}; }
inline Status busy(std::string m) { return {Code::busy, "55006", std::move(m)}; }
inline Status limit(std::string m) { return {Code::limit, "54000", std::move(m)}; }
inline Status invalid(std::string m) { return {Code::invalid, "22023", std::move(m)}; }
inline Status corrupt(std::string m) { return {Code::corrupt, "XX001", std::move(m)}; }
inline Status io_failure(std::string m) { return {Code::io, "58030", std::move(m)}; }
inline Status unsupported(std::string m) { return {Code::unsupported, "0A000", std::move(m)}; }
inline Status cancelled(std::string m) { return {Code::cancelled, "57014", std::move(m)}; }
inline Status conflict(std::string m) { return {Code::conflict, "40001", std::move(m)}; }
inline Status no_memory(std::string m) { return {Code::no_memory, "53200", std::move(m)}; }
inline Status stale(std::string m) { return {Code::stale, "55000", std::move(m)}; }
inline Status internal(std::string m) { return {Code::internal, "XX000", std::move(m)}; }

// A value, or the reason why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  using error_type = Status;

  Result(T value) : has_value_(true) { new (&value_) T(std::move(value)); }
  Result(Status failure) : has_value_(false) {
    if (failure.is_ok()) std::abort();  // S2: an ok Status is no reason
    new (&failure_) Status(std::move(failure));
  }
  Result(Result&& other) noexcept : has_value_(other.has_value_) { take(std::move(other)); }
  Result& operator=(Result&& other) noexcept {
    if (this != &other) {
      destroy();
      has_value_ = other.has_value_;
      take(std::move(other));
    }
    return *this;
  }
  Result(const Result&) = delete;
  Result& operator=(const Result&) = delete;
  ~Result() { destroy(); }

  bool has_value() const noexcept { return has_value_; }
  explicit operator bool() const noexcept { return has_value_; }
  T& operator*() & { return checked(); }
  const T& operator*() const& { return const_cast<Result*>(this)->checked(); }
  T&& operator*() && { return std::move(checked()); }
  T* operator->() { return &checked(); }
  const T* operator->() const { return &const_cast<Result*>(this)->checked(); }
  // Precondition: !has_value().
  Status& error() {
    if (has_value_) std::abort();
    return failure_;
  }
  const Status& error() const { return const_cast<Result*>(this)->error(); }
  // The failure, or an ok Status when there is a value.
  Status status() const { return has_value_ ? Status() : failure_; }
  T value_or(T other) && { return has_value_ ? std::move(value_) : std::move(other); }

 private:
  T& checked() {
    if (!has_value_) std::abort();  // S2: read before asking
    return value_;
  }
  void take(Result&& other) {
    if (has_value_) {
      new (&value_) T(std::move(other.value_));
    } else {
      new (&failure_) Status(std::move(other.failure_));
    }
  }
  void destroy() {
    if (has_value_) {
      value_.~T();
    } else {
      failure_.~Status();
    }
  }

  bool has_value_;
  union {
    T value_;
    Status failure_;
  };
};

}  // namespace mortise

#define MORTISE_CONCAT_INNER(a, b) a##b
#define MORTISE_CONCAT(a, b) MORTISE_CONCAT_INNER(a, b)

// Hands a failed Status (or a failed Result's Status) to the caller.
#define MORTISE_TRY(expression)                                        \
  do {                                                                 \
    if (auto mortise_try_status = (expression); !mortise_try_status) { \
      return ::mortise::status_of(std::move(mortise_try_status));      \
    }                                                                  \
  } while (false)

// MORTISE_TRY_ASSIGN(auto x, f()): x is f's value; a failure goes to the caller.
#define MORTISE_TRY_ASSIGN(declaration, expression) \
  MORTISE_TRY_ASSIGN_INNER(MORTISE_CONCAT(mortise_result_, __LINE__), declaration, expression)
#define MORTISE_TRY_ASSIGN_INNER(result, declaration, expression) \
  auto result = (expression);                                     \
  if (!result) return std::move(result.error());                  \
  declaration = std::move(*result)

namespace mortise {
inline Status status_of(Status&& s) { return std::move(s); }
template <typename T>
Status status_of(Result<T>&& r) {
  return std::move(r.error());
}
}  // namespace mortise
