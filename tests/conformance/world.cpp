// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/world.hpp"

#include "kernel/catalog/database_services.hpp"
#include "kernel/plugin/service/services.hpp"
#include "kernel/scan/simd.hpp"

namespace mortise::conformance {
namespace {

constexpr const char* kDirectory = "/db";

}  // namespace

void require_ok(const Status& status) {
  REQUIRE_MESSAGE(status.is_ok(), std::string(status.sqlstate())
                                      << " " << std::string(status.message()));
}

const void* World::kernel_service(std::string_view interface_id, std::string_view slot) {
  if (interface_id == MORTISE_IFACE_TXN) return catalog::txn_service();
  if (interface_id == MORTISE_IFACE_PAGE) return catalog::page_service();
  if (interface_id == MORTISE_IFACE_CATALOG) return catalog::catalog_service();
  if (interface_id == MORTISE_IFACE_SIMD) return scan::simd_service();
  if (interface_id == MORTISE_IFACE_TABLE_ENGINE && (slot.empty() || slot == "heap")) {
    return catalog::heap_service();
  }
  for (const plugin::ServiceTable& service : plugin::basic_services()) {
    if (service.interface_id == interface_id) return service.table;
  }
  return nullptr;
}

World::World(WorldOptions options)
    : options_(options), disk_(options.seed), txns_(catalog::txn_service()) {
  host_.world = this;
  host_.host = {};
  host_.host.header = header_of<mortise_host_t>();
  host_.host.product = literal("mortise");
  host_.host.version = literal("test");
  host_.host.find_interface = find_interface;
  host_.host.each_provider = [](const mortise_host_t*, mortise_str_t,
                                int32_t (*)(void*, mortise_str_t, const void*), void*) {};
  plugin::ServiceBackends backends;
  backends.memory = &account_;
  require_ok(plugin::install_services(std::move(backends)));
  require_ok(catalog::Database::create(disk_, kDirectory, database_options()));
  open();
}

World::~World() {
  stop_plugin();
  database_.reset();
  plugin::remove_services();
}

catalog::DatabaseOptions World::database_options() const {
  catalog::DatabaseOptions options;
  options.storage.pool.pool_bytes = options_.pool_bytes;
  options.storage.pool.space_units_max = 1u << 18;
  options.storage.pool.huge_pages = false;
  options.storage.pool.full_wait_ns = options_.with_threads ? 2'000'000'000 : 0;
  options.storage.log.ring_bytes = 8u << 20;
  options.storage.log.segment_bytes = 1u << 20;
  options.storage.log.flusher_thread = options_.with_threads;
  options.storage.redo_threads = 1;
  options.storage.background_threads = options_.with_threads;
  options.maintenance_thread = options_.with_threads;
  options.txns.lock_timeout_ms = options_.lock_timeout_ms;
  options.bootstrap_path = ":memory:";
  return options;
}

const void* World::find_interface(const mortise_host_t* host, mortise_str_t interface_id,
                                  mortise_str_t slot) {
  static_cast<void>(host);
  return kernel_service(view_of(interface_id), view_of(slot));
}

const void* World::table(std::string_view interface_id, std::string_view slot) const {
  if (options_.plugin == nullptr) return kernel_service(interface_id, slot);
  for (uint32_t i = 0; i < options_.plugin->offers_count; ++i) {
    const mortise_offer_t& offer = options_.plugin->offers[i];
    if (view_of(offer.interface_id) == interface_id) return offer.table;
  }
  return nullptr;
}

Status World::try_open() {
  MORTISE_TRY_ASSIGN(database_, catalog::Database::open(disk_, kDirectory, database_options()));
  if (options_.plugin == nullptr || options_.plugin->start == nullptr) return {};
  MORTISE_TRY(call([&](mortise_error_t* error) {
    return options_.plugin->start(&host_.host, &plugin_instance_, error);
  }));
  plugin_runs_ = true;
  return {};
}

void World::stop_plugin() {
  if (plugin_runs_ && options_.plugin->stop != nullptr) options_.plugin->stop(plugin_instance_);
  plugin_runs_ = false;
}

void World::close() {
  stop_plugin();
  require_ok(database_->close());
  database_.reset();
}

void World::crash(uint64_t at) {
  disk_.stop_at_operation(0);
  disk_.crash(at);
  stop_plugin();
  database_.reset();
}

Status World::make_durable() {
  log::Log& log = database_->storage().log();
  return log.wait_durable(log.tail());
}

Status World::maintain() {
  MORTISE_TRY(database_->maintain());
  return database_->storage().maintain();
}

Txn::Txn(World& world, uint32_t isolation, const mortise_txn_options_t* options) : world_(world) {
  mortise_txn_options_t made{};
  if (options != nullptr) made = *options;
  made.struct_size_bytes = sizeof(made);
  made.isolation = isolation;
  require_ok(call([&](mortise_error_t* e) { return world.txns().begin(&made, &txn_, e); }));
  next_statement();
}

Txn::~Txn() {
  if (txn_ != nullptr) abort();
}

void Txn::next_statement() {
  require_ok(
      call([&](mortise_error_t* e) { return world_.txns().statement_begin(txn_, &view_, e); }));
}

uint64_t Txn::savepoint() {
  uint64_t made = 0;
  require_ok(call([&](mortise_error_t* e) { return world_.txns().savepoint(txn_, &made, e); }));
  return made;
}

Status Txn::rollback_to(uint64_t savepoint) {
  return call([&](mortise_error_t* e) { return world_.txns().rollback_to(txn_, savepoint, e); });
}

Status Txn::commit(uint32_t durability) {
  mortise_txn_t* ending = std::exchange(txn_, nullptr);
  return call([&](mortise_error_t* e) {
    return world_.txns().commit(ending, durability, nullptr, nullptr, e);
  });
}

void Txn::abort() {
  world_.txns().abort(std::exchange(txn_, nullptr));
}

}  // namespace mortise::conformance
