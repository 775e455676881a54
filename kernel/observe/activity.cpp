// SPDX-License-Identifier: Apache-2.0
#include "kernel/observe/activity.hpp"

#include <array>

#include "kernel/platform/clock.hpp"

namespace mortise::observe {

// The lock orders end() against cancel(); it is unranked because the hooks take their owner's
// locks.
struct Activities::Session {
  uint32_t generation = 0;
  platform::Mutex mutex;
  ActivityInfo info MORTISE_GUARDED_BY(mutex);
  Hooks hooks MORTISE_GUARDED_BY(mutex);
  bool ended MORTISE_GUARDED_BY(mutex) = false;
};

std::string_view name_of(ActivityState state) {
  static constexpr std::array<std::string_view, 4> kNames = {
      "idle", "active", "idle in transaction", "idle in transaction (aborted)"};
  return kNames[static_cast<size_t>(state)];
}

std::string_view Activities::clipped(std::string_view statement) const {
  if (statement.size() <= statement_bytes_max_) return statement;
  size_t size = statement_bytes_max_;
  while (size > 0 && (static_cast<unsigned char>(statement[size]) & 0xC0) == 0x80) --size;
  return statement.substr(0, size);
}

Result<uint64_t> Activities::begin(ActivityInfo info, const Hooks& hooks) {
  auto session = std::make_shared<Session>();
  info.statement.resize(clipped(info.statement).size());
  if (info.connected_us == 0) info.connected_us = platform::realtime_us();
  if (info.state_changed_us == 0) info.state_changed_us = info.connected_us;
  session->info = std::move(info);
  session->hooks = hooks;

  platform::ExclusiveLock lock(mutex_);
  if (sessions_.size() - free_.size() >= sessions_max_) {
    return Status(Code::limit, "53300",
                  "there are already " + std::to_string(sessions_max_) + " sessions");
  }
  session->generation = ++generation_;
  if (generation_ == 0) session->generation = ++generation_;
  if (free_.empty()) {
    free_.push_back(static_cast<uint32_t>(sessions_.size()));
    sessions_.emplace_back();
  }
  const uint32_t index = free_.back();
  free_.pop_back();
  const uint64_t handle = uint64_t{session->generation} << 32 | index;
  sessions_[index] = std::move(session);
  return handle;
}

std::shared_ptr<Activities::Session> Activities::find(uint64_t handle) const {
  platform::SharedLock lock(mutex_);
  const auto index = static_cast<uint32_t>(handle);
  if (index >= sessions_.size() || sessions_[index] == nullptr) return nullptr;
  return sessions_[index]->generation == handle >> 32 ? sessions_[index] : nullptr;
}

void Activities::set_state(uint64_t handle, ActivityState state, uint64_t txid,
                           std::string_view statement) {
  const std::shared_ptr<Session> session = find(handle);
  if (session == nullptr) return;
  const int64_t now_us = platform::realtime_us();
  platform::Lock lock(session->mutex);
  ActivityInfo& info = session->info;
  const bool in_transaction = state == ActivityState::idle_in_transaction ||
                              state == ActivityState::failed_in_transaction || txid != 0;
  if (!in_transaction && state == ActivityState::idle) {
    info.transaction_began_us = 0;
  } else if (info.transaction_began_us == 0) {
    info.transaction_began_us = now_us;
  }
  if (statement.data() != nullptr) {
    info.statement.assign(clipped(statement));
    info.statement_began_us = now_us;
  }
  info.state = state;
  info.txid = txid;
  info.state_changed_us = now_us;
}

void Activities::set_application_name(uint64_t handle, std::string_view name) {
  const std::shared_ptr<Session> session = find(handle);
  if (session == nullptr) return;
  platform::Lock lock(session->mutex);
  session->info.application_name.assign(name);
}

void Activities::end(uint64_t handle) {
  const std::shared_ptr<Session> session = find(handle);
  if (session == nullptr) return;
  {
    platform::ExclusiveLock lock(mutex_);
    const auto index = static_cast<uint32_t>(handle);
    sessions_[index] = nullptr;
    free_.push_back(index);
  }
  platform::Lock lock(session->mutex);
  session->ended = true;
}

void Activities::each(const std::function<bool(const ActivityInfo&)>& visit) const {
  for (size_t i = 0;; ++i) {
    std::shared_ptr<Session> session;
    {
      platform::SharedLock lock(mutex_);
      if (i >= sessions_.size()) return;
      session = sessions_[i];
    }
    if (session == nullptr) continue;
    ActivityInfo copy;
    {
      platform::Lock lock(session->mutex);
      copy = session->info;
    }
    if (!visit(copy)) return;
  }
}

bool Activities::call(uint32_t process_id, bool terminate) {
  std::shared_ptr<Session> session;
  {
    platform::SharedLock lock(mutex_);
    for (const auto& candidate : sessions_) {
      if (candidate == nullptr) continue;
      platform::Lock inner(candidate->mutex);
      if (candidate->info.process_id == process_id) session = candidate;
    }
  }
  if (session == nullptr) return false;
  platform::Lock lock(session->mutex);
  const auto hook = terminate ? session->hooks.terminate : session->hooks.cancel;
  if (session->ended || hook == nullptr) return false;
  hook(session->hooks.context);
  return true;
}

bool Activities::cancel(uint32_t process_id) {
  return call(process_id, false);
}

bool Activities::terminate(uint32_t process_id) {
  return call(process_id, true);
}

uint32_t Activities::count() const {
  platform::SharedLock lock(mutex_);
  return static_cast<uint32_t>(sessions_.size() - free_.size());
}

}  // namespace mortise::observe
