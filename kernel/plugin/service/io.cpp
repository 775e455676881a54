// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <vector>

#include "kernel/platform/mutex.hpp"
#include "kernel/plugin/service/lifetimes.hpp"
#include "kernel/plugin/service/services.hpp"
#include "kernel/task/network.hpp"
#include "mortise/cpp/boundary.hpp"
#include "mortise/cpp/plugin.hpp"
#include "mortise/iface/io.h"

namespace mortise::plugin {

namespace {

using task::ConnectionId;
using task::ListenerId;

// One front's callbacks.  Kept until the services are removed: connections outlive their listener.
class FrontHandler final : public task::NetworkHandler {
 public:
  explicit FrontHandler(const mortise_io_handler_t& handler) : handler_(handler) {}

  void* on_accept(ConnectionId connection, std::string_view peer) override {
    return handler_.on_accept(handler_.context, static_cast<mortise_connection_t>(connection),
                              str_of(peer));
  }
  void on_data(void* state, std::span<const std::byte> bytes) override {
    handler_.on_data(state, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  }
  void on_drained(void* state) override {
    if (handler_.on_drained != nullptr) handler_.on_drained(state);
  }
  void on_closed(void* state) override { handler_.on_closed(state); }

 private:
  const mortise_io_handler_t handler_;
};

struct Fronts {
  platform::Mutex mutex{platform::LockRank::leaf};
  std::vector<std::unique_ptr<FrontHandler>> handlers MORTISE_GUARDED_BY(mutex);
  std::vector<ListenerId> listeners MORTISE_GUARDED_BY(mutex);
};
Fronts& fronts() {
  static Fronts kept;
  return kept;
}

task::Network& network() {
  return *service_backends().network;
}

mortise_status_t MORTISE_CALL listen(mortise_str_t address, uint16_t port,
                                     const mortise_io_handler_t* handler,
                                     mortise_listener_t* listener, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    if (handler->struct_size_bytes < sizeof(mortise_io_handler_t) ||
        handler->on_accept == nullptr || handler->on_data == nullptr ||
        handler->on_closed == nullptr) {
      return invalid("a front's handler is incomplete");
    }
    auto front = std::make_unique<FrontHandler>(*handler);
    MORTISE_TRY_ASSIGN(const ListenerId id, network().listen(view_of(address), port, *front));
    platform::Lock lock(fronts().mutex);
    fronts().handlers.push_back(std::move(front));
    fronts().listeners.push_back(id);
    *listener = static_cast<mortise_listener_t>(id);
    return {};
  });
}

uint16_t MORTISE_CALL listener_port(mortise_listener_t listener) {
  return network().port_of(static_cast<ListenerId>(listener));
}

void MORTISE_CALL listen_close(mortise_listener_t listener) {
  network().close_listener(static_cast<ListenerId>(listener));
}

mortise_status_t MORTISE_CALL write(mortise_connection_t connection, const uint8_t* bytes,
                                    uint64_t size_bytes, mortise_error_t* error) {
  return guard(error, [&]() -> mortise_status_t {
    const Result<task::WriteOutcome> outcome =
        network().write(static_cast<ConnectionId>(connection),
                        {reinterpret_cast<const std::byte*>(bytes), size_bytes});
    if (!outcome) return report(outcome.error(), error);
    return *outcome == task::WriteOutcome::taken ? MORTISE_OK : MORTISE_AGAIN;
  });
}

mortise_status_t MORTISE_CALL wait_drained(mortise_connection_t connection,
                                           mortise_error_t* error) {
  return guard(error,
               [&] { return network().wait_drained(static_cast<ConnectionId>(connection)); });
}

void MORTISE_CALL read_pause(mortise_connection_t connection) {
  network().pause_reading(static_cast<ConnectionId>(connection));
}

void MORTISE_CALL read_resume(mortise_connection_t connection) {
  network().resume_reading(static_cast<ConnectionId>(connection));
}

void MORTISE_CALL close(mortise_connection_t connection) {
  network().close(static_cast<ConnectionId>(connection));
}

mortise_status_t MORTISE_CALL post(mortise_connection_t connection,
                                   void(MORTISE_CALL* run)(void* context), void* context,
                                   mortise_error_t* error) {
  return guard(error, [&] {
    return network().post(static_cast<ConnectionId>(connection), [run, context] { run(context); });
  });
}

constexpr mortise_iface_io_t kTable = {header_of<mortise_iface_io_t>(),
                                       listen,
                                       listener_port,
                                       listen_close,
                                       write,
                                       wait_drained,
                                       read_pause,
                                       read_resume,
                                       close,
                                       post};

}  // namespace

const void* io_table() {
  return &kTable;
}

void close_listeners() {
  if (service_backends().network == nullptr) return;
  std::vector<ListenerId> open;
  {
    platform::Lock lock(fronts().mutex);
    open.swap(fronts().listeners);
  }
  for (const ListenerId id : open) network().close_listener(id);
  network().stop();
  platform::Lock lock(fronts().mutex);
  fronts().handlers.clear();
}

}  // namespace mortise::plugin
