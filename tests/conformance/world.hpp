// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a conformance suite get a kernel that its provider can work with, and that can
//          crash at any moment?
//
// A Database on a simulated disk, its service tables behind a mortise_host_t, and the provider that
// is linked with the suite, started over it.  After a crash or a close the provider is stopped and
// started again, as in a new process.
//
// Threads: create, open, close, crash by one thread; tables as their interfaces say.

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "kernel/catalog/database.hpp"
#include "kernel/platform/sim_disk.hpp"
#include "mortise/cpp/plugin.hpp"
#include "mortise/iface/txn.h"

namespace mortise::conformance {

struct WorldOptions {
  uint64_t seed = 1;
  uint64_t pool_bytes = uint64_t{16} << 20;
  bool with_threads = false;  // background work as in a server; false: maintain() does it
  uint32_t lock_timeout_ms = 20'000;
  // Null: the provider is a table of the kernel.
  const mortise_plugin_t* plugin = nullptr;
};

// Runs `body(mortise_error_t*)` and gives its end as a Status; E1 is checked on the way.
template <typename Body>
Status call(Body&& body) {
  ErrorSlot slot;
  const Status status = slot.status(body(slot.get()));
  if (!status) CHECK(status.message() != "a call failed without a reason");
  return status;
}
void require_ok(const Status& status);

class World {
 public:
  explicit World(WorldOptions options);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  platform::SimDisk& disk() { return disk_; }
  catalog::Database& database() { return *database_; }
  const mortise_iface_txn_t& txns() const { return *txns_; }
  // A table of the kernel's, or null.
  static const void* kernel_service(std::string_view interface_id, std::string_view slot = {});
  // The provider's table: of the plugin, else of the kernel.
  const void* table(std::string_view interface_id, std::string_view slot) const;

  Status try_open();
  void open() { require_ok(try_open()); }
  void close();
  // The power fails; `at` decides what is on disk.  Nothing is open afterwards.
  void crash(uint64_t at);
  // Everything that was logged until now outlives a crash.
  Status make_durable();
  // One round of the work that threads do in a server: purge, cleaning, checkpoint.
  Status maintain();

 private:
  struct HostFace {
    mortise_host_t host;
    World* world;
  };
  static const void* find_interface(const mortise_host_t* host, mortise_str_t interface_id,
                                    mortise_str_t slot);
  catalog::DatabaseOptions database_options() const;
  void stop_plugin();

  const WorldOptions options_;
  platform::SimDisk disk_;
  memory::MemoryAccount account_{"instance", "test", nullptr};
  HostFace host_;
  const mortise_iface_txn_t* txns_;
  std::unique_ptr<catalog::Database> database_;
  void* plugin_instance_ = nullptr;
  bool plugin_runs_ = false;
};

// A transaction in its first statement; aborted by the destructor unless it has ended.
class Txn {
 public:
  explicit Txn(World& world, uint32_t isolation = MORTISE_ISOLATION_READ_COMMITTED,
               const mortise_txn_options_t* options = nullptr);
  ~Txn();
  Txn(const Txn&) = delete;
  Txn& operator=(const Txn&) = delete;

  mortise_txn_t* get() const { return txn_; }
  const mortise_read_view_t* view() const { return &view_; }
  void next_statement();
  uint64_t savepoint();
  Status rollback_to(uint64_t savepoint);
  Status commit(uint32_t durability = MORTISE_DURABILITY_DURABLE);
  void abort();
  // The instance has crashed under it.
  void forget() { txn_ = nullptr; }

 private:
  World& world_;
  mortise_txn_t* txn_ = nullptr;
  mortise_read_view_t view_{};
};

// Collects what `verify` finds: CHECK(verify(...) == "").
template <typename Verify>
std::string findings_of(Verify&& verify) {
  std::string findings;
  const Status status = call([&](mortise_error_t* error) {
    return verify(
        [](void* context, mortise_str_t finding) {
          static_cast<std::string*>(context)->append(view_of(finding)).append("\n");
        },
        &findings, error);
  });
  if (!status) findings.append(status.message());
  return findings;
}

}  // namespace mortise::conformance
