// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: who uses how much memory, and may they have more?
//
// Accounts form a tree: the instance at the root, below it plugins and sessions, below those
// queries.  A charge counts in the account and in every account above it, and is refused when one
// of them would pass its budget.
//
// Invariants
//   M1  used(account) == own charges + used of all children.
//   M2  A refused charge has changed nothing.
//   M3  An account is empty (used == 0) and has no children when it is destroyed.
//   M4  A budget is never passed by charge(); force_charge() may, for what cannot be refused.
//
// Threads: [any, concurrent]; creation and destruction by the owner, parent outlives child.

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "mortise/cpp/result.hpp"

namespace mortise::memory {

inline constexpr uint64_t kNoBudget = UINT64_MAX;

// How full an account is against its budget: normal < 80 %, warning < 95 %, critical < 98 %.
enum class Pressure : uint8_t { normal, warning, critical, emergency };

class MemoryAccount {
 public:
  // `kind` and `name` appear in refusals: "query 17".
  MemoryAccount(std::string_view kind, std::string_view name, MemoryAccount* parent,
                uint64_t budget_bytes = kNoBudget);
  ~MemoryAccount();
  MemoryAccount(const MemoryAccount&) = delete;
  MemoryAccount& operator=(const MemoryAccount&) = delete;

  // `no_memory` 53200 naming the account whose budget is in the way, and who asked.
  Status charge(uint64_t bytes);
  // The same without the text: for hot paths and for callers that have another way.
  bool try_charge(uint64_t bytes);
  // Charges past the budget.  For what has already happened or must not fail (rollback).
  void force_charge(uint64_t bytes);
  // Precondition: that much was charged here.
  void release(uint64_t bytes);

  uint64_t used_bytes() const { return used_.load(std::memory_order_relaxed); }
  uint64_t peak_bytes() const { return peak_.load(std::memory_order_relaxed); }
  uint64_t budget_bytes() const { return budget_.load(std::memory_order_relaxed); }
  // May be below what is used: then nothing more is granted until enough is released.
  void set_budget_bytes(uint64_t budget_bytes) {
    budget_.store(budget_bytes, std::memory_order_relaxed);
  }
  // The worst of this account and those above it.
  Pressure pressure() const;
  uint64_t refusal_count() const { return refusals_.load(std::memory_order_relaxed); }

  const std::string& kind() const { return kind_; }
  const std::string& name() const { return name_; }
  MemoryAccount* parent() const { return parent_; }

 private:
  MemoryAccount* charge_upwards(uint64_t bytes);
  bool charge_here(uint64_t bytes);
  void note_peak(uint64_t used);
  Pressure own_pressure() const;

  const std::string kind_;
  const std::string name_;
  MemoryAccount* const parent_;
  std::atomic<uint64_t> budget_;
  std::atomic<uint64_t> used_{0};
  std::atomic<uint64_t> peak_{0};
  std::atomic<uint64_t> refusals_{0};
  std::atomic<uint32_t> children_{0};
};

// Releases at the end of the scope what it holds.
class Charge {
 public:
  Charge() = default;
  Charge(Charge&& other) noexcept;
  Charge& operator=(Charge&& other) noexcept;
  ~Charge() { reset(); }

  static Result<Charge> take(MemoryAccount& account, uint64_t bytes);
  uint64_t bytes() const { return bytes_; }
  // Changes the amount; a refusal leaves it as it was.
  Status resize(uint64_t bytes);
  void reset();

 private:
  Charge(MemoryAccount& account, uint64_t bytes) : account_(&account), bytes_(bytes) {}
  MemoryAccount* account_ = nullptr;
  uint64_t bytes_ = 0;
};

}  // namespace mortise::memory
