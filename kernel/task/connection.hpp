// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what is one client's connection, and the loop that it lives on?
//
// Private to kernel/task (network.cpp).
//
// Threads: tagged; [loop] is the connection's own loop.

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "kernel/platform/mutex.hpp"
#include "kernel/platform/thread.hpp"
#include "kernel/task/handle_table.hpp"
#include "kernel/task/network.hpp"

namespace mortise::task {

using StreamSocket = boost::asio::generic::stream_protocol::socket;

class Loop {
 public:
  static constexpr size_t kReadBytes = size_t{64} << 10;

  Loop() : context(1), read_buffer(kReadBytes), work_(context.get_executor()) {}

  // The loop whose thread this is, or nullptr.
  static Loop* current();
  void run();
  // Runs `function` on the loop, after what stands in its queue, and waits for it.  Not on a loop.
  void run_and_wait(UniqueFunction<void()> function);
  // Ends and joins the loop; timers that are not due are dropped.
  void finish();

  boost::asio::io_context context;
  platform::Thread thread;
  std::vector<std::byte> read_buffer;  // [loop]; shared by its connections, empty between callbacks

 private:
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
};

void close_on_exec(int descriptor);
// Of an IPv4 or IPv6 socket's own side.
uint16_t port_of_socket(int descriptor);

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Loop& loop, StreamSocket socket, NetworkHandler& handler,
             const NetworkOptions& options, HandleTable<Connection>& table);

  // [loop]
  void begin(ConnectionId id);
  void flush_and_end();
  void end();

  // [any, concurrent]
  Result<WriteOutcome> write(std::span<const std::byte> bytes);
  Status wait_drained(uint64_t deadline_ns);
  void set_paused(bool paused);
  Status post(UniqueFunction<void()> function);
  Status post_after(uint64_t delay_ns, UniqueFunction<void()> function);
  size_t outgoing_bytes() const;
  Loop& loop() { return loop_; }

 private:
  // How many bytes the socket took or gave; 0 with *error == EAGAIN when it would wait.
  size_t send_some(std::span<const std::byte> bytes, int* error) MORTISE_REQUIRES(mutex_);
  size_t receive_some(std::span<std::byte> into, int* error, bool* ended);

  void arm_read();
  void on_readable();
  void arm_write();
  void on_writable();
  // Sends what it can; answers an errno that ends the connection, or 0.
  int flush() MORTISE_REQUIRES(mutex_);
  bool is_ended() const;

  Loop& loop_;
  NetworkHandler& handler_;
  const NetworkOptions& options_;
  HandleTable<Connection>& table_;

  // Owned by [loop].
  ConnectionId id_ = ConnectionId::none;
  void* state_ = nullptr;
  bool read_armed_ = false;
  bool write_armed_ = false;
  bool ending_ = false;  // flush_and_end has begun: nothing is read any more
  boost::asio::steady_timer flush_timer_;
  StreamSocket socket_;  // closed under mutex_; sends from other threads are under it too

  std::atomic<bool> paused_{false};
  mutable platform::Mutex mutex_{platform::LockRank::connection};
  platform::CondVar drained_;
  std::vector<std::byte> outgoing_ MORTISE_GUARDED_BY(mutex_);  // sent up to outgoing_begin_
  size_t outgoing_begin_ MORTISE_GUARDED_BY(mutex_) = 0;
  bool above_high_water_ MORTISE_GUARDED_BY(mutex_) = false;
  bool ended_ MORTISE_GUARDED_BY(mutex_) = false;
};

}  // namespace mortise::task
