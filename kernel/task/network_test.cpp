// SPDX-License-Identifier: Apache-2.0
//
// Goal:   bytes arrive in order, slow clients hold back writers, and every end is told once.
// Method: an echo protocol and a flood protocol against blocking clients on loopback.

#include "kernel/task/network.hpp"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <string>
#include <vector>

#include "kernel/base/bytes.hpp"
#include "kernel/platform/mutex.hpp"
#include "kernel/platform/process.hpp"
#include "kernel/platform/thread.hpp"

namespace mortise::task {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

class Counter {
 public:
  void add() {
    value_.fetch_add(1);
    platform::park_wake_all(value_);
  }
  void wait_for(uint32_t wanted) {
    for (uint32_t now = value_.load(); now < wanted; now = value_.load()) {
      platform::park_wait(value_, now);
    }
  }
  uint32_t value() const { return value_.load(); }

 private:
  std::atomic<uint32_t> value_{0};
};

struct Session {
  ConnectionId id{};
  std::string peer;
};

class TestHandler : public NetworkHandler {
 public:
  void* on_accept(ConnectionId connection, std::string_view peer) override {
    auto* session = new Session{connection, std::string(peer)};
    last = connection;
    {
      platform::Lock lock(mutex);
      last_peer = session->peer;
    }
    accepted.add();
    return session;
  }
  void on_data(void* state, std::span<const std::byte> bytes) override {
    received_bytes += bytes.size();
    const auto outcome = network->write(static_cast<Session*>(state)->id, bytes);
    if (!outcome) MORTISE_ASSERT(outcome.error().code() == Code::stale);
  }
  void on_drained(void*) override { drained.add(); }
  void on_closed(void* state) override {
    delete static_cast<Session*>(state);
    closed.add();
  }

  std::string peer() {
    platform::Lock lock(mutex);
    return last_peer;
  }

  Network* network = nullptr;
  std::atomic<ConnectionId> last{};
  platform::Mutex mutex;
  std::string last_peer MORTISE_GUARDED_BY(mutex);
  std::atomic<uint64_t> received_bytes{0};
  Counter accepted;
  Counter drained;
  Counter closed;
};

struct Server {
  explicit Server(const NetworkOptions& options = {}) {
    NetworkOptions chosen = options;
    chosen.loop_count = 2;
    auto started = Network::start(chosen);
    REQUIRE(started.has_value());
    network = std::move(*started);
    handler.network = network.get();
    auto listening = network->listen("127.0.0.1", 0, handler);
    REQUIRE(listening.has_value());
    listener = *listening;
    port = network->port_of(listener);
    REQUIRE(port != 0);
  }
  tcp::socket connect() {
    tcp::socket socket(context);
    error_code error;
    socket.connect(tcp::endpoint(asio::ip::address_v4::loopback(), port), error);
    REQUIRE_FALSE(error);
    return socket;
  }

  TestHandler handler;
  std::unique_ptr<Network> network;
  ListenerId listener{};
  uint16_t port = 0;
  asio::io_context context;
};

std::string read_exactly(tcp::socket& socket, size_t size) {
  std::string text(size, '\0');
  error_code error;
  asio::read(socket, asio::buffer(text), error);
  REQUIRE_FALSE(error);
  return text;
}

TEST_CASE("network: N2 what is sent comes back in order") {
  Server server;
  tcp::socket client = server.connect();
  server.handler.accepted.wait_for(1);
  CHECK(server.handler.peer().starts_with("127.0.0.1:"));
  std::string sent;
  for (int i = 0; i < 100; ++i) {
    const std::string part = "message " + std::to_string(i) + std::string(i * 37, 'x');
    error_code error;
    asio::write(client, asio::buffer(part), error);
    REQUIRE_FALSE(error);
    CHECK(read_exactly(client, part.size()) == part);
  }
  CHECK(server.network->connection_count() == 1);
  error_code ignored;
  client.close(ignored);
  server.handler.closed.wait_for(1);
  CHECK(server.network->connection_count() == 0);
}

TEST_CASE("network: many clients at once, each with its own bytes") {
  Server server;
  std::vector<platform::Thread> threads;
  std::atomic<int> right{0};
  for (int t = 0; t < 4; ++t) {
    auto thread = platform::Thread::spawn("client", [&, t] {
      asio::io_context context;
      for (int i = 0; i < 20; ++i) {
        tcp::socket socket(context);
        error_code error;
        socket.connect(tcp::endpoint(asio::ip::address_v4::loopback(), server.port), error);
        std::string text = std::to_string(t * 1000 + i) + std::string(5000, 'y');
        asio::write(socket, asio::buffer(text), error);
        std::string back(text.size(), '\0');
        asio::read(socket, asio::buffer(back), error);
        if (!error && back == text) right.fetch_add(1);
      }
    });
    REQUIRE(thread.has_value());
    threads.push_back(std::move(*thread));
  }
  for (platform::Thread& thread : threads) thread.join();
  CHECK(right.load() == 80);
  server.handler.closed.wait_for(80);
  CHECK(server.handler.accepted.value() == 80);
}

TEST_CASE("network: N3 a slow client holds its writer back and loses nothing") {
  NetworkOptions options;
  options.low_water_bytes = 64 << 10;
  options.high_water_bytes = 256 << 10;
  options.outgoing_bytes_max = 16 << 20;
  Server server(options);
  tcp::socket client = server.connect();
  server.handler.accepted.wait_for(1);
  const ConnectionId id = server.handler.last.load();
  const std::string part(100000, 'z');
  size_t written = 0;
  while (true) {
    const auto outcome = server.network->write(id, as_bytes(part));
    REQUIRE(outcome.has_value());
    written += part.size();
    if (*outcome == WriteOutcome::above_high_water) break;
  }
  Status refused;
  while (refused.is_ok()) {
    const auto outcome = server.network->write(id, as_bytes(part));
    if (outcome) {
      written += part.size();
    } else {
      refused = outcome.error();
    }
  }
  CHECK(refused.code() == Code::limit);
  CHECK(server.network->outgoing_bytes(id) <= options.outgoing_bytes_max);
  CHECK(server.network->wait_drained(id, 0).code() == Code::cancelled);
  auto reader = platform::Thread::spawn("reader", [&] {
    std::string all(written, '\0');
    error_code error;
    asio::read(client, asio::buffer(all), error);
    MORTISE_ASSERT(!error);
    MORTISE_ASSERT(all.find_first_not_of('z') == std::string::npos);
  });
  REQUIRE(reader.has_value());
  CHECK(server.network->wait_drained(id).is_ok());
  server.handler.drained.wait_for(1);
  reader->join();
  CHECK(server.network->outgoing_bytes(id) == 0);
}

TEST_CASE("network: close sends what is buffered first; N1 the handle is stale then") {
  Server server;
  tcp::socket client = server.connect();
  server.handler.accepted.wait_for(1);
  const ConnectionId id = server.handler.last.load();
  const std::string text(3 << 20, 'q');
  REQUIRE(server.network->write(id, as_bytes(text)).has_value());
  server.network->close(id);
  CHECK(read_exactly(client, text.size()) == text);
  server.handler.closed.wait_for(1);
  CHECK(server.network->write(id, as_bytes("x")).error().code() == Code::stale);
  CHECK(server.network->post(id, [] {}).code() == Code::stale);
  CHECK(server.network->wait_drained(id).code() == Code::stale);
  std::array<char, 1> more{};
  error_code error;
  client.read_some(asio::buffer(more), error);
  CHECK(error == asio::error::eof);
}

TEST_CASE("network: reading pauses and resumes") {
  Server server;
  tcp::socket client = server.connect();
  server.handler.accepted.wait_for(1);
  const ConnectionId id = server.handler.last.load();
  server.network->pause_reading(id);
  Counter passed;
  REQUIRE(server.network->post(id, [&] { passed.add(); }).is_ok());
  passed.wait_for(1);
  error_code error;
  asio::write(client, asio::buffer(std::string("hello")), error);
  REQUIRE(server.network->post_after(id, 20 * 1000 * 1000, [&] { passed.add(); }).is_ok());
  passed.wait_for(2);
  CHECK(server.handler.received_bytes.load() == 0);
  server.network->resume_reading(id);
  CHECK(read_exactly(client, 5) == "hello");
}

TEST_CASE("network: N4 what was posted runs before the end is told") {
  Server server;
  for (uint32_t i = 1; i <= 20; ++i) {
    tcp::socket client = server.connect();
    server.handler.accepted.wait_for(i);
    const ConnectionId id = server.handler.last.load();
    std::atomic<uint32_t> ran{0};
    std::atomic<uint32_t> early{0};
    uint32_t posted = 0;
    server.network->abort(id);
    while (server.network
               ->post(id,
                      [&] {
                        ran.fetch_add(1);
                        if (server.handler.closed.value() >= i) early.fetch_add(1);
                      })
               .is_ok()) {
      ++posted;
    }
    server.handler.closed.wait_for(i);
    CHECK(ran.load() == posted);
    CHECK(early.load() == 0);
  }
}

TEST_CASE("network: a taken port and a foreign address are refused with what to do") {
  Server server;
  const auto taken = server.network->listen("127.0.0.1", server.port, server.handler);
  REQUIRE_FALSE(taken.has_value());
  CHECK(taken.error().code() == Code::busy);
  CHECK(taken.error().message().starts_with("port " + std::to_string(server.port) + " is in use"));
  const auto foreign = server.network->listen("192.0.2.1", 0, server.handler);
  REQUIRE_FALSE(foreign.has_value());
  CHECK(foreign.error().code() == Code::invalid);
}

TEST_CASE("network: a closed listener accepts nobody and its connections live on") {
  Server server;
  tcp::socket client = server.connect();
  server.handler.accepted.wait_for(1);
  server.network->close_listener(server.listener);
  CHECK(server.network->port_of(server.listener) == 0);
  tcp::socket late(server.context);
  error_code error;
  late.connect(tcp::endpoint(asio::ip::address_v4::loopback(), server.port), error);
  CHECK(error);
  asio::write(client, asio::buffer(std::string("still")), error);
  CHECK(read_exactly(client, 5) == "still");
}

TEST_CASE("network: a Unix socket works and a left-over file is replaced") {
  Server server;
  auto directory = platform::TemporaryDirectory::create("mortise-net-");
  REQUIRE(directory.has_value());
  const std::string path = directory->path() + "/socket";
  {
    // Bound and abandoned, as after a crash.
    asio::local::stream_protocol::acceptor crashed(server.context,
                                                   asio::local::stream_protocol::endpoint(path));
  }
  const auto listening = server.network->listen(path, 0, server.handler);
  REQUIRE(listening.has_value());
  CHECK(server.network->listen(path, 0, server.handler).error().code() == Code::busy);
  asio::local::stream_protocol::socket client(server.context);
  error_code error;
  client.connect(asio::local::stream_protocol::endpoint(path), error);
  REQUIRE_FALSE(error);
  server.handler.accepted.wait_for(1);
  CHECK(server.handler.peer() == "local");
  asio::write(client, asio::buffer(std::string("abc")), error);
  std::string back(3, '\0');
  asio::read(client, asio::buffer(back), error);
  CHECK(back == "abc");
}

TEST_CASE("network: N5 a stop ends everybody once, far timers do not hold it up") {
  auto server = std::make_unique<Server>();
  std::vector<tcp::socket> clients;
  for (int i = 0; i < 10; ++i) clients.push_back(server->connect());
  server->handler.accepted.wait_for(10);
  const ConnectionId id = server->handler.last.load();
  REQUIRE(server->network->post_after(id, uint64_t{3600} * 1000000000, [] {}).is_ok());
  server->network->stop();
  CHECK(server->handler.closed.value() == 10);
  CHECK(server->network->listen("127.0.0.1", 0, server->handler).error().code() == Code::cancelled);
}

}  // namespace
}  // namespace mortise::task
