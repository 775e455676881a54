// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a directory become a database that plugins can work with?
//
//   Database::create(io, "data", options);                       // once
//   MORTISE_TRY_ASSIGN(auto database, Database::open(io, "data", options));
//   registry.offer(MORTISE_IFACE_TXN, "", txn_service()); ...     // database_services.hpp
//   database->close();
//
// Storage (recovered), transactions, the row heap, the system catalog and the bootstrap catalog, in
// the order in which they need each other.  One Database is open in a process at a time: the tables
// of the C ABI find it through Database::current().
//
// Invariants
//   D1  When open() has answered, every acknowledged commit is there and no other change.
//   D2  close() leaves a directory that opens without redo; without it, opening recovers.
//
// Threads: create, open, close [control]; the parts as their headers say.

#include <memory>
#include <string>

#include "kernel/catalog/bootstrap.hpp"
#include "kernel/catalog/system_catalog.hpp"
#include "kernel/heap/heap.hpp"
#include "kernel/memory/account.hpp"
#include "kernel/memory/pressure_watch.hpp"
#include "kernel/platform/thread.hpp"
#include "kernel/recovery/storage.hpp"
#include "kernel/txn/txn_manager.hpp"

namespace mortise::catalog {

struct DatabaseOptions {
  recovery::StorageOptions storage;
  txn::TxnSettings txns;
  // Whom scans' memory is charged to; null: an account of the database's own.
  memory::MemoryAccount* account = nullptr;
  // Who makes large values smaller; outlives the database.  `large_value_codec` empty: nobody does.
  heap::Codecs* codecs = nullptr;
  std::string large_value_codec;
  // Purges and drops undo in the background; false: the caller calls maintain().
  bool maintenance_thread = true;
  // Where the bootstrap catalog stands; empty: `directory`/bootstrap.sqlite.  ":memory:" goes with
  // a simulated disk, which SQLite cannot use.
  std::string bootstrap_path;
};

class Database {
 public:
  // Makes `directory` (its parent exists).  `duplicate` when it is not empty.
  static Status create(platform::IoBackend& io, const std::string& directory,
                       DatabaseOptions options);
  // Fails as Storage::open; `invalid` when bootstrap catalog and storage are of different
  // instances.
  static Result<std::unique_ptr<Database>> open(platform::IoBackend& io,
                                                const std::string& directory,
                                                DatabaseOptions options);
  // As a crash, unless close() came before.
  ~Database();
  // No transaction is running any more.
  Status close();

  // The open one.  Precondition: there is one.
  static Database& current();

  recovery::Storage& storage() { return *storage_; }
  txn::TxnManager& txns() { return txns_; }
  heap::Heap& heap() { return heap_; }
  SystemCatalog& catalog() { return catalog_; }
  Bootstrap& bootstrap() { return *bootstrap_; }
  // Recovery in a line, for the log.
  std::string recovery_text() const;

  // One round of purge and undo dropping.
  Status maintain();

 private:
  Database(memory::MemoryAccount* account, const txn::TxnSettings& settings);
  void run_maintenance();
  void watch_memory();
  void stop_maintenance();

  memory::MemoryAccount own_account_;
  txn::TxnManager txns_;
  heap::Heap heap_;
  std::unique_ptr<recovery::Storage> storage_;
  std::unique_ptr<Bootstrap> bootstrap_;
  SystemCatalog catalog_;

  memory::PressureWatch pressure_;
  platform::Mutex mutex_{platform::LockRank::leaf};
  platform::CondVar wake_;
  bool is_stopping_ MORTISE_GUARDED_BY(mutex_) = false;
  platform::Thread maintenance_;
};

}  // namespace mortise::catalog
