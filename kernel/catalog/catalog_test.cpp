// SPDX-License-Identifier: Apache-2.0
//
// Goal:   the system catalog keeps K1..K3 under transactions and over restarts; the bootstrap
//         catalog keeps its numbers; the services say what their headers promise.
// Method: a database on a simulated disk with its bootstrap catalog in memory, used through the C++
//         faces and, for the services, through the C tables.

#include <doctest/doctest.h>

#include "kernel/catalog/database.hpp"
#include "kernel/catalog/database_services.hpp"
#include "kernel/platform/process.hpp"
#include "kernel/platform/sim_disk.hpp"
#include "mortise/cpp/boundary.hpp"

namespace mortise::catalog {
namespace {

void require_ok(const Status& status) {
  REQUIRE_MESSAGE(status.is_ok(), std::string(status.sqlstate())
                                      << " " << std::string(status.message()));
}
template <typename T>
T take(Result<T> result) {
  if (!result) require_ok(result.error());
  return std::move(*result);
}

struct Fixture {
  platform::SimDisk disk{3};
  std::unique_ptr<Database> database;

  static DatabaseOptions options() {
    DatabaseOptions o;
    o.storage.pool.pool_bytes = uint64_t{8} << 20;
    o.storage.pool.space_units_max = 1u << 20;
    o.storage.pool.huge_pages = false;
    o.storage.log.ring_bytes = 8u << 20;
    o.storage.log.segment_bytes = 1u << 20;
    o.storage.log.flusher_thread = false;
    o.storage.redo_threads = 0;
    o.storage.background_threads = false;
    o.maintenance_thread = false;
    o.bootstrap_path = ":memory:";
    return o;
  }
  Fixture() {
    require_ok(Database::create(disk, "/db", options()));
    open();
  }
  void open() { database = take(Database::open(disk, "/db", options())); }
  SystemCatalog& catalog() { return database->catalog(); }
  txn::Transaction* begin() {
    txn::Transaction* txn = take(database->txns().begin({}));
    next(txn);
    return txn;
  }
  void next(txn::Transaction* txn) { take(database->txns().statement_begin(*txn)); }
  void commit(txn::Transaction* txn) {
    require_ok(database->txns().commit(txn, txn::Durability::durable));
  }
};

ObjectData table_named(mortise_object_id_t id, const std::string& name, uint64_t version = 0) {
  ObjectData object;
  object.kind = MORTISE_KIND_RELATION;
  object.id = id;
  object.parent = 100;
  object.name = name;
  object.version = version;
  object.body = {1, 2, 3};
  return object;
}

TEST_CASE("catalog: an object is seen by later commands of its own, then by views after commit") {
  Fixture f;
  const mortise_object_id_t id = take(f.catalog().next_id());
  CHECK(id >= MORTISE_OBJECT_ID_USER_MIN);
  txn::Transaction* maker = f.begin();
  txn::Transaction* other = f.begin();
  const uint64_t epoch = f.catalog().epoch();
  require_ok(f.catalog().put(*maker, table_named(id, "t")));
  CHECK(f.catalog().get(maker->view(), MORTISE_KIND_RELATION, id).status().code() ==
        Code::not_found);
  f.next(maker);
  CHECK(take(f.catalog().find(maker->view(), MORTISE_KIND_RELATION, 100, "t"))->version == 1);
  f.next(other);
  CHECK(f.catalog().list(other->view(), MORTISE_KIND_RELATION, 0).empty());
  CHECK(f.catalog().epoch() == epoch);
  f.commit(maker);
  CHECK(f.catalog().epoch() != epoch);
  CHECK(f.catalog().list(other->view(), MORTISE_KIND_RELATION, 0).empty());
  f.next(other);
  CHECK(f.catalog().list(other->view(), MORTISE_KIND_RELATION, 100).size() == 1);
  f.commit(other);
}

TEST_CASE(
    "catalog: K1 a name belongs to one object, K3 a version that is not the newest conflicts") {
  Fixture f;
  txn::Transaction* txn = f.begin();
  require_ok(f.catalog().put(*txn, table_named(20'000, "t")));
  CHECK(f.catalog().put(*txn, table_named(20'001, "t")).code() == Code::duplicate);
  f.commit(txn);
  txn = f.begin();
  CHECK(f.catalog().put(*txn, table_named(20'001, "t")).code() == Code::duplicate);
  require_ok(f.catalog().put(*txn, table_named(20'000, "renamed", 1)));
  CHECK(f.catalog().put(*txn, table_named(20'000, "again", 1)).code() == Code::conflict);
  require_ok(f.catalog().put(*txn, table_named(20'001, "t")));
  f.commit(txn);
  txn = f.begin();
  CHECK(take(f.catalog().get(txn->view(), MORTISE_KIND_RELATION, 20'000))->name == "renamed");
  CHECK(take(f.catalog().find(txn->view(), MORTISE_KIND_RELATION, 100, "t"))->id == 20'001);
  f.commit(txn);
}

TEST_CASE("catalog: rollback and savepoints take DDL back, erased names are free again") {
  Fixture f;
  txn::Transaction* txn = f.begin();
  require_ok(f.catalog().put(*txn, table_named(20'000, "keep")));
  f.next(txn);
  const uint64_t savepoint = take(f.database->txns().savepoint(*txn));
  require_ok(f.catalog().put(*txn, table_named(20'001, "drop")));
  require_ok(f.catalog().erase(*txn, MORTISE_KIND_RELATION, 20'000));
  require_ok(f.database->txns().rollback_to(*txn, savepoint));
  f.next(txn);
  CHECK(f.catalog().list(txn->view(), MORTISE_KIND_RELATION, 0).size() == 1);
  f.commit(txn);
  txn = f.begin();
  require_ok(f.catalog().erase(*txn, MORTISE_KIND_RELATION, 20'000));
  require_ok(f.catalog().put(*txn, table_named(20'002, "keep")));
  f.database->txns().abort(txn);
  txn = f.begin();
  CHECK(take(f.catalog().find(txn->view(), MORTISE_KIND_RELATION, 100, "keep"))->id == 20'000);
  f.commit(txn);
}

TEST_CASE("catalog: objects and ids survive a crash, an old view goes on seeing old definitions") {
  Fixture f;
  txn::Transaction* txn = f.begin();
  const mortise_object_id_t id = take(f.catalog().next_id());
  require_ok(f.catalog().put(*txn, table_named(id, "first")));
  f.commit(txn);
  const mortise_read_view_t old = take(f.database->txns().read_open(kNoScn));
  txn = f.begin();
  require_ok(f.catalog().put(*txn, table_named(id, "second", 1)));
  f.commit(txn);
  f.catalog().prune(f.database->txns().oldest_safe());
  CHECK(take(f.catalog().get(old, MORTISE_KIND_RELATION, id))->name == "first");
  txn = f.begin();
  require_ok(f.catalog().erase(*txn, MORTISE_KIND_RELATION, id));  // never committed
  require_ok(f.database->storage().log().flush());
  f.disk.crash(9);
  f.database.reset();
  f.open();
  txn = f.begin();
  CHECK(take(f.catalog().get(txn->view(), MORTISE_KIND_RELATION, id))->name == "second");
  CHECK(take(f.catalog().next_id()) > id);
  f.commit(txn);
  require_ok(f.database->close());
  f.database.reset();
  f.open();
  CHECK(f.database->storage().report().clean);
}

TEST_CASE("catalog: the services work through the C tables") {
  Fixture f;
  ErrorSlot error;
  const mortise_iface_txn_t* txns = txn_service();
  const mortise_iface_table_engine_t* heap = heap_service();
  mortise_txn_t* txn = nullptr;
  REQUIRE(txns->begin(nullptr, &txn, error.get()) == MORTISE_OK);
  mortise_read_view_t view{};
  REQUIRE(txns->statement_begin(txn, &view, error.get()) == MORTISE_OK);
  const mortise_table_column_t column = {{20, -1, MORTISE_PHYSICAL_INT64, 0, 0, 0}, 0, 0, nullptr};
  mortise_table_desc_t desc{};
  desc.struct_size_bytes = sizeof(desc);
  desc.columns_count = 1;
  desc.columns = &column;
  REQUIRE(heap->create(txn, &desc, &desc.segment, error.get()) == MORTISE_OK);
  mortise_table_t* table = nullptr;
  REQUIRE(heap->open(&desc, &table, error.get()) == MORTISE_OK);
  alignas(64) const int64_t values[8] = {7, 8, 9};
  const mortise_column_t data = {nullptr, values, 0, 0};
  mortise_batch_t batch{};
  batch.struct_size_bytes = sizeof(batch);
  batch.rows_count = batch.selected_count = 3;
  batch.columns_count = 1;
  batch.columns = &data;
  batch.types = &column.type;
  mortise_row_id_t ids[3];
  REQUIRE(heap->insert(table, txn, &batch, ids, error.get()) == MORTISE_OK);
  // A commit that parks tells its end through the callback.
  mortise_status_t outcome = MORTISE_PENDING;
  const auto done = [](void* context, mortise_status_t status, const mortise_error_t*) {
    *static_cast<mortise_status_t*>(context) = status;
  };
  const mortise_status_t answer =
      txns->commit(txn, MORTISE_DURABILITY_DURABLE, done, &outcome, error.get());
  CHECK(answer == MORTISE_PENDING);
  require_ok(f.database->storage().log().flush());
  CHECK(outcome == MORTISE_OK);
  REQUIRE(txns->read_open(0, &view, error.get()) == MORTISE_OK);
  const uint32_t wanted = 0;
  mortise_scan_options_t options{};
  options.struct_size_bytes = sizeof(options);
  options.columns_count = 1;
  options.columns = &wanted;
  mortise_table_scan_t* scan = nullptr;
  REQUIRE(heap->scan_open(table, nullptr, &view, &options, &scan, error.get()) == MORTISE_OK);
  mortise_batch_t found{};
  REQUIRE(heap->scan_next(scan, &found, error.get()) == MORTISE_OK);
  CHECK(found.rows_count == 3);
  CHECK(heap->scan_next(scan, &found, error.get()) == MORTISE_END);
  heap->scan_close(scan);
  heap->close(table);
  txns->read_close(&view);
  mortise_txn_options_t serializable{};
  serializable.struct_size_bytes = sizeof(serializable);
  serializable.isolation = MORTISE_ISOLATION_SERIALIZABLE;
  CHECK(txns->begin(&serializable, &txn, error.get()) == MORTISE_E_UNSUPPORTED);
}

TEST_CASE("catalog: a plugin's segment comes and goes with its transaction") {
  Fixture f;
  ErrorSlot error;
  const mortise_iface_page_t* pages = page_service();
  uint8_t type = 0;
  REQUIRE(pages->type_register(str_of("test.page"), 1, &type, error.get()) == MORTISE_OK);
  CHECK(type >= 64);
  txn::Transaction* txn = f.begin();
  mortise_segment_id_t segment = 0;
  mortise_page_id_t anchor = 0;
  REQUIRE(pages->segment_create(txn, 20'000, type, &segment, &anchor, error.get()) == MORTISE_OK);
  mortise_mtr_t* mtr = nullptr;
  mortise_page_t page{};
  REQUIRE(pages->mtr_begin(txn, &mtr, error.get()) == MORTISE_OK);
  REQUIRE(pages->mtr_fix(mtr, anchor, &page, error.get()) == MORTISE_OK);
  pages->mtr_write(mtr, &page, 100, "root", 4);
  mortise_page_t leaf{};
  REQUIRE(pages->mtr_allocate(mtr, segment, 0, type, &leaf, error.get()) == MORTISE_OK);
  REQUIRE(pages->mtr_commit(mtr, error.get()) == MORTISE_OK);
  mortise_page_id_t again = 0;
  REQUIRE(pages->segment_info(segment, &again, nullptr, error.get()) == MORTISE_OK);
  CHECK(again == anchor);
  REQUIRE(pages->fix(anchor, MORTISE_LATCH_OPTIMISTIC, 0, &page, error.get()) == MORTISE_OK);
  CHECK(std::memcmp(page.data + 100, "root", 4) == 0);
  CHECK(pages->validate(&page) == 1);
  REQUIRE(pages->mtr_begin(nullptr, &mtr, error.get()) == MORTISE_OK);
  REQUIRE(pages->mtr_upgrade(mtr, &page, error.get()) == MORTISE_OK);
  REQUIRE(pages->mtr_fix(mtr, leaf.id, &leaf, error.get()) == MORTISE_OK);
  REQUIRE(pages->mtr_free(mtr, &leaf, error.get()) == MORTISE_OK);
  REQUIRE(pages->mtr_commit(mtr, error.get()) == MORTISE_OK);
  f.database->txns().abort(txn);
  CHECK(pages->segment_info(segment, &again, nullptr, error.get()) == MORTISE_E_NOT_FOUND);
  require_ok(f.database->maintain());
  require_ok(f.database->storage().spaces().verify(SpaceId{0}));
}

TEST_CASE("bootstrap: B1 a name keeps its number, and another storage is refused") {
  const platform::TemporaryDirectory directory =
      take(platform::TemporaryDirectory::create("bootstrap"));
  const std::string path = directory.path() + "/bootstrap.sqlite";
  std::string id;
  {
    const auto bootstrap = take(Bootstrap::open(path, "aa"));
    id = bootstrap->instance_id();
    CHECK(id.size() == 36);
    CHECK(id[14] == '7');
    CHECK(take(bootstrap->register_page_type("index-btree", 1)) == 64);
    CHECK(take(bootstrap->register_page_type("index-btree", 2)) == 65);
    CHECK(take(bootstrap->register_kind("graph")) == kPluginKindMin);
    require_ok(bootstrap->set_plugin_locks({{"a", "1.0", "ff", "x"}, {"b", "2.0", "ee", "y"}}));
    require_ok(bootstrap->add_plugin_crash({"a", 5, "signal 11"}));
  }
  const auto bootstrap = take(Bootstrap::open(path, "aa"));
  CHECK(bootstrap->instance_id() == id);
  CHECK(take(bootstrap->register_page_type("index-btree", 1)) == 64);
  CHECK(take(bootstrap->register_kind("spatial")) == kPluginKindMin + 1);
  CHECK(take(bootstrap->plugin_locks()).size() == 2);
  CHECK(take(bootstrap->plugin_crashes()).front().reason == "signal 11");
  CHECK(Bootstrap::open(path, "bb").status().code() == Code::invalid);
}

}  // namespace
}  // namespace mortise::catalog
