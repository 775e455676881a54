// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

#include "kernel/memory/arena.hpp"
#include "kernel/platform/mutex.hpp"
#include "kernel/plugin/service/lifetimes.hpp"
#include "kernel/plugin/service/services.hpp"
#include "mortise/cpp/boundary.hpp"
#include "mortise/cpp/plugin.hpp"
#include "mortise/iface/memory.h"

namespace mortise::plugin {

namespace {

struct Account;

// In front of every block.  As large as a block's alignment, so that the block is aligned too.
struct Block {
  Block* previous;
  Block* next;
  uint64_t charged_bytes;
  uint64_t front_bytes;
};
constexpr uint64_t kSmallFrontBytes = 32;
constexpr uint64_t kLargeFrontBytes = 64;
constexpr uint64_t kLargeBytesMin = 4096;
static_assert(sizeof(Block) == kSmallFrontBytes);

struct Arena {
  explicit Arena(Account& o);
  Account& owner;
  memory::Arena arena;
};

// What mortise_account_t points at.  Its lists exist for M2 only: closing gives everything back.
struct Account {
  Account(std::string_view kind, std::string_view name, memory::MemoryAccount* above,
          uint64_t budget_bytes, Account* parent_account)
      : account(kind, name, above, budget_bytes), parent(parent_account) {}

  memory::MemoryAccount account;
  Account* const parent;
  std::atomic<uint64_t> foreign_bytes{0};  // charged for memory that is not ours
  platform::Mutex mutex;                   // unranked: parents before children
  Block* blocks MORTISE_GUARDED_BY(mutex) = nullptr;
  std::vector<Arena*> arenas MORTISE_GUARDED_BY(mutex);
  std::vector<Account*> children MORTISE_GUARDED_BY(mutex);
};

Arena::Arena(Account& o) : owner(o), arena(o.account) {}

Account* root = nullptr;  // set while no plugin runs

Account& of(mortise_account_t* account) {
  return account == nullptr ? *root : *reinterpret_cast<Account*>(account);
}
Arena& of(mortise_arena_t* arena) {
  return *reinterpret_cast<Arena*>(arena);
}

void free_block(Block* block) {
  ::operator delete (static_cast<void*>(block), std::align_val_t{block->front_bytes});
}

void close(Account* account) {
  std::vector<Account*> children;
  {
    platform::Lock lock(account->mutex);
    children.swap(account->children);
  }
  for (Account* child : children) close(child);
  {
    platform::Lock lock(account->mutex);
    for (Arena* arena : account->arenas) delete arena;
    account->arenas.clear();
    while (account->blocks != nullptr) {
      Block* block = account->blocks;
      account->blocks = block->next;
      account->account.release(block->charged_bytes);
      free_block(block);
    }
  }
  const uint64_t foreign = account->foreign_bytes.load(std::memory_order_relaxed);
  if (foreign != 0) account->account.release(foreign);
  delete account;
}

mortise_status_t MORTISE_CALL account_open(mortise_account_t* parent, mortise_str_t name,
                                           uint64_t budget_bytes, mortise_account_t** account,
                                           mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    uint64_t budget = budget_bytes == 0 ? memory::kNoBudget : budget_bytes;
    const auto& limits = service_backends().memory_limits;
    if (parent == nullptr) {
      const auto limit = limits.find(view_of(name));
      if (limit != limits.end()) budget = std::min(budget, limit->second);
    }
    Account& above = of(parent);
    auto made = std::make_unique<Account>("account", view_of(name), &above.account, budget, &above);
    platform::Lock lock(above.mutex);
    above.children.push_back(made.get());
    *account = reinterpret_cast<mortise_account_t*>(made.release());
    return {};
  });
}

void MORTISE_CALL account_close(mortise_account_t* account) {
  if (account == nullptr) return;
  Account* closed = reinterpret_cast<Account*>(account);
  {
    platform::Lock lock(closed->parent->mutex);
    std::erase(closed->parent->children, closed);
  }
  close(closed);
}

mortise_status_t MORTISE_CALL charge(mortise_account_t* account, uint64_t size_bytes,
                                     mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    MORTISE_TRY(of(account).account.charge(size_bytes));
    of(account).foreign_bytes.fetch_add(size_bytes, std::memory_order_relaxed);
    return {};
  });
}

void MORTISE_CALL discharge(mortise_account_t* account, uint64_t size_bytes) {
  Account& a = of(account);
  const uint64_t before = a.foreign_bytes.fetch_sub(size_bytes, std::memory_order_relaxed);
  MORTISE_ASSERT(before >= size_bytes);
  a.account.release(size_bytes);
}

uint64_t MORTISE_CALL used_bytes(const mortise_account_t* account) {
  return of(const_cast<mortise_account_t*>(account)).account.used_bytes();
}

void* MORTISE_CALL allocate(mortise_account_t* account, uint64_t size_bytes,
                            mortise_error_t* error) {
  void* out = nullptr;
  (void)guard(error, [&]() -> Status {
    Account& a = of(account);
    const uint64_t front = size_bytes >= kLargeBytesMin ? kLargeFrontBytes : kSmallFrontBytes;
    if (size_bytes > UINT64_MAX / 2) return no_memory("a block of that size cannot exist");
    MORTISE_TRY(a.account.charge(front + size_bytes));
    void* place = ::operator new (front + size_bytes, std::align_val_t{front}, std::nothrow);
    if (place == nullptr) {
      a.account.release(front + size_bytes);
      return no_memory("the system has no more memory");
    }
    auto* block = new (place) Block{nullptr, nullptr, front + size_bytes, front};
    // The header stands right before the block, wherever the front begins.
    if (front != sizeof(Block)) {
      auto* tail = reinterpret_cast<Block*>(static_cast<std::byte*>(place) + front) - 1;
      *tail = {nullptr, nullptr, front + size_bytes, front};
    }
    platform::Lock lock(a.mutex);
    block->next = a.blocks;
    if (a.blocks != nullptr) a.blocks->previous = block;
    a.blocks = block;
    out = static_cast<std::byte*>(place) + front;
    return {};
  });
  return out;
}

void MORTISE_CALL release(mortise_account_t* account, void* memory) {
  if (memory == nullptr) return;
  Account& a = of(account);
  const uint64_t front = (reinterpret_cast<Block*>(memory) - 1)->front_bytes;
  auto* block = reinterpret_cast<Block*>(static_cast<std::byte*>(memory) - front);
  {
    platform::Lock lock(a.mutex);
    if (block->previous != nullptr) {
      block->previous->next = block->next;
    } else {
      a.blocks = block->next;
    }
    if (block->next != nullptr) block->next->previous = block->previous;
  }
  a.account.release(block->charged_bytes);
  free_block(block);
}

mortise_status_t MORTISE_CALL arena_open(mortise_account_t* account, mortise_arena_t** arena,
                                         mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    Account& a = of(account);
    auto made = std::make_unique<Arena>(a);
    platform::Lock lock(a.mutex);
    a.arenas.push_back(made.get());
    *arena = reinterpret_cast<mortise_arena_t*>(made.release());
    return {};
  });
}

void* MORTISE_CALL arena_allocate(mortise_arena_t* arena, uint64_t size_bytes,
                                  uint32_t alignment_bytes, mortise_error_t* error) {
  memory::Arena& a = of(arena).arena;
  void* place = a.allocate(size_bytes, std::max(alignment_bytes, 1U));
  if (place == nullptr) {
    (void)guard(error, [&]() -> Status { return a.refusal(); });
  }
  return place;
}

void MORTISE_CALL arena_reset(mortise_arena_t* arena) {
  of(arena).arena.reset();
}

void MORTISE_CALL arena_close(mortise_arena_t* arena) {
  if (arena == nullptr) return;
  const std::unique_ptr<Arena> closed(&of(arena));
  platform::Lock lock(closed->owner.mutex);
  std::erase(closed->owner.arenas, closed.get());
}

uint32_t MORTISE_CALL pressure() {
  return static_cast<uint32_t>(root->account.pressure());
}

constexpr mortise_iface_memory_t kTable = {header_of<mortise_iface_memory_t>(),
                                           account_open,
                                           account_close,
                                           charge,
                                           discharge,
                                           used_bytes,
                                           allocate,
                                           release,
                                           arena_open,
                                           arena_allocate,
                                           arena_reset,
                                           arena_close,
                                           pressure};

// Parent locked before child, as everywhere: no child is closed under our hands.
void sample(Account& account, const std::string& above, std::vector<AccountSample>* out) {
  const std::string name = above + " / " + account.account.name();
  out->push_back({name, account.account.used_bytes(), account.account.peak_bytes(),
                  account.account.budget_bytes()});
  platform::Lock lock(account.mutex);
  for (Account* child : account.children) sample(*child, name, out);
}

}  // namespace

const void* memory_table() {
  return &kTable;
}

void open_root_account() {
  root = new Account("plugins", "plugins", service_backends().memory, memory::kNoBudget, nullptr);
}

void close_root_account() {
  Account* closed = root;
  root = nullptr;
  close(closed);
}

std::vector<AccountSample> account_samples() {
  std::vector<AccountSample> out;
  const memory::MemoryAccount& instance = *service_backends().memory;
  out.push_back(
      {instance.name(), instance.used_bytes(), instance.peak_bytes(), instance.budget_bytes()});
  sample(*root, instance.name(), &out);
  return out;
}

}  // namespace mortise::plugin
