// SPDX-License-Identifier: Apache-2.0
//
// The door of front-pgwire: reads settings, listens, and hands connections to Connection.

#include "mortise/cpp/plugin.hpp"

#include <memory>
#include <string>

#include "connection.hpp"
#include "mortise/iface/settings.h"
#include "registry.hpp"

namespace mortise::front_pgwire {
namespace {

struct Front {
  Services services{};
  std::unique_ptr<Types> types;
  std::unique_ptr<Registry> registry;
  mortise_io_handler_t handler{};
  mortise_listener_t listener = 0;
  mortise_account_t* account = nullptr;
  mortise_timer_t sweep = 0;
};

// What the host holds for a connection is one reference to it.
std::shared_ptr<Connection>& connection_of(void* state) {
  return *static_cast<std::shared_ptr<Connection>*>(state);
}

mortise_io_handler_t handler_of(Front& front) {
  mortise_io_handler_t handler{};
  handler.struct_size_bytes = sizeof handler;
  handler.context = &front;
  handler.on_accept = [](void* context, mortise_connection_t connection,
                         mortise_str_t peer) -> void* {
    void* state = nullptr;
    (void)guard(nullptr, [&]() -> Status {
      const Services& services = static_cast<Front*>(context)->services;
      auto made = std::make_shared<Connection>(services, connection, std::string(view_of(peer)));
      made->set_ticket(services.registry->enter_door(made));
      state = new std::shared_ptr<Connection>(std::move(made));
      return {};
    });
    return state;
  };
  handler.on_data = [](void* state, const uint8_t* bytes, uint64_t size_bytes) {
    const mortise_status_t taken = guard(nullptr, [&]() -> Status {
      connection_of(state)->on_data(bytes, size_bytes);
      return {};
    });
    // Without memory for what came the stream is out of step.
    if (taken < 0) connection_of(state)->close();
  };
  handler.on_drained = [](void*) {};
  handler.on_closed = [](void* state) {
    (void)guard(nullptr, [&]() -> Status {
      connection_of(state)->on_closed();
      return {};
    });
    delete static_cast<std::shared_ptr<Connection>*>(state);
  };
  return handler;
}

Status open_services(const Host& host, Front& front) {
  Services& s = front.services;
  MORTISE_TRY_ASSIGN(s.io, host.need<mortise_iface_io_t>(MORTISE_IFACE_IO));
  MORTISE_TRY_ASSIGN(s.log, host.need<mortise_iface_log_t>(MORTISE_IFACE_LOG));
  MORTISE_TRY_ASSIGN(s.memory.service, host.need<mortise_iface_memory_t>(MORTISE_IFACE_MEMORY));
  MORTISE_TRY_ASSIGN(s.metrics, host.need<mortise_iface_metrics_t>(MORTISE_IFACE_METRICS));
  MORTISE_TRY_ASSIGN(s.query, host.need<mortise_iface_query_t>(MORTISE_IFACE_QUERY));
  MORTISE_TRY_ASSIGN(s.task, host.need<mortise_iface_task_t>(MORTISE_IFACE_TASK));
  MORTISE_TRY_ASSIGN(const mortise_iface_sync_t* sync,
                     host.need<mortise_iface_sync_t>(MORTISE_IFACE_SYNC));
  use_sync(sync);
  ErrorSlot error;
  MORTISE_TRY(error.status(s.memory.service->account_open(nullptr, str_of("front-pgwire"), 0,
                                                          &front.account, error.get())));
  s.memory.account = front.account;
  return {};
}

Status define_metrics(Services& s) {
  const struct {
    const char* name;
    uint32_t kind;
    const char* help;
    mortise_metric_t* metric;
  } kMetrics[] = {{"statements_total", MORTISE_METRIC_COUNTER, "Statements executed for clients.",
                   &s.statements_total},
                  {"unauthenticated", MORTISE_METRIC_GAUGE, "Connections that have no session yet.",
                   &s.unauthenticated},
                  {"unauthenticated_closed_total", MORTISE_METRIC_COUNTER,
                   "Connections that were ended before they had a session: too late, or too many.",
                   &s.unauthenticated_closed_total}};
  for (const auto& m : kMetrics) {
    ErrorSlot error;
    MORTISE_TRY(error.status(s.metrics->define(str_of("front-pgwire"), str_of(m.name), m.kind,
                                               str_of(m.help), m.metric, error.get())));
  }
  return {};
}

// Looks after the door often enough for the timeout to be kept to an eighth.
Status start_sweep(Front& front, uint64_t authentication_ns) {
  const uint64_t period_ns = authentication_ns / 8;
  ErrorSlot error;
  return error.status(front.services.task->timer_start(
      period_ns, period_ns,
      [](void* context) { static_cast<Front*>(context)->registry->sweep_door(); }, &front,
      &front.sweep, error.get()));
}

struct Wanted {
  char address[256];
  uint64_t address_bytes = 0;
  int64_t port = 0;
  int64_t connections_max = 0;
  int64_t message_bytes_max = 0;
  int64_t authentication_ms = 0;
};

Status read_settings(const mortise_iface_settings_t& settings, Wanted* out) {
  ErrorSlot error;
  MORTISE_TRY(
      error.status(settings.get_text(str_of("front-pgwire.address"), out->address,
                                     sizeof out->address, &out->address_bytes, error.get())));
  if (out->address_bytes > sizeof out->address) return invalid("front-pgwire.address is too long");
  const std::pair<const char*, int64_t*> kNumbers[] = {
      {"front-pgwire.port", &out->port},
      {"front-pgwire.connections", &out->connections_max},
      {"front-pgwire.message_size", &out->message_bytes_max},
      {"front-pgwire.authentication_timeout", &out->authentication_ms}};
  for (const auto& [name, into] : kNumbers) {
    MORTISE_TRY(error.status(settings.get_integer(str_of(name), into, error.get())));
  }
  return {};
}

Status open_front(const Host& host, Front& front) {
  MORTISE_TRY(open_services(host, front));
  MORTISE_TRY(define_metrics(front.services));
  MORTISE_TRY_ASSIGN(const mortise_iface_settings_t* settings,
                     host.need<mortise_iface_settings_t>(MORTISE_IFACE_SETTINGS));
  Wanted wanted;
  MORTISE_TRY(read_settings(*settings, &wanted));
  const uint64_t authentication_ns = static_cast<uint64_t>(wanted.authentication_ms) * 1'000'000;
  front.types = std::make_unique<Types>(host);
  front.registry = std::make_unique<Registry>(
      front.services, Limits{static_cast<uint32_t>(wanted.connections_max), authentication_ns});
  front.services.types = front.types.get();
  front.services.registry = front.registry.get();
  front.services.message_bytes_max = static_cast<uint64_t>(wanted.message_bytes_max);
  front.handler = handler_of(front);
  const std::string_view where(wanted.address, wanted.address_bytes);
  ErrorSlot error;
  MORTISE_TRY(
      error.status(front.services.io->listen(str_of(where), static_cast<uint16_t>(wanted.port),
                                             &front.handler, &front.listener, error.get())));
  MORTISE_TRY(start_sweep(front, authentication_ns));
  const std::string bound = std::to_string(front.services.io->listener_port(front.listener));
  const mortise_log_field_t fields[] = {{str_of("address"), str_of(where)},
                                        {str_of("port"), str_of(bound)}};
  front.services.log->write(str_of("front-pgwire"), MORTISE_LOG_INFO, str_of("listening"), fields,
                            2);
  return {};
}

mortise_status_t MORTISE_CALL start(const mortise_host_t* host, void** instance,
                                    mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    auto front = std::make_unique<Front>();
    const Status opened = open_front(Host(host), *front);
    if (!opened.is_ok()) {
      if (front->account != nullptr) front->services.memory.service->account_close(front->account);
      return opened;
    }
    *instance = front.release();
    return {};
  });
}

void MORTISE_CALL drain(void* instance) {
  auto& front = *static_cast<Front*>(instance);
  front.services.io->listen_close(front.listener);
  front.registry->close_all();
}

void MORTISE_CALL stop(void* instance) {
  std::unique_ptr<Front> front(static_cast<Front*>(instance));
  front->services.io->listen_close(front->listener);
  front->registry->close_all();
  front->registry->wait_empty();
  front->services.task->timer_stop(front->sweep);
  front->services.memory.service->account_close(front->account);
}

constexpr mortise_need_t kNeeds[] = {
    need(MORTISE_IFACE_IO),      need(MORTISE_IFACE_LOG),   need(MORTISE_IFACE_MEMORY),
    need(MORTISE_IFACE_METRICS), need(MORTISE_IFACE_QUERY), need(MORTISE_IFACE_SETTINGS),
    need(MORTISE_IFACE_SYNC),    need(MORTISE_IFACE_TASK),  need(MORTISE_IFACE_TYPE),
};

}  // namespace
}  // namespace mortise::front_pgwire

MORTISE_PLUGIN("front-pgwire", "0.1.0", mortise::front_pgwire::kNeeds, {},
               mortise::front_pgwire::start, mortise::front_pgwire::drain,
               mortise::front_pgwire::stop)
