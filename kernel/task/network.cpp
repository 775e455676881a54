// SPDX-License-Identifier: Apache-2.0
//
// Tidy: may call the system, because sockets are this module's.
// Tidy: may catch, because Asio throws where memory for a handler is short.
//
// Over Boost.Asio, which appears in this file and connection.* only.  Asio's constructors may
// throw; they are called in start() and listen() inside one try each.

#include "kernel/task/network.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <chrono>
#include <exception>
#include <functional>
#include <utility>

#include "kernel/observe/log.hpp"
#include "kernel/platform/clock.hpp"
#include "kernel/platform/os_error.hpp"
#include "kernel/task/connection.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::task {

namespace asio = boost::asio;
using asio::ip::tcp;
using platform::Lock;
using platform::LockRank;

namespace {

// After EMFILE and the like: long enough not to spin, short enough not to be noticed.
constexpr auto kAcceptPause = std::chrono::milliseconds(100);

// Descriptors are given out lowest first: the number that the next one would get tells how many are
// left below the process's limit.
bool are_descriptors_short(int any_descriptor, uint32_t reserved) {
  const int next = fcntl(any_descriptor, F_DUPFD_CLOEXEC, 0);
  if (next < 0) return errno == EMFILE;
  ::close(next);
  rlimit allowed{};
  if (getrlimit(RLIMIT_NOFILE, &allowed) != 0 || allowed.rlim_cur == RLIM_INFINITY) return false;
  // A tiny limit is shared fairly.
  const uint64_t kept = std::min<uint64_t>(reserved, allowed.rlim_cur / 4);
  return static_cast<uint64_t>(next) + kept >= allowed.rlim_cur;
}

// One accepting socket; its callbacks run on one loop.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol>;
  using Adopt = std::function<void(StreamSocket)>;

  Listener(Loop& loop, NetworkHandler& protocol, uint32_t descriptors_reserved)
      : acceptor(loop.context),
        handler(protocol),
        loop_(loop),
        retry_(loop.context),
        descriptors_reserved_(descriptors_reserved) {}

  // [loop]
  void accept(std::function<Loop&()> next_loop, std::function<void(Loop&, StreamSocket)> adopt) {
    const bool is_short = are_descriptors_short(acceptor.native_handle(), descriptors_reserved_);
    if (is_short != std::exchange(is_paused_, is_short)) {
      observe::log_event("kernel.network", observe::LogLevel::warn,
                         is_short ? "accept_paused" : "accept_resumed",
                         {{"reason", "few descriptors are left"}});
    }
    if (is_short) return accept_later(std::move(next_loop), std::move(adopt));
    Loop& target = next_loop();
    auto socket = std::make_shared<StreamSocket>(target.context);
    acceptor.async_accept(*socket, [self = shared_from_this(), this, socket, &target,
                                    next_loop = std::move(next_loop), adopt = std::move(adopt)](
                                       const boost::system::error_code& error) mutable {
      if (!acceptor.is_open()) return;
      if (error) return accept_later(std::move(next_loop), std::move(adopt));
      adopt(target, std::move(*socket));
      accept(std::move(next_loop), std::move(adopt));
    });
  }

  // [loop]
  void close() {
    boost::system::error_code ignored;
    acceptor.close(ignored);
    retry_.cancel();
    if (!unix_path.empty()) ::unlink(unix_path.c_str());
    unix_path.clear();
  }

  Loop& loop() { return loop_; }

  Acceptor acceptor;
  NetworkHandler& handler;
  uint16_t port = 0;      // constant after listen()
  uint64_t id = 0;        // constant after listen()
  std::string unix_path;  // empty: not a Unix socket

 private:
  void accept_later(std::function<Loop&()> next_loop,
                    std::function<void(Loop&, StreamSocket)> adopt) {
    retry_.expires_after(kAcceptPause);
    retry_.async_wait([self = shared_from_this(), this, next_loop = std::move(next_loop),
                       adopt = std::move(adopt)](const boost::system::error_code&) mutable {
      if (acceptor.is_open()) accept(std::move(next_loop), std::move(adopt));
    });
  }

  Loop& loop_;
  asio::steady_timer retry_;
  const uint32_t descriptors_reserved_;
  bool is_paused_ = false;  // [loop]
};

std::string endpoint_name(std::string_view address, uint16_t port) {
  if (address.starts_with('/')) return "\"" + std::string(address) + "\"";
  const bool is_v6 = address.find(':') != std::string_view::npos;
  return (is_v6 ? "[" + std::string(address) + "]" : std::string(address)) + ":" +
         std::to_string(port);
}

Status listen_error(int error, std::string_view address, uint16_t port) {
  const std::string where = endpoint_name(address, port);
  switch (error) {
    case EADDRINUSE:
      if (address.starts_with('/')) {
        return busy("socket " + where + " is in use by another server");
      }
      return busy("port " + std::to_string(port) + " is in use on " + std::string(address) +
                  ": stop the other server or choose another port");
    case EADDRNOTAVAIL:
      return invalid("cannot listen on " + where + ": not an address of this machine");
    case EACCES:
    case EPERM:
      return Status(Code::io, "42501",
                    "cannot listen on " + where + ": " + platform::errno_text(error));
    default:
      return Status(Code::io, "58030",
                    "cannot listen on " + where + ": " + platform::errno_text(error));
  }
}

Result<asio::generic::stream_protocol::endpoint> resolve(std::string_view address, uint16_t port,
                                                         asio::io_context& context) {
  using Generic = asio::generic::stream_protocol::endpoint;
  if (address.starts_with('/')) {
    if (address.size() > 107) {
      return invalid("the path of a Unix socket has at most 107 bytes: " + std::string(address));
    }
    return Generic(asio::local::stream_protocol::endpoint(std::string(address)));
  }
  if (address == "*") address = "0.0.0.0";
  if (address == "localhost") address = "127.0.0.1";
  boost::system::error_code error;
  const asio::ip::address literal = asio::ip::make_address(std::string(address), error);
  if (!error) return Generic(tcp::endpoint(literal, port));
  tcp::resolver resolver(context);
  const auto found = resolver.resolve(std::string(address), std::to_string(port), error);
  if (error || found.empty()) {
    return invalid("cannot listen on \"" + std::string(address) + "\": " + error.message());
  }
  return Generic(found.begin()->endpoint());
}

// A socket file that nobody answers on is left over from a crash and may be replaced.
bool is_abandoned(const std::string& path, asio::io_context& context) {
  asio::local::stream_protocol::socket probe(context);
  boost::system::error_code error;
  probe.connect(asio::local::stream_protocol::endpoint(path), error);
  return error == asio::error::connection_refused;
}

}  // namespace

struct Network::State {
  explicit State(const NetworkOptions& given)
      : options(given),
        connections(given.connection_count_max, LockRank::network),
        listeners(1024, LockRank::network) {}

  Loop& next_loop() {
    return *loops[next_loop_index.fetch_add(1, std::memory_order_relaxed) % loops.size()];
  }

  void adopt(const std::shared_ptr<Listener>& listener, Loop& loop, StreamSocket socket) {
    auto connection = std::make_shared<Connection>(loop, std::move(socket), listener->handler,
                                                   options, connections);
    const uint64_t id = connections.add(connection);
    if (id == 0) return;  // full: the client sees the end of the connection
    asio::post(loop.context, [connection, id] { connection->begin(ConnectionId{id}); });
  }

  std::shared_ptr<Connection> find(ConnectionId id) const {
    return connections.find(static_cast<uint64_t>(id));
  }

  const NetworkOptions options;
  std::vector<std::unique_ptr<Loop>> loops;  // constant after start()
  std::atomic<uint64_t> next_loop_index{0};
  HandleTable<Connection> connections;
  HandleTable<Listener> listeners;
  platform::Mutex stop_mutex;
  bool stopped MORTISE_GUARDED_BY(stop_mutex) = false;
};

Network::Network(std::unique_ptr<State> state) : state_(std::move(state)) {}
Network::~Network() {
  stop();
}

Result<std::unique_ptr<Network>> Network::start(const NetworkOptions& options) {
  MORTISE_ASSERT(options.low_water_bytes <= options.high_water_bytes);
  MORTISE_ASSERT(options.high_water_bytes <= options.outgoing_bytes_max);
  const uint32_t count = options.loop_count == 0 ? platform::cpu_count() : options.loop_count;
  std::unique_ptr<Network> network(new Network(std::make_unique<State>(options)));
  State& state = *network->state_;
  try {
    for (uint32_t i = 0; i < count; ++i) state.loops.push_back(std::make_unique<Loop>());
  } catch (const std::exception& refused) {  // no epoll or eventfd descriptor left
    return Status(Code::limit, "53000",
                  std::string("cannot make an event loop: ") + refused.what());
  }
  for (uint32_t i = 0; i < count; ++i) {
    Loop* const loop = state.loops[i].get();
    MORTISE_TRY_ASSIGN(loop->thread, platform::Thread::spawn("loop-" + std::to_string(i),
                                                             [loop] { loop->run(); }));
  }
  return network;
}

Result<ListenerId> Network::listen(std::string_view address, uint16_t port,
                                   NetworkHandler& handler) {
  {
    Lock lock(state_->stop_mutex);
    if (state_->stopped) return Status(Code::cancelled, "57P01", "the network is stopping");
  }
  Loop& loop = state_->next_loop();
  MORTISE_TRY_ASSIGN(const auto endpoint, resolve(address, port, loop.context));
  const auto listener =
      std::make_shared<Listener>(loop, handler, state_->options.descriptors_reserved);
  const std::string path(address.starts_with('/') ? address : std::string_view());
  boost::system::error_code error;
  listener->acceptor.open(endpoint.protocol(), error);
  if (!error && path.empty()) {
    listener->acceptor.set_option(asio::socket_base::reuse_address(true), error);
  }
  if (!error) listener->acceptor.bind(endpoint, error);
  if (error == asio::error::address_in_use && !path.empty() && is_abandoned(path, loop.context)) {
    ::unlink(path.c_str());
    listener->acceptor.bind(endpoint, error);
  }
  if (!error) listener->acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return listen_error(error.value(), address, port);
  close_on_exec(listener->acceptor.native_handle());
  listener->unix_path = path;
  listener->port = path.empty() ? port_of_socket(listener->acceptor.native_handle()) : uint16_t{0};
  const uint64_t id = state_->listeners.add(listener);
  if (id == 0) return limit("too many listeners");
  listener->id = id;
  asio::post(loop.context, [state = state_.get(), listener] {
    listener->accept([state]() -> Loop& { return state->next_loop(); },
                     [state, listener](Loop& target, StreamSocket socket) {
                       state->adopt(listener, target, std::move(socket));
                     });
  });
  return ListenerId{id};
}

uint16_t Network::port_of(ListenerId listener) const {
  const auto found = state_->listeners.find(static_cast<uint64_t>(listener));
  return found == nullptr ? uint16_t{0} : found->port;
}

void Network::close_listener(ListenerId id) {
  const auto listener = state_->listeners.remove(static_cast<uint64_t>(id));
  if (listener == nullptr) return;
  Loop& loop = listener->loop();
  if (Loop::current() != nullptr) {
    asio::post(loop.context, [listener] { listener->close(); });
    return;
  }
  loop.run_and_wait([&] { listener->close(); });
  // What was accepted before is begun on other loops; go through each of them once.
  for (const std::unique_ptr<Loop>& other : state_->loops) other->run_and_wait([] {});
}

Result<WriteOutcome> Network::write(ConnectionId id, std::span<const std::byte> bytes) {
  const auto connection = state_->find(id);
  if (connection == nullptr) return stale("the connection has ended");
  return connection->write(bytes);
}

Status Network::wait_drained(ConnectionId id, uint64_t deadline_ns) {
  MORTISE_ASSERT(Loop::current() == nullptr);
  const auto connection = state_->find(id);
  if (connection == nullptr) return stale("the connection has ended");
  return connection->wait_drained(deadline_ns);
}

void Network::pause_reading(ConnectionId id) {
  if (const auto connection = state_->find(id)) connection->set_paused(true);
}
void Network::resume_reading(ConnectionId id) {
  if (const auto connection = state_->find(id)) connection->set_paused(false);
}
void Network::close(ConnectionId id) {
  const auto connection = state_->find(id);
  if (connection == nullptr) return;
  asio::post(connection->loop().context, [connection] { connection->flush_and_end(); });
}
void Network::abort(ConnectionId id) {
  const auto connection = state_->find(id);
  if (connection == nullptr) return;
  asio::post(connection->loop().context, [connection] { connection->end(); });
}

Status Network::post(ConnectionId id, UniqueFunction<void()> function) {
  const auto connection = state_->find(id);
  if (connection == nullptr) return stale("the connection has ended");
  return connection->post(std::move(function));
}

Status Network::post_after(ConnectionId id, uint64_t delay_ns, UniqueFunction<void()> function) {
  const auto connection = state_->find(id);
  if (connection == nullptr) return stale("the connection has ended");
  return connection->post_after(delay_ns, std::move(function));
}

void Network::stop() {
  MORTISE_ASSERT(Loop::current() == nullptr);
  Lock lock(state_->stop_mutex);
  if (std::exchange(state_->stopped, true)) return;
  const bool is_whole = std::ranges::all_of(
      state_->loops, [](const auto& loop) { return loop->thread.is_joinable(); });
  if (!is_whole) {  // start() failed half-way: nothing has been accepted
    for (const std::unique_ptr<Loop>& loop : state_->loops) {
      if (loop->thread.is_joinable()) loop->finish();
    }
    return;
  }
  for (const auto& listener : state_->listeners.all()) {
    state_->listeners.remove(listener->id);
    listener->loop().run_and_wait([&] { listener->close(); });
  }
  // One round begins what was accepted, one ends it, one brings the on_closed that it queued.
  for (const std::unique_ptr<Loop>& loop : state_->loops) loop->run_and_wait([] {});
  for (const auto& connection : state_->connections.all()) {
    asio::post(connection->loop().context, [connection] { connection->end(); });
  }
  for (int round = 0; round < 2; ++round) {
    for (const std::unique_ptr<Loop>& loop : state_->loops) loop->run_and_wait([] {});
  }
  for (const std::unique_ptr<Loop>& loop : state_->loops) loop->finish();
  MORTISE_ASSERT(state_->connections.count() == 0);  // N5
}

uint32_t Network::loop_count() const {
  return static_cast<uint32_t>(state_->loops.size());
}
size_t Network::connection_count() const {
  return state_->connections.count();
}
size_t Network::outgoing_bytes(ConnectionId id) const {
  const auto connection = state_->find(id);
  return connection == nullptr ? 0 : connection->outgoing_bytes();
}

}  // namespace mortise::task
