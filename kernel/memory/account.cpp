// SPDX-License-Identifier: Apache-2.0
#include "kernel/memory/account.hpp"

#include <algorithm>
#include <utility>

#include "mortise/cpp/assert.hpp"

namespace mortise::memory {

MemoryAccount::MemoryAccount(std::string_view kind, std::string_view name, MemoryAccount* parent,
                             uint64_t budget_bytes)
    : kind_(kind), name_(name), parent_(parent), budget_(budget_bytes) {
  if (parent_ != nullptr) parent_->children_.fetch_add(1, std::memory_order_relaxed);
}

MemoryAccount::~MemoryAccount() {
  MORTISE_ASSERT(used_.load(std::memory_order_acquire) == 0);      // M3
  MORTISE_ASSERT(children_.load(std::memory_order_acquire) == 0);  // M3
  if (parent_ != nullptr) parent_->children_.fetch_sub(1, std::memory_order_release);
}

void MemoryAccount::note_peak(uint64_t used) {
  uint64_t peak = peak_.load(std::memory_order_relaxed);
  while (used > peak && !peak_.compare_exchange_weak(peak, used, std::memory_order_relaxed)) {
  }
}

bool MemoryAccount::charge_here(uint64_t bytes) {
  const uint64_t budget = budget_.load(std::memory_order_relaxed);
  uint64_t used = used_.load(std::memory_order_relaxed);
  do {
    if (bytes > budget || used > budget - bytes) return false;  // M4
  } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
  note_peak(used + bytes);
  return true;
}

// The account that refuses, or nullptr.
MemoryAccount* MemoryAccount::charge_upwards(uint64_t bytes) {
  for (MemoryAccount* account = this; account != nullptr; account = account->parent_) {
    if (account->charge_here(bytes)) continue;
    account->refusals_.fetch_add(1, std::memory_order_relaxed);
    for (MemoryAccount* undo = this; undo != account; undo = undo->parent_) {
      undo->used_.fetch_sub(bytes, std::memory_order_release);  // M2
    }
    return account;
  }
  return nullptr;
}

bool MemoryAccount::try_charge(uint64_t bytes) {
  return charge_upwards(bytes) == nullptr;
}

Status MemoryAccount::charge(uint64_t bytes) {
  const MemoryAccount* refuser = charge_upwards(bytes);
  if (refuser == nullptr) return {};
  std::string message = "out of memory: " + refuser->kind_ + " \"" + refuser->name_ + "\" has " +
                        std::to_string(refuser->budget_bytes()) + " bytes, " +
                        std::to_string(refuser->used_bytes()) + " are in use, " +
                        std::to_string(bytes) + " more are wanted";
  if (refuser != this) message += " by " + kind_ + " \"" + name_ + "\"";
  return no_memory(std::move(message));
}

void MemoryAccount::force_charge(uint64_t bytes) {
  for (MemoryAccount* account = this; account != nullptr; account = account->parent_) {
    const uint64_t before = account->used_.fetch_add(bytes, std::memory_order_relaxed);
    MORTISE_ASSERT(before + bytes >= before);
    account->note_peak(before + bytes);
  }
}

void MemoryAccount::release(uint64_t bytes) {
  for (MemoryAccount* account = this; account != nullptr; account = account->parent_) {
    const uint64_t before = account->used_.fetch_sub(bytes, std::memory_order_release);
    MORTISE_ASSERT(before >= bytes);
  }
}

Pressure MemoryAccount::own_pressure() const {
  const uint64_t budget = budget_bytes();
  if (budget == kNoBudget) return Pressure::normal;
  const double part =
      budget == 0 ? 1.0 : static_cast<double>(used_bytes()) / static_cast<double>(budget);
  if (part < 0.80) return Pressure::normal;
  if (part < 0.95) return Pressure::warning;
  if (part < 0.98) return Pressure::critical;
  return Pressure::emergency;
}

Pressure MemoryAccount::pressure() const {
  Pressure worst = Pressure::normal;
  for (const MemoryAccount* account = this; account != nullptr; account = account->parent_) {
    worst = std::max(worst, account->own_pressure());
  }
  return worst;
}

Charge::Charge(Charge&& other) noexcept
    : account_(std::exchange(other.account_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

Charge& Charge::operator=(Charge&& other) noexcept {
  if (this != &other) {
    reset();
    account_ = std::exchange(other.account_, nullptr);
    bytes_ = std::exchange(other.bytes_, 0);
  }
  return *this;
}

Result<Charge> Charge::take(MemoryAccount& account, uint64_t bytes) {
  MORTISE_TRY(account.charge(bytes));
  return Charge(account, bytes);
}

Status Charge::resize(uint64_t bytes) {
  MORTISE_ASSERT(account_ != nullptr);
  if (bytes > bytes_) MORTISE_TRY(account_->charge(bytes - bytes_));
  if (bytes < bytes_) account_->release(bytes_ - bytes);
  bytes_ = bytes;
  return {};
}

void Charge::reset() {
  if (account_ != nullptr) account_->release(bytes_);
  account_ = nullptr;
  bytes_ = 0;
}

}  // namespace mortise::memory
