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
      state = new std::shared_ptr<Connection>(std::make_shared<Connection>(
          static_cast<Front*>(context)->services, connection, std::string(view_of(peer))));
      return {};
    });
    return state;
  };
  handler.on_data = [](void* state, const uint8_t* bytes, uint64_t size_bytes) {
    (void)guard(nullptr, [&]() -> Status {
      connection_of(state)->on_data(bytes, size_bytes);
      return {};
    });
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
  MORTISE_TRY_ASSIGN(s.metrics, host.need<mortise_iface_metrics_t>(MORTISE_IFACE_METRICS));
  MORTISE_TRY_ASSIGN(s.query, host.need<mortise_iface_query_t>(MORTISE_IFACE_QUERY));
  MORTISE_TRY_ASSIGN(s.task, host.need<mortise_iface_task_t>(MORTISE_IFACE_TASK));
  MORTISE_TRY_ASSIGN(const mortise_iface_sync_t* sync,
                     host.need<mortise_iface_sync_t>(MORTISE_IFACE_SYNC));
  use_sync(sync);
  ErrorSlot error;
  return error.status(s.metrics->define(
      str_of("front-pgwire"), str_of("statements_total"), MORTISE_METRIC_COUNTER,
      str_of("Statements executed for clients."), &s.statements_total, error.get()));
}

Status open_front(const Host& host, Front& front) {
  MORTISE_TRY(open_services(host, front));
  MORTISE_TRY_ASSIGN(const mortise_iface_settings_t* settings,
                     host.need<mortise_iface_settings_t>(MORTISE_IFACE_SETTINGS));
  ErrorSlot error;
  char address[256];
  uint64_t address_bytes = 0;
  int64_t port = 0;
  int64_t connections_max = 0;
  int64_t message_bytes_max = 0;
  MORTISE_TRY(error.status(settings->get_text(str_of("front-pgwire.address"), address,
                                              sizeof address, &address_bytes, error.get())));
  if (address_bytes > sizeof address) return invalid("front-pgwire.address is too long");
  MORTISE_TRY(error.status(settings->get_integer(str_of("front-pgwire.port"), &port, error.get())));
  MORTISE_TRY(error.status(
      settings->get_integer(str_of("front-pgwire.connections"), &connections_max, error.get())));
  MORTISE_TRY(error.status(
      settings->get_integer(str_of("front-pgwire.message_size"), &message_bytes_max, error.get())));
  front.types = std::make_unique<Types>(host);
  front.registry = std::make_unique<Registry>(static_cast<uint32_t>(connections_max));
  front.services.types = front.types.get();
  front.services.registry = front.registry.get();
  front.services.message_bytes_max = static_cast<uint64_t>(message_bytes_max);
  front.handler = handler_of(front);
  const std::string_view where(address, address_bytes);
  MORTISE_TRY(error.status(front.services.io->listen(
      str_of(where), static_cast<uint16_t>(port), &front.handler, &front.listener, error.get())));
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
    MORTISE_TRY(open_front(Host(host), *front));
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
}

constexpr mortise_need_t kNeeds[] = {
    need(MORTISE_IFACE_IO),    need(MORTISE_IFACE_LOG),      need(MORTISE_IFACE_METRICS),
    need(MORTISE_IFACE_QUERY), need(MORTISE_IFACE_SETTINGS), need(MORTISE_IFACE_SYNC),
    need(MORTISE_IFACE_TASK),  need(MORTISE_IFACE_TYPE),
};

}  // namespace
}  // namespace mortise::front_pgwire

MORTISE_PLUGIN("front-pgwire", "0.1.0", mortise::front_pgwire::kNeeds, {},
               mortise::front_pgwire::start, mortise::front_pgwire::drain,
               mortise::front_pgwire::stop)
