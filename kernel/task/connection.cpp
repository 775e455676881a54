// SPDX-License-Identifier: Apache-2.0
//
// Tidy: may call the system, because sockets are this module's.

#include "kernel/task/connection.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "mortise/cpp/assert.hpp"

namespace mortise::task {

namespace asio = boost::asio;
using platform::Lock;
using ErrorCode = boost::system::error_code;

namespace {

thread_local Loop* current_loop = nullptr;

// A busy connection gives its loop to others after so many buffers.
constexpr int kReadsPerTurn = 8;
// An outgoing buffer larger than this is given back when it is empty.
constexpr size_t kKeptBytesMax = size_t{64} << 10;

std::string peer_name(const StreamSocket& socket) {
  ErrorCode error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return "unknown";
  if (endpoint.protocol().family() == AF_UNIX) return "local";
  asio::ip::tcp::endpoint address;
  if (endpoint.size() > address.capacity()) return "unknown";
  std::memcpy(address.data(), endpoint.data(), endpoint.size());
  address.resize(endpoint.size());
  const std::string text = address.address().to_string(error);
  if (error) return "unknown";
  const bool is_v6 = address.address().is_v6();
  return (is_v6 ? "[" + text + "]" : text) + ":" + std::to_string(address.port());
}

}  // namespace

Loop* Loop::current() {
  return current_loop;
}

void Loop::run() {
  current_loop = this;
  context.run();
  current_loop = nullptr;
}

void Loop::run_and_wait(UniqueFunction<void()> function) {
  MORTISE_ASSERT(current() == nullptr);
  std::atomic<uint32_t> done{0};
  asio::post(context, [&] {
    function();
    done.store(1, std::memory_order_release);
    platform::park_wake_all(done);
  });
  while (done.load(std::memory_order_acquire) == 0) platform::park_wait(done, 0);
}

void Loop::finish() {
  work_.reset();
  context.stop();
  thread.join();
}

void close_on_exec(int descriptor) {
  (void)fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

uint16_t port_of_socket(int descriptor) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  if (address.ss_family == AF_INET) {
    return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
  }
  if (address.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port);
  }
  return 0;
}

Connection::Connection(Loop& loop, StreamSocket socket, NetworkHandler& handler,
                       const NetworkOptions& options, HandleTable<Connection>& table)
    : loop_(loop),
      handler_(handler),
      options_(options),
      table_(table),
      flush_timer_(loop.context),
      socket_(std::move(socket)) {}

bool Connection::is_ended() const {
  Lock lock(mutex_);
  return ended_;
}

void Connection::begin(ConnectionId id) {
  MORTISE_ASSERT(Loop::current() == &loop_);
  id_ = id;
  ErrorCode ignored;  // a socket without these works, only slower
  close_on_exec(socket_.native_handle());
  socket_.native_non_blocking(true, ignored);
  const int on = 1;
  (void)setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  (void)setsockopt(socket_.native_handle(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
  state_ = handler_.on_accept(id, peer_name(socket_));
  if (state_ == nullptr) {
    flush_and_end();  // a refusal may have written its reason
    return;
  }
  arm_read();
}

size_t Connection::receive_some(std::span<std::byte> into, int* error, bool* ended) {
  const ssize_t got = ::recv(socket_.native_handle(), into.data(), into.size(), MSG_DONTWAIT);
  *error = got < 0 ? errno : 0;
  *ended = got == 0;
  return got > 0 ? static_cast<size_t>(got) : 0;
}

size_t Connection::send_some(std::span<const std::byte> bytes, int* error) {
  const ssize_t sent =
      ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  *error = sent < 0 ? errno : 0;
  return sent > 0 ? static_cast<size_t>(sent) : 0;
}

void Connection::arm_read() {
  if (read_armed_ || ending_ || paused_.load(std::memory_order_acquire) || is_ended()) return;
  read_armed_ = true;
  socket_.async_wait(StreamSocket::wait_read, [self = shared_from_this()](const ErrorCode& error) {
    self->read_armed_ = false;
    if (!error) self->on_readable();
  });
}

void Connection::on_readable() {
  for (int turn = 0; turn < kReadsPerTurn; ++turn) {
    if (ending_ || paused_.load(std::memory_order_acquire) || is_ended()) return;
    int error = 0;
    bool peer_ended = false;
    const size_t got = receive_some(loop_.read_buffer, &error, &peer_ended);
    if (peer_ended) {
      // The client has said all it wanted; what is on its way to it may still arrive.
      flush_and_end();
      return;
    }
    if (error == EINTR) continue;
    if (error == EAGAIN || error == EWOULDBLOCK) break;
    if (error != 0) {
      end();
      return;
    }
    handler_.on_data(state_, std::span(loop_.read_buffer).first(got));
    if (got < loop_.read_buffer.size()) break;  // the socket is empty
  }
  arm_read();
}

Result<WriteOutcome> Connection::write(std::span<const std::byte> bytes) {
  Lock lock(mutex_);
  if (ended_) return stale("the connection has ended");
  const size_t waiting = outgoing_.size() - outgoing_begin_;
  if (bytes.size() > options_.outgoing_bytes_max - waiting) {
    return limit("the client takes too little: " + std::to_string(waiting) +
                 " bytes wait to be sent");
  }
  if (waiting == 0) {
    // The usual answer to a request: out at once, no trip through the loop.
    int error = 0;
    const size_t sent = send_some(bytes, &error);
    bytes = bytes.subspan(sent);
    if (bytes.empty()) return WriteOutcome::taken;
  }
  // An error of the socket is found again by the loop, which ends the connection.
  outgoing_.insert(outgoing_.end(), bytes.begin(), bytes.end());
  if (waiting == 0) {
    asio::post(loop_.context, [self = shared_from_this()] { self->on_writable(); });
  }
  above_high_water_ = above_high_water_ || waiting + bytes.size() > options_.high_water_bytes;
  return above_high_water_ ? WriteOutcome::above_high_water : WriteOutcome::taken;
}

int Connection::flush() {
  while (outgoing_begin_ < outgoing_.size()) {
    int error = 0;
    outgoing_begin_ += send_some(std::span(outgoing_).subspan(outgoing_begin_), &error);
    if (error == EINTR) continue;
    if (error == EAGAIN || error == EWOULDBLOCK) break;
    if (error != 0) return error;
  }
  if (outgoing_begin_ == outgoing_.size()) {
    outgoing_.clear();
    outgoing_begin_ = 0;
    if (outgoing_.capacity() > kKeptBytesMax) std::vector<std::byte>().swap(outgoing_);
  } else if (outgoing_begin_ > outgoing_.size() / 2) {
    outgoing_.erase(outgoing_.begin(), outgoing_.begin() + static_cast<ptrdiff_t>(outgoing_begin_));
    outgoing_begin_ = 0;
  }
  return 0;
}

void Connection::on_writable() {
  bool drained = false;
  bool empty = false;
  int error = 0;
  {
    Lock lock(mutex_);
    if (ended_) return;
    error = flush();
    const size_t waiting = outgoing_.size() - outgoing_begin_;
    empty = waiting == 0;
    if (waiting <= options_.low_water_bytes) {
      drained = std::exchange(above_high_water_, false);
      drained_.notify_all();
    }
  }
  if (error != 0 || (empty && ending_)) {
    end();
    return;
  }
  if (!empty) arm_write();
  if (drained && state_ != nullptr) handler_.on_drained(state_);
}

void Connection::arm_write() {
  if (write_armed_) return;
  write_armed_ = true;
  socket_.async_wait(StreamSocket::wait_write, [self = shared_from_this()](const ErrorCode& error) {
    self->write_armed_ = false;
    if (!error) self->on_writable();
  });
}

void Connection::flush_and_end() {
  if (ending_ || is_ended()) return;
  ending_ = true;
  flush_timer_.expires_after(std::chrono::nanoseconds(options_.close_flush_ns));
  flush_timer_.async_wait([self = shared_from_this()](const ErrorCode& error) {
    if (!error) self->end();
  });
  on_writable();
}

void Connection::end() {
  MORTISE_ASSERT(Loop::current() == &loop_);
  {
    Lock lock(mutex_);
    if (std::exchange(ended_, true)) return;
    // Closing with unread bytes would reset the connection, and the client might lose the end of
    // what it was sent.
    int error = 0;
    bool peer_ended = false;
    for (int turn = 0; turn < kReadsPerTurn && error == 0 && !peer_ended; ++turn) {
      receive_some(loop_.read_buffer, &error, &peer_ended);
    }
    ErrorCode ignored;
    socket_.shutdown(StreamSocket::shutdown_both, ignored);
    socket_.close(ignored);
    std::vector<std::byte>().swap(outgoing_);
    outgoing_begin_ = 0;
  }
  flush_timer_.cancel();
  drained_.notify_all();
  table_.remove(static_cast<uint64_t>(id_));
  // Behind what post() has accepted, which stands in the loop's queue already (N4).
  asio::post(loop_.context, [self = shared_from_this()] {
    if (self->state_ != nullptr) self->handler_.on_closed(std::exchange(self->state_, nullptr));
  });
}

Status Connection::wait_drained(uint64_t deadline_ns) {
  Lock lock(mutex_);
  while (!ended_ && outgoing_.size() - outgoing_begin_ > options_.low_water_bytes) {
    if (!drained_.wait_until(mutex_, deadline_ns)) {
      return cancelled("the client did not take its data in time");
    }
  }
  return ended_ ? stale("the connection has ended") : Status();
}

void Connection::set_paused(bool paused) {
  paused_.store(paused, std::memory_order_release);
  if (!paused) {
    asio::post(loop_.context, [self = shared_from_this()] {
      if (self->state_ != nullptr) self->arm_read();
    });
  }
}

Status Connection::post(UniqueFunction<void()> function) {
  // Under the lock, so that it stands in the queue before end() puts on_closed there.
  Lock lock(mutex_);
  if (ended_) return stale("the connection has ended");
  asio::post(loop_.context, [run = std::move(function)]() mutable { run(); });
  return {};
}

Status Connection::post_after(uint64_t delay_ns, UniqueFunction<void()> function) {
  return post([self = shared_from_this(), delay_ns, run = std::move(function)]() mutable {
    auto timer = std::make_shared<asio::steady_timer>(self->loop_.context);
    timer->expires_after(std::chrono::nanoseconds(delay_ns));
    timer->async_wait([self, timer, later = std::move(run)](const ErrorCode& error) mutable {
      if (!error && !self->is_ended()) later();
    });
  });
}

size_t Connection::outgoing_bytes() const {
  Lock lock(mutex_);
  return outgoing_.size() - outgoing_begin_;
}

}  // namespace mortise::task
