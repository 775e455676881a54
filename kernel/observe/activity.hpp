// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: who is connected, and what are they doing?
//
// Invariants
//   Y1  After end() has returned, no cancel or terminate of that session runs or will run.
//   Y2  A handle of an ended session does nothing: its generation is past.
//   Y3  At most sessions_max sessions at a time; the next one is refused with 53300.
//
// Threads: [any, concurrent]; calls on one handle do not overlap.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/platform/mutex.hpp"
#include "mortise/cpp/result.hpp"

namespace mortise::observe {

// Numbers equal the ABI's (mortise/iface/activity.h).
enum class ActivityState : uint8_t { idle, active, idle_in_transaction, failed_in_transaction };

// As pg_stat_activity writes it: "idle in transaction".
std::string_view name_of(ActivityState state);

struct ActivityInfo {
  uint32_t process_id = 0;
  std::string user;
  std::string database;
  std::string application_name;
  std::string client_address;
  std::string statement;
  ActivityState state = ActivityState::idle;
  uint64_t txid = 0;
  int64_t connected_us = 0;
  int64_t transaction_began_us = 0;  // 0 = outside of one
  int64_t statement_began_us = 0;
  int64_t state_changed_us = 0;
};

class Activities {
 public:
  struct Hooks {
    void (*cancel)(void* context) = nullptr;
    void (*terminate)(void* context) = nullptr;
    void* context = nullptr;
  };

  Activities(uint32_t sessions_max, uint64_t statement_bytes_max)
      : sessions_max_(sessions_max), statement_bytes_max_(statement_bytes_max) {}
  Activities(const Activities&) = delete;
  Activities& operator=(const Activities&) = delete;

  // Handle: generation:32 | index:32, never 0.
  Result<uint64_t> begin(ActivityInfo info, const Hooks& hooks);
  // A statement without data leaves the last one.
  void set_state(uint64_t handle, ActivityState state, uint64_t txid, std::string_view statement);
  void set_application_name(uint64_t handle, std::string_view name);
  void end(uint64_t handle);

  // Copies, one session at a time: a visitor may be slow.
  void each(const std::function<bool(const ActivityInfo&)>& visit) const;
  // True if there was such a session.
  bool cancel(uint32_t process_id);
  bool terminate(uint32_t process_id);
  uint32_t count() const;

 private:
  struct Session;

  std::shared_ptr<Session> find(uint64_t handle) const;
  bool call(uint32_t process_id, bool terminate);
  std::string_view clipped(std::string_view statement) const;

  const uint32_t sessions_max_;
  const uint64_t statement_bytes_max_;
  mutable platform::SharedMutex mutex_{platform::LockRank::metrics};
  std::vector<std::shared_ptr<Session>> sessions_ MORTISE_GUARDED_BY(mutex_);  // null = free
  std::vector<uint32_t> free_ MORTISE_GUARDED_BY(mutex_);
  uint32_t generation_ MORTISE_GUARDED_BY(mutex_) = 0;
};

}  // namespace mortise::observe
