// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do bytes come from and go to clients?
//
// Event loops, one per core; a connection lives on one of them and its callbacks run there, one at
// a time.  Writing is possible from every thread: what the socket takes goes out at once on the
// writer's thread, the rest waits in a bounded buffer.  Idle connections hold no buffer.
//
// Invariants (the same as in sdk/include/mortise/iface/io.h, N1..N3)
//   N1  After on_closed no callback comes for that connection; its handle is stale before it.
//   N2  Data is delivered in order and without gaps.
//   N3  Past high_water_bytes a write is still taken and answers `above_high_water`; one that would
//       pass outgoing_bytes_max is refused.
//   N4  What post() accepted runs, before on_closed.
//   N5  Every on_accept that answered a state is followed by exactly one on_closed.
//
// TLS: Connection::send_some and receive_some in network.cpp are the two places that see the
// socket's bytes; a TLS stream goes between them and the rest.
//
// Threads: [any, concurrent] unless said otherwise; callbacks [loop], they must not wait.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "kernel/base/unique_function.hpp"
#include "mortise/cpp/basic_sync.hpp"  // kNoDeadline
#include "mortise/cpp/result.hpp"

namespace mortise::task {

enum class ConnectionId : uint64_t { none = 0 };  // generation:32 | index:32
enum class ListenerId : uint64_t { none = 0 };

// One protocol.  Outlives the listeners that name it and their connections.
class NetworkHandler {
 public:
  virtual ~NetworkHandler() = default;

  // A client has come; `peer` is its address ("127.0.0.1:50000", "[::1]:50000", "local").  The
  // answer is handed to the other callbacks; null closes the connection and is the last call.
  virtual void* on_accept(ConnectionId connection, std::string_view peer) = 0;
  // All of the bytes are consumed by the call.
  virtual void on_data(void* state, std::span<const std::byte> bytes) = 0;
  // Outgoing bytes fell below low_water_bytes after a write had answered above_high_water.
  virtual void on_drained(void* state) = 0;
  // The connection has ended, by either side.
  virtual void on_closed(void* state) = 0;
};

struct NetworkOptions {
  uint32_t loop_count = 0;  // 0: one per processor
  uint32_t connection_count_max = 65536;
  // File descriptors that clients may not take: below that many, accepting pauses and clients wait
  // in the system's queue, because files and logs have to be opened, too.
  uint32_t descriptors_reserved = 128;
  size_t low_water_bytes = size_t{256} << 10;
  size_t high_water_bytes = size_t{1} << 20;
  size_t outgoing_bytes_max = size_t{256} << 20;
  // How long close() waits for a client that takes nothing.
  uint64_t close_flush_ns = uint64_t{10} * 1000 * 1000 * 1000;
};

enum class WriteOutcome : uint8_t { taken, above_high_water };

class Network {
 public:
  static Result<std::unique_ptr<Network>> start(const NetworkOptions& options);
  ~Network();  // stops
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // `address`: "127.0.0.1", "::", "localhost", "*" (all of IPv4), a host name, or a path that
  // begins with '/' for a Unix socket, whose port is part of the path already.  Port 0: any.
  // `busy`: the port is in use; io 42501: not allowed; `invalid`: not an address of this machine.
  Result<ListenerId> listen(std::string_view address, uint16_t port, NetworkHandler& handler);
  // 0 for a stale handle and for Unix sockets.
  uint16_t port_of(ListenerId listener) const;
  // Stops accepting; connections live on.  No on_accept of this listener runs after it returns,
  // unless called from a callback.
  void close_listener(ListenerId listener);

  // Copies the bytes.  `stale`: the connection has ended.  `limit`: N3.
  Result<WriteOutcome> write(ConnectionId connection, std::span<const std::byte> bytes);
  // Sleeps until the outgoing bytes are below low_water_bytes.  `stale` when the connection ends,
  // `cancelled` at the deadline.  [worker]: not on a loop.
  Status wait_drained(ConnectionId connection, uint64_t deadline_ns = kNoDeadline);
  void pause_reading(ConnectionId connection);
  void resume_reading(ConnectionId connection);
  // Sends what is buffered, then ends the connection; on_closed follows.
  void close(ConnectionId connection);
  // Ends it now, dropping what is buffered; on_closed follows.
  void abort(ConnectionId connection);
  // Runs `function` on the connection's loop (N4).  `stale` when it has ended.
  Status post(ConnectionId connection, UniqueFunction<void()> function);
  // The same after a delay; dropped when the connection ends before that.
  Status post_after(ConnectionId connection, uint64_t delay_ns, UniqueFunction<void()> function);

  // Closes listeners, aborts connections, waits for their on_closed and for the loops.
  // Not from a callback.
  void stop();

  uint32_t loop_count() const;
  size_t connection_count() const;
  // Bytes that wait to be sent on a connection; 0 for a stale handle.
  size_t outgoing_bytes(ConnectionId connection) const;

 private:
  struct State;
  explicit Network(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace mortise::task
