// SPDX-License-Identifier: Apache-2.0
#include "kernel/txn/commit_queue.hpp"

#include <algorithm>

#include "mortise/cpp/assert.hpp"

namespace mortise::txn {

uint64_t CommitQueue::enter(Scn scn) {
  platform::Lock lock(mutex_);
  if (!entries_.empty()) MORTISE_ASSERT(entries_.back().scn < scn);
  entries_.emplace_back();
  entries_.back().scn = scn;
  return first_ticket_ + entries_.size() - 1;
}

void CommitQueue::advance_locked() {
  while (!entries_.empty()) {
    Entry& first = entries_.front();
    if (!first.is_ready || (!first.is_lazy && first.end > durable_)) break;
    MORTISE_ASSERT(raw(first.scn) > visible_.load(std::memory_order_relaxed));
    visible_.store(raw(first.scn), std::memory_order_seq_cst);
    if (first.on_visible) first.on_visible();  // Q2
    told_.store(raw(first.scn), std::memory_order_seq_cst);
    entries_.pop_front();
    ++first_ticket_;
  }
}

std::vector<CommitQueue::Waiter> CommitQueue::take_waiters() {
  std::vector<Waiter> told;
  for (size_t i = 0; i < waiters_.size();) {
    if (waiters_[i].scn <= visible() || !failure_.is_ok()) {
      told.push_back(std::move(waiters_[i]));
      waiters_[i] = std::move(waiters_.back());
      waiters_.pop_back();
    } else {
      ++i;
    }
  }
  return told;
}

void CommitQueue::ready(uint64_t ticket, Lsn end, bool is_lazy, UniqueFunction<void()> on_visible) {
  std::vector<Waiter> told;
  Status failure;
  {
    platform::Lock lock(mutex_);
    MORTISE_ASSERT(ticket >= first_ticket_);
    Entry& entry = entries_[ticket - first_ticket_];
    entry.end = end;
    entry.is_lazy = is_lazy;
    entry.on_visible = std::move(on_visible);
    entry.is_ready = true;
    advance_locked();
    told = take_waiters();
    failure = failure_;
    changed_.notify_all();
  }
  for (Waiter& waiter : told) waiter.done(failure);
}

void CommitQueue::advance(Lsn durable) {
  std::vector<Waiter> told;
  Status failure;
  {
    platform::Lock lock(mutex_);
    durable_ = std::max(durable_, durable);
    advance_locked();
    told = take_waiters();
    failure = failure_;
    changed_.notify_all();
  }
  for (Waiter& waiter : told) waiter.done(failure);
}

Status CommitQueue::wait_visible(Scn scn) {
  if (visible() >= scn) return {};
  platform::Lock lock(mutex_);
  while (visible() < scn) {
    if (!failure_.is_ok()) return failure_;
    changed_.wait(mutex_);
  }
  return {};
}

Status CommitQueue::wait_told(Scn scn) {
  if (told() >= scn) return {};
  platform::Lock lock(mutex_);
  while (told() < scn) {
    if (!failure_.is_ok()) return failure_;
    changed_.wait(mutex_);
  }
  return {};
}

Status CommitQueue::wait_entered() {
  Scn last{};
  {
    platform::Lock lock(mutex_);
    if (entries_.empty()) return {};
    last = entries_.back().scn;
  }
  return wait_told(last);
}

void CommitQueue::when_visible(Scn scn, UniqueFunction<void(const Status&)> done) {
  Status failure;
  {
    platform::Lock lock(mutex_);
    if (visible() < scn && failure_.is_ok()) {
      waiters_.push_back({scn, std::move(done)});
      return;
    }
    if (visible() < scn) failure = failure_;
  }
  done(failure);
}

void CommitQueue::fail(const Status& reason) {
  std::vector<Waiter> told;
  {
    platform::Lock lock(mutex_);
    if (failure_.is_ok()) failure_ = reason;
    told = take_waiters();
    changed_.notify_all();
  }
  for (Waiter& waiter : told) waiter.done(reason);
}

}  // namespace mortise::txn
