// SPDX-License-Identifier: Apache-2.0
#include "kernel/catalog/system_catalog.hpp"

#include <algorithm>

#include "kernel/base/hash64.hpp"
#include "kernel/heap/row_reader.hpp"

namespace mortise::catalog {
namespace {

// The owner's tag of the catalog's segment, and the object id of its table.
constexpr uint64_t kCatalogTag = 1;
// The row that says up to where ids were given out has this kind.
constexpr uint32_t kIdRowKind = 0;
constexpr uint64_t kIdsPerReservation = 1024;

constexpr mortise_type_t type_of(uint16_t physical) {
  return {0, -1, physical, 0, 0, 0};
}
constexpr mortise_table_column_t kColumns[] = {
    {type_of(MORTISE_PHYSICAL_INT64), 0, 0, nullptr},  // kind
    {type_of(MORTISE_PHYSICAL_INT64), 0, 0, nullptr},  // id
    {type_of(MORTISE_PHYSICAL_INT64), 0, 0, nullptr},  // parent
    {type_of(MORTISE_PHYSICAL_TEXT), 0, 0, nullptr},   // name
    {type_of(MORTISE_PHYSICAL_INT64), 0, 0, nullptr},  // version
    {type_of(MORTISE_PHYSICAL_BYTES), 0, 0, nullptr},  // body
};
constexpr uint32_t kColumnCount = 6;

mortise_table_desc_t catalog_desc(SegmentId segment) {
  mortise_table_desc_t desc{};
  desc.struct_size_bytes = sizeof(desc);
  desc.columns_count = kColumnCount;
  desc.columns = kColumns;
  desc.object = kCatalogTag;
  desc.segment = raw(segment);
  return desc;
}

// One row as a batch of the catalog's columns.
class RowImage {
 public:
  explicit RowImage(const ObjectData& object, mortise_row_id_t row_id = 0) : row_id_(row_id) {
    numbers_[0][0] = object.kind;
    numbers_[1][0] = object.id;
    numbers_[2][0] = object.parent;
    numbers_[3][0] = static_cast<int64_t>(object.version);
    name_[0] = scan::make_view(object.name.data(), static_cast<uint32_t>(object.name.size()));
    body_[0] = scan::make_view(object.body.data(), static_cast<uint32_t>(object.body.size()));
    const void* data[kColumnCount] = {numbers_[0], numbers_[1], numbers_[2],
                                      name_,       numbers_[3], body_};
    for (uint32_t i = 0; i < kColumnCount; ++i) {
      columns_[i] = {nullptr, data[i], 0, 0};
      types_[i] = kColumns[i].type;
    }
    batch_.struct_size_bytes = sizeof(batch_);
    batch_.rows_count = 1;
    batch_.selected_count = 1;
    batch_.columns_count = kColumnCount;
    batch_.columns = columns_;
    batch_.types = types_;
    batch_.row_ids = &row_id_;
  }
  RowImage(const RowImage&) = delete;
  RowImage& operator=(const RowImage&) = delete;
  const mortise_batch_t& batch() const { return batch_; }

 private:
  mortise_row_id_t row_id_;
  int64_t numbers_[4][8] = {};
  mortise_view_t name_[4] = {};
  mortise_view_t body_[4] = {};
  mortise_column_t columns_[kColumnCount];
  mortise_type_t types_[kColumnCount];
  mortise_batch_t batch_{};
};

std::span<const uint8_t> bytes_at(const mortise_batch_t& batch, uint32_t column, uint32_t i) {
  const auto& view = static_cast<const mortise_view_t*>(batch.columns[column].data)[i];
  return {scan::view_data(view), view.size_bytes};
}
int64_t number_at(const mortise_batch_t& batch, uint32_t column, uint32_t i) {
  return static_cast<const int64_t*>(batch.columns[column].data)[i];
}

Status gone(uint32_t kind, mortise_object_id_t id) {
  return not_found("object does not exist: kind " + std::to_string(kind) + " id " +
                   std::to_string(id));
}

}  // namespace

Status SystemCatalog::open() {
  MORTISE_TRY_ASSIGN(const std::vector<space::SegmentInfo> segments,
                     heap_.storage().spaces().list_segments(SpaceId{0}));
  SegmentId segment = kNoSegment;
  for (const space::SegmentInfo& info : segments) {
    if (info.owner_tag == kCatalogTag && !info.dropping) segment = info.id;
  }
  if (segment == kNoSegment) {
    MORTISE_TRY_ASSIGN(txn::Transaction* const txn, heap_.txns().begin({}));
    Result<SegmentId> made = heap_.create(*txn, catalog_desc(kNoSegment));
    if (!made) {
      heap_.txns().abort(txn);
      return std::move(made.error());
    }
    MORTISE_TRY(heap_.txns().commit(txn, txn::Durability::durable));
    segment = *made;
  }
  MORTISE_TRY_ASSIGN(table_, heap::Table::open(heap_, catalog_desc(segment)));
  return load();
}

Status SystemCatalog::load() {
  MORTISE_TRY_ASSIGN(const mortise_read_view_t view, heap_.txns().read_open(kNoScn));
  heap::ScanOptions options;
  options.columns = {0, 1, 2, 3, 4, 5};
  options.wants_row_ids = true;
  Status status;
  {
    MORTISE_TRY_ASSIGN(auto reader, heap::RowReader::open(*table_, nullptr, view, options));
    for (;;) {
      mortise_batch_t batch;
      Result<bool> more = reader->next(batch);
      status = more.status();
      if (!more || !*more) break;
      for (uint32_t i = 0; i < batch.rows_count && status; ++i) status = load_row(batch, i);
    }
  }
  heap_.txns().read_close(view);
  return status;
}

Status SystemCatalog::load_row(const mortise_batch_t& batch, uint32_t i) {
  auto object = std::make_shared<ObjectData>();
  object->kind = static_cast<uint32_t>(number_at(batch, 0, i));
  object->id = static_cast<mortise_object_id_t>(number_at(batch, 1, i));
  object->parent = static_cast<mortise_object_id_t>(number_at(batch, 2, i));
  const auto name = bytes_at(batch, 3, i);
  object->name.assign(reinterpret_cast<const char*>(name.data()), name.size());
  object->version = static_cast<uint64_t>(number_at(batch, 4, i));
  const auto body = bytes_at(batch, 5, i);
  object->body.assign(body.begin(), body.end());
  if (object->kind == kIdRowKind) {
    platform::Lock lock(id_mutex_);
    next_id_ = ids_reserved_ = object->version;
    id_row_ = batch.row_ids[i];
    return {};
  }
  platform::ExclusiveLock lock(mutex_);
  Object& entry = objects_[{object->kind, object->id}];
  if (!entry.versions.empty()) {
    return corrupt("catalog has two rows of kind " + std::to_string(object->kind) + " id " +
                   std::to_string(object->id));
  }
  entry.row_id = batch.row_ids[i];
  names_[{object->kind, object->parent, object->name}].insert(object->id);
  entry.versions.push_back({kNoScn, kScnMax, std::move(object)});
  return {};
}

const SystemCatalog::Own* SystemCatalog::own_of(const mortise_read_view_t& view) const {
  if (view.txid == 0) return nullptr;
  const auto found = own_.find(view.txid);
  return found == own_.end() ? nullptr : &found->second;
}

ObjectPtr SystemCatalog::seen(const mortise_read_view_t& view, const Key& key) const {
  const bool is_latest = (view.flags & MORTISE_READ_LATEST) != 0;
  if (const Own* own = own_of(view); own != nullptr) {
    for (size_t i = own->changes.size(); i-- > 0;) {
      const Change& change = own->changes[i];
      if (change.key == key && (is_latest || change.command < view.command)) return change.object;
    }
  }
  const auto found = objects_.find(key);
  if (found == objects_.end()) return nullptr;
  const Scn snapshot = is_latest ? Scn{raw(kScnMax) - 1} : Scn{view.snapshot};
  for (size_t i = found->second.versions.size(); i-- > 0;) {
    const Version& version = found->second.versions[i];
    if (version.from <= snapshot) return snapshot < version.until ? version.object : nullptr;
  }
  return nullptr;
}

ObjectPtr SystemCatalog::newest(TxnId txn, const Key& key, mortise_row_id_t& row_id) const {
  const auto found = objects_.find(key);
  row_id = found == objects_.end() ? 0 : found->second.row_id;
  if (const auto own = own_.find(raw(txn)); own != own_.end()) {
    for (size_t i = own->second.changes.size(); i-- > 0;) {
      const Change& change = own->second.changes[i];
      if (change.key != key) continue;
      row_id = change.row_id;
      return change.object;
    }
  }
  if (found == objects_.end() || found->second.versions.empty()) return nullptr;
  const Version& last = found->second.versions.back();
  return last.until == kScnMax ? last.object : nullptr;
}

Result<ObjectPtr> SystemCatalog::get(const mortise_read_view_t& view, uint32_t kind,
                                     mortise_object_id_t id) {
  platform::SharedLock lock(mutex_);
  ObjectPtr object = seen(view, {kind, id});
  if (object == nullptr) return gone(kind, id);
  return object;
}

Result<ObjectPtr> SystemCatalog::find(const mortise_read_view_t& view, uint32_t kind,
                                      mortise_object_id_t parent, std::string_view name) {
  platform::SharedLock lock(mutex_);
  const auto matches = [&](const ObjectPtr& object) {
    return object != nullptr && object->parent == parent && object->name == name;
  };
  const auto ids = names_.find({kind, parent, std::string(name)});
  if (ids != names_.end()) {
    for (const mortise_object_id_t id : ids->second) {
      ObjectPtr object = seen(view, {kind, id});
      if (matches(object)) return object;
    }
  }
  if (const Own* own = own_of(view); own != nullptr) {
    for (const Change& change : own->changes) {
      if (change.key.first != kind || !matches(change.object)) continue;
      ObjectPtr object = seen(view, change.key);
      if (matches(object)) return object;
    }
  }
  return not_found("object does not exist: \"" + std::string(name) + "\"");
}

std::vector<ObjectPtr> SystemCatalog::list(const mortise_read_view_t& view, uint32_t kind,
                                           mortise_object_id_t parent) {
  platform::SharedLock lock(mutex_);
  std::set<mortise_object_id_t> ids;
  for (auto at = objects_.lower_bound({kind, 0}); at != objects_.end() && at->first.first == kind;
       ++at) {
    ids.insert(ids.end(), at->first.second);
  }
  if (const Own* own = own_of(view); own != nullptr) {
    for (const Change& change : own->changes) {
      if (change.key.first == kind) ids.insert(change.key.second);
    }
  }
  std::vector<ObjectPtr> objects;
  for (const mortise_object_id_t id : ids) {
    ObjectPtr object = seen(view, {kind, id});
    if (object != nullptr && (parent == 0 || object->parent == parent)) {
      objects.push_back(std::move(object));
    }
  }
  return objects;
}

// Ids are reserved in a transaction of their own, which is in the log before any that uses them.
Status SystemCatalog::reserve_ids() {
  ObjectData row;
  row.kind = kIdRowKind;
  row.version = ids_reserved_ + kIdsPerReservation;
  MORTISE_TRY_ASSIGN(txn::Transaction* const txn, heap_.txns().begin({}));
  Status status = heap_.txns().statement_begin(*txn).status();
  Result<mortise_row_id_t> written =
      status ? write_row(*txn, row, id_row_) : Result<mortise_row_id_t>(status);
  if (!written) {
    heap_.txns().abort(txn);
    return std::move(written.error());
  }
  MORTISE_TRY(heap_.txns().commit(txn, txn::Durability::lazy));
  id_row_ = *written;
  ids_reserved_ = row.version;
  return {};
}

Result<mortise_object_id_t> SystemCatalog::next_id() {
  platform::Lock lock(id_mutex_);
  if (next_id_ >= UINT32_MAX) return limit("object ids are used up");
  if (next_id_ == ids_reserved_) MORTISE_TRY(reserve_ids());
  return static_cast<mortise_object_id_t>(next_id_++);
}

Status SystemCatalog::lock_name(txn::Transaction& txn, uint32_t kind, mortise_object_id_t parent,
                                std::string_view name) {
  const uint64_t key = hash64(name, (uint64_t{kind} << 32) | parent);
  return heap_.txns().lock(txn, {txn::kLockCatalogName, 0, key}, txn::LockMode::x, MORTISE_WAIT);
}

bool SystemCatalog::is_name_free(TxnId txn, const ObjectData& object) const {
  std::set<mortise_object_id_t> ids;
  const auto found = names_.find({object.kind, object.parent, object.name});
  if (found != names_.end()) ids = found->second;
  if (const auto own = own_.find(raw(txn)); own != own_.end()) {
    for (const Change& change : own->second.changes) ids.insert(change.key.second);
  }
  for (const mortise_object_id_t id : ids) {
    if (id == object.id) continue;
    mortise_row_id_t row_id = 0;
    const ObjectPtr other = newest(txn, {object.kind, id}, row_id);
    if (other != nullptr && other->parent == object.parent && other->name == object.name) {
      return false;
    }
  }
  return true;
}

Result<mortise_row_id_t> SystemCatalog::write_row(txn::Transaction& txn, const ObjectData& object,
                                                  mortise_row_id_t row_id) {
  const RowImage image(object, row_id);
  if (row_id == 0) {
    MORTISE_TRY(table_->insert(txn, image.batch(), &row_id));
    return row_id;
  }
  constexpr uint32_t kAll[kColumnCount] = {0, 1, 2, 3, 4, 5};
  MORTISE_TRY(heap_.txns().start_writing(txn));
  mortise_read_view_t view = txn.view();
  view.flags |= MORTISE_READ_LATEST;
  uint8_t outcome = MORTISE_ROW_GONE;
  MORTISE_TRY(table_->update(txn, view, kAll, image.batch(), MORTISE_WAIT, &outcome));
  if (outcome != MORTISE_ROW_DONE) return conflict("catalog object was changed by somebody else");
  return row_id;
}

Status SystemCatalog::erase_row(txn::Transaction& txn, mortise_row_id_t row_id) {
  MORTISE_TRY(heap_.txns().start_writing(txn));
  mortise_read_view_t view = txn.view();
  view.flags |= MORTISE_READ_LATEST;
  uint8_t outcome = MORTISE_ROW_GONE;
  MORTISE_TRY(table_->erase(txn, view, {&row_id, 1}, MORTISE_WAIT, &outcome));
  return outcome == MORTISE_ROW_DONE ? Status()
                                     : conflict("catalog object was changed by somebody else");
}

Status SystemCatalog::put(txn::Transaction& txn, ObjectData object) {
  MORTISE_TRY(heap_.txns().start_writing(txn));
  MORTISE_TRY(lock_name(txn, object.kind, object.parent, object.name));
  const Key key{object.kind, object.id};
  mortise_row_id_t row_id = 0;
  {
    platform::SharedLock lock(mutex_);
    const ObjectPtr old = newest(txn.id(), key, row_id);
    if (object.version == 0 && old != nullptr) {
      return duplicate("object exists: kind " + std::to_string(object.kind) + " id " +
                       std::to_string(object.id));
    }
    if (object.version != 0 && old == nullptr) return gone(object.kind, object.id);
    if (object.version != 0 && old->version != object.version) {
      return conflict("object was changed by another transaction: \"" + old->name + "\"");
    }
    if (!is_name_free(txn.id(), object)) {
      return duplicate("object exists: \"" + object.name + "\"");
    }
    if (old == nullptr) row_id = 0;
  }
  ++object.version;
  MORTISE_TRY_ASSIGN(row_id, write_row(txn, object, row_id));
  note_change(txn, {key, txn.command(), txn.newest_savepoint(),
                    std::make_shared<const ObjectData>(std::move(object)), row_id});
  return {};
}

Status SystemCatalog::erase(txn::Transaction& txn, uint32_t kind, mortise_object_id_t id) {
  MORTISE_TRY(heap_.txns().start_writing(txn));
  const Key key{kind, id};
  mortise_row_id_t row_id = 0;
  ObjectPtr old;
  {
    platform::SharedLock lock(mutex_);
    old = newest(txn.id(), key, row_id);
  }
  if (old == nullptr) return gone(kind, id);
  MORTISE_TRY(lock_name(txn, kind, old->parent, old->name));
  MORTISE_TRY(erase_row(txn, row_id));
  note_change(txn, {key, txn.command(), txn.newest_savepoint(), nullptr, row_id});
  return {};
}

void SystemCatalog::note_change(txn::Transaction& txn, Change change) {
  const TxnId id = txn.id();
  bool is_first = false;
  {
    platform::ExclusiveLock lock(mutex_);
    is_first = !own_.contains(raw(id));
    own_[raw(id)].changes.push_back(std::move(change));
  }
  if (!is_first) return;
  txn.at_commit([this, id](Scn scn) { commit_changes(id, scn); });
  txn.at_visible([this] { epoch_.fetch_add(1, std::memory_order_seq_cst); });
  txn.at_rollback([this, id](uint64_t savepoint) { forget_changes(id, savepoint); });
  txn.at_end([this, id](bool) {
    platform::ExclusiveLock lock(mutex_);
    own_.erase(raw(id));
  });
}

void SystemCatalog::commit_changes(TxnId txn, Scn scn) {
  platform::ExclusiveLock lock(mutex_);
  for (const Change& change : own_[raw(txn)].changes) {
    Object& object = objects_[change.key];
    object.row_id = change.row_id;
    std::vector<Version>& versions = object.versions;
    if (!versions.empty() && versions.back().from == scn) {
      versions.pop_back();  // changed twice: only the last counts
      if (!versions.empty() && versions.back().until == scn) versions.back().until = kScnMax;
    }
    if (!versions.empty() && versions.back().until == kScnMax) versions.back().until = scn;
    if (change.object == nullptr) continue;
    versions.push_back({scn, kScnMax, change.object});
    names_[{change.key.first, change.object->parent, change.object->name}].insert(
        change.key.second);
  }
}

void SystemCatalog::forget_changes(TxnId txn, uint64_t savepoint) {
  platform::ExclusiveLock lock(mutex_);
  const auto own = own_.find(raw(txn));
  if (own == own_.end()) return;
  std::erase_if(own->second.changes,
                [savepoint](const Change& change) { return change.savepoint >= savepoint; });
}

void SystemCatalog::prune(Scn horizon) {
  platform::ExclusiveLock lock(mutex_);
  for (auto at = objects_.begin(); at != objects_.end();) {
    std::erase_if(at->second.versions,
                  [horizon](const Version& version) { return version.until <= horizon; });
    at = at->second.versions.empty() ? objects_.erase(at) : std::next(at);
  }
  for (auto at = names_.begin(); at != names_.end();) {
    const auto& [kind, parent, name] = at->first;
    std::erase_if(at->second, [&](mortise_object_id_t id) {
      const auto object = objects_.find({kind, id});
      if (object == objects_.end()) return true;
      return std::ranges::none_of(object->second.versions, [&](const Version& version) {
        return version.object->parent == parent && version.object->name == name;
      });
    });
    at = at->second.empty() ? names_.erase(at) : std::next(at);
  }
}

}  // namespace mortise::catalog
