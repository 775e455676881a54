// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what objects exist, as this view sees them?
//
// Rows of a heap table of its own (kind, id, parent, name, version, body), so DDL is as
// transactional and durable as data.  All versions that any view may ask for stand in memory too,
// keyed by the SCNs between which they were current; a transaction's own changes stand beside them
// until it ends.
//
// Invariants (K1..K3 of iface/catalog.h)
//   C1  A commit's versions are in place before visible_scn reaches its SCN.
//   C2  The epoch changes after a commit has become visible and before it is answered; so what was
//       cached under an older epoch is looked at again.
//   C3  Two transactions cannot give one name: the name is locked until the first has ended.
//
// A view sees its own transaction's changes of commands before its own, or all of them with
// MORTISE_READ_LATEST.
//
// Threads: [any, concurrent]; a Transaction by one thread at a time.

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "kernel/heap/heap.hpp"
#include "mortise/iface/catalog.h"

namespace mortise::catalog {

struct ObjectData {
  uint32_t kind = 0;
  mortise_object_id_t id = 0;
  mortise_object_id_t parent = 0;
  std::string name;
  uint64_t version = 0;
  std::vector<uint8_t> body;
};
using ObjectPtr = std::shared_ptr<const ObjectData>;

class SystemCatalog {
 public:
  explicit SystemCatalog(heap::Heap& heap) : heap_(heap) {}

  // Finds or makes the table and reads it.  [control]
  Status open();

  // `not_found` 42704.
  Result<ObjectPtr> get(const mortise_read_view_t& view, uint32_t kind, mortise_object_id_t id);
  Result<ObjectPtr> find(const mortise_read_view_t& view, uint32_t kind,
                         mortise_object_id_t parent, std::string_view name);
  // In the order of ids; parent 0 = all.
  std::vector<ObjectPtr> list(const mortise_read_view_t& view, uint32_t kind,
                              mortise_object_id_t parent);

  Result<mortise_object_id_t> next_id();
  // `duplicate` 42710, `conflict` 40001.
  Status put(txn::Transaction& txn, ObjectData object);
  Status erase(txn::Transaction& txn, uint32_t kind, mortise_object_id_t id);
  uint64_t epoch() const { return epoch_.load(std::memory_order_seq_cst); }

  // Forgets versions that no view from `horizon` on can see.
  void prune(Scn horizon);

 private:
  using Key = std::pair<uint32_t, mortise_object_id_t>;              // kind, id
  using NameKey = std::tuple<uint32_t, mortise_object_id_t, std::string>;  // kind, parent, name

  struct Version {
    Scn from{};
    Scn until = kScnMax;  // the first SCN that does not see it
    ObjectPtr object;
  };
  struct Object {
    mortise_row_id_t row_id = 0;
    std::vector<Version> versions;  // oldest first
  };
  // A change of a running transaction.
  struct Change {
    Key key;
    uint32_t command = 0;
    uint64_t savepoint = 0;  // the newest one when it was made
    ObjectPtr object;        // null: erased
    mortise_row_id_t row_id = 0;
  };
  struct Own {
    std::vector<Change> changes;
  };

  Status create_table();
  Status load();
  Status load_row(const mortise_batch_t& batch, uint32_t i);
  const Own* own_of(const mortise_read_view_t& view) const MORTISE_REQUIRES_SHARED(mutex_);
  ObjectPtr seen(const mortise_read_view_t& view, const Key& key) const
      MORTISE_REQUIRES_SHARED(mutex_);
  // The newest state for a writer: its own, else the newest commit's.
  ObjectPtr newest(TxnId txn, const Key& key, mortise_row_id_t& row_id) const
      MORTISE_REQUIRES_SHARED(mutex_);
  bool is_name_free(TxnId txn, const ObjectData& object) const MORTISE_REQUIRES_SHARED(mutex_);
  Status lock_name(txn::Transaction& txn, uint32_t kind, mortise_object_id_t parent,
                   std::string_view name);
  Result<mortise_row_id_t> write_row(txn::Transaction& txn, const ObjectData& object,
                                     mortise_row_id_t row_id);
  Status erase_row(txn::Transaction& txn, mortise_row_id_t row_id);
  void note_change(txn::Transaction& txn, Change change);
  void commit_changes(TxnId txn, Scn scn);
  void forget_changes(TxnId txn, uint64_t savepoint);
  Status reserve_ids();

  heap::Heap& heap_;
  std::unique_ptr<heap::Table> table_;
  std::atomic<uint64_t> epoch_{1};

  platform::Mutex id_mutex_{platform::LockRank::catalog};
  uint64_t next_id_ MORTISE_GUARDED_BY(id_mutex_) = MORTISE_OBJECT_ID_USER_MIN;
  uint64_t ids_reserved_ MORTISE_GUARDED_BY(id_mutex_) = MORTISE_OBJECT_ID_USER_MIN;
  mortise_row_id_t id_row_ MORTISE_GUARDED_BY(id_mutex_) = 0;

  mutable platform::SharedMutex mutex_{platform::LockRank::leaf};
  std::map<Key, Object> objects_ MORTISE_GUARDED_BY(mutex_);
  std::map<NameKey, std::set<mortise_object_id_t>> names_ MORTISE_GUARDED_BY(mutex_);
  std::unordered_map<uint64_t, Own> own_ MORTISE_GUARDED_BY(mutex_);
};

}  // namespace mortise::catalog
