// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do Status and Result cross the C ABI?
//
// Outwards: `guard` wraps the body of every function in a plugin's table; it turns a failed Status
// into a mortise_status_t plus an error object, and any exception (of a third-party library, or
// bad_alloc) into a failure.  Inwards: `ErrorSlot` is the error object for a call into somebody
// else's table, and `status()` makes a Status of what came back.
//
// This file, and only this file, contains try and catch.
//
// Threads: [any].

#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "mortise/cpp/result.hpp"

namespace mortise {

inline std::string_view view_of(mortise_str_t s) {
  return s.size_bytes == 0 ? std::string_view() : std::string_view(s.data, s.size_bytes);
}
inline mortise_str_t str_of(std::string_view s) { return {s.data(), s.size()}; }

// The caller's place for a failure's reason.  Lives on the stack of the call.
class ErrorSlot {
 public:
  ErrorSlot() {
    error_.struct_size_bytes = sizeof(mortise_error_t);
    error_.reserved = 0;
    error_.context = this;
    error_.set = [](mortise_error_t* e, const char* sqlstate, mortise_str_t message) noexcept {
      of(e).sqlstate_.assign(sqlstate, 5);
      of(e).message_.assign(view_of(message));
      of(e).fields_.clear();
      of(e).position_chars_ = 0;
    };
    error_.field = [](mortise_error_t* e, uint32_t field, mortise_str_t value) noexcept {
      of(e).fields_.push_back({field, std::string(view_of(value))});
    };
    error_.position = [](mortise_error_t* e, uint32_t position_chars) noexcept {
      of(e).position_chars_ = position_chars;
    };
  }
  ErrorSlot(const ErrorSlot&) = delete;
  ErrorSlot& operator=(const ErrorSlot&) = delete;

  mortise_error_t* get() { return &error_; }

  // The Status of a call that returned `status`; its answers above zero are ok here.
  Status status(mortise_status_t status) {
    if (status >= 0) return {};
    std::string text = message_.empty() ? "a call failed without a reason" : std::move(message_);
    Status result(static_cast<Code>(status), sqlstate_.empty() ? "XX000" : sqlstate_,
                  std::move(text));
    for (Status::Field& f : fields_) result = std::move(result).with(f.field, std::move(f.value));
    if (position_chars_ != 0) result = std::move(result).at(position_chars_);
    return result;
  }

 private:
  static ErrorSlot& of(mortise_error_t* e) { return *static_cast<ErrorSlot*>(e->context); }

  mortise_error_t error_;
  std::string sqlstate_;
  std::string message_;
  std::vector<Status::Field> fields_;
  uint32_t position_chars_ = 0;
};

// Puts a failed Status into the other side's error object.
inline mortise_status_t report(const Status& status, mortise_error_t* error) {
  if (status.is_ok()) return MORTISE_OK;
  if (error != nullptr) {
    error->set(error, status.sqlstate().data(), str_of(status.message()));
    for (const Status::Field& f : status.fields()) error->field(error, f.field, str_of(f.value));
    if (status.position_chars() != 0) error->position(error, status.position_chars());
  }
  return static_cast<mortise_status_t>(status.code());
}

// Runs `body` (returning Status or mortise_status_t) at the boundary: nothing is thrown past it.
template <typename Body>
mortise_status_t guard(mortise_error_t* error, Body&& body) noexcept {
  try {
    if constexpr (std::is_same_v<decltype(body()), Status>) {
      return report(body(), error);
    } else {
      return body();
    }
  } catch (const std::bad_alloc&) {
    if (error != nullptr) error->set(error, "53200", str_of("out of memory"));
    return MORTISE_E_NO_MEMORY;
  } catch (const std::exception& e) {
    if (error != nullptr) error->set(error, "XX000", str_of(e.what()));
    return MORTISE_E_INTERNAL;
  } catch (...) {
    if (error != nullptr) error->set(error, "XX000", str_of("unknown exception"));
    return MORTISE_E_INTERNAL;
  }
}

// Calls a third-party function that may throw and makes a Status of the exception.
template <typename Body>
Status contain(std::string_view sqlstate, Body&& body) noexcept {
  try {
    body();
    return {};
  } catch (const std::bad_alloc&) {
    return no_memory("out of memory");
  } catch (const std::exception& e) {
    return {Code::invalid, sqlstate, e.what()};
  } catch (...) {
    return internal("unknown exception");
  }
}

}  // namespace mortise
