// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what are this session's settings, and what happens to them when a transaction ends?
//
// The settings that PostgreSQL's clients set and show, with its names, defaults and messages, and
// names with a dot, which anybody may invent.  A SET takes effect at once; if its transaction or
// savepoint is rolled back it is undone, and SET LOCAL is undone at the end in any case.
//
// Invariants
//   G1  `undo_` holds, newest last, the value that each change inside a transaction replaced.
//
// Threads: the session's.

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mortise/cpp/result.hpp"

namespace mortise::sql_engine {

enum class SettingKind : uint8_t { text, boolean, integer, real, choice };

struct SettingRule {
  std::string_view name;
  SettingKind kind = SettingKind::text;
  std::string_view initial;
  std::string_view choices;  // comma separated; the first spelling is kept
  int64_t minimum = INT64_MIN;
  int64_t maximum = INT64_MAX;
  std::string_view unit;      // "ms", "kB", "8kB"
  bool is_read_only = false;  // 55P02 for SET
  bool is_reported = false;   // clients follow it
  std::string_view help;
};

// All rules, by name in lower case order.
const std::vector<SettingRule>& setting_rules();

class SessionSettings {
 public:
  // Called after a value has changed, with its name as the rules spell it.
  using Changed = std::function<void(const std::string& name, const std::string& value)>;
  // Checks what this class cannot (time zones).  May change the value to its proper spelling.
  using Check = std::function<Status(const SettingRule& rule, std::string& value)>;

  SessionSettings();

  void set_listeners(Changed changed, Check check) {
    changed_ = std::move(changed);
    check_ = std::move(check);
  }

  // 42704 for a name that does not exist.
  Result<std::string> get(std::string_view name) const;
  const std::string& value(std::string_view name) const;  // of a rule that is known to exist
  Status set(std::string_view name, std::string_view value, bool is_local);
  Status reset(std::string_view name);
  void reset_all();
  // A value that RESET returns to: from the start of the session; read-only ones may be set here.
  Status set_initial(std::string_view name, std::string_view value);

  // Marks to return to.
  void begin_transaction() { is_in_transaction_ = true; }
  size_t mark() const { return undo_.size(); }
  void roll_back_to(size_t mark);
  void end_transaction(bool is_committed);

  // A number that changes with every change that may alter the meaning of a statement.
  uint64_t generation() const { return generation_; }

  // name, value, help; by name.
  std::vector<std::vector<std::string>> all() const;

 private:
  struct Value {
    const SettingRule* rule = nullptr;  // null: a name with a dot
    std::string name;
    std::string value;
    std::string initial;
  };
  struct Undo {
    std::string key;
    std::string value;
    bool is_local = false;
  };

  Status normalize(const SettingRule& rule, std::string& value) const;
  void assign(const std::string& key, Value& entry, std::string value);
  void restore(const Undo& undo);

  std::map<std::string, Value, std::less<>> values_;  // by lower-case name
  std::vector<Undo> undo_;
  bool is_in_transaction_ = false;
  uint64_t generation_ = 1;
  Changed changed_;
  Check check_;
};

}  // namespace mortise::sql_engine
