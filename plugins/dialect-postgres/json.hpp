// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what does a node of the grammar's JSON hold?
//
// A read-only face over simdjson's tree in which everything that is absent has a value: libpg_query
// leaves out members that are zero, false or empty, so absence is the common case and never an
// error.  Node-valued members are wrapped once more in an object whose only key is the node's type:
// type() and body() take the wrapper off.
//
// Threads: [any]; borrows the parser's memory.

#include <simdjson.h>

#include <cstdint>
#include <string_view>

namespace mortise::dialect_postgres {

class Json {
 public:
  Json() = default;
  explicit Json(simdjson::dom::element element) : element_(element), is_present_(true) {}

  bool is_present() const { return is_present_; }
  explicit operator bool() const { return is_present_; }

  Json operator[](std::string_view key) const {
    simdjson::dom::element value;
    if (!is_present_ || element_[key].get(value) != simdjson::SUCCESS) return {};
    return Json(value);
  }
  // The text of a member, or of this value itself.
  std::string_view text(std::string_view key) const { return (*this)[key].text(); }
  std::string_view text() const {
    std::string_view value;
    if (!is_present_ || element_.get(value) != simdjson::SUCCESS) return {};
    return value;
  }
  int64_t number(std::string_view key) const {
    int64_t value = 0;
    const Json member = (*this)[key];
    if (!member || member.element_.get(value) != simdjson::SUCCESS) return 0;
    return value;
  }
  bool flag(std::string_view key) const {
    bool value = false;
    const Json member = (*this)[key];
    return member && member.element_.get(value) == simdjson::SUCCESS && value;
  }

  // Calls body(Json) for each entry of a list member; nothing when it is absent.
  template <typename Body>
  void each(std::string_view key, Body&& body) const {
    (*this)[key].each(body);
  }
  template <typename Body>
  void each(Body&& body) const {
    simdjson::dom::array entries;
    if (!is_present_ || element_.get(entries) != simdjson::SUCCESS) return;
    for (simdjson::dom::element entry : entries) body(Json(entry));
  }
  uint64_t size() const {
    simdjson::dom::array entries;
    if (!is_present_ || element_.get(entries) != simdjson::SUCCESS) return 0;
    return entries.size();
  }

  // The wrapper's only key: "SelectStmt"; empty for nothing.
  std::string_view type() const {
    simdjson::dom::object object;
    if (!is_present_ || element_.get(object) != simdjson::SUCCESS) return {};
    auto first = object.begin();
    return first == object.end() ? std::string_view() : first.key();
  }
  Json body() const {
    simdjson::dom::object object;
    if (!is_present_ || element_.get(object) != simdjson::SUCCESS) return {};
    auto first = object.begin();
    return first == object.end() ? Json() : Json(first.value());
  }

 private:
  simdjson::dom::element element_;
  bool is_present_ = false;
};

}  // namespace mortise::dialect_postgres
