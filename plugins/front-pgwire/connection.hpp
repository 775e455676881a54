// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do bytes of one client become messages for its session, and who runs them?
//
// The loop cuts the stream into messages and puts them into the inbox.  While the inbox is not
// empty one task of the blocking pool takes messages out and runs them (Conversation); an idle
// connection holds no thread.  COPY data is read by the running statement from the same inbox.
//
// Invariants
//   W1  At most one task runs for a connection; messages are run in the order they came.
//   W2  The inbox is bounded: past kInboxBytesHigh, or when the memory service grants no more for
//       it, reading from the socket stops until it has fallen below kInboxBytesLow.
//   W3  The session is opened, used and closed by that task only; others may interrupt it.
//   W4  After `end_with` or `on_closed` nothing more enters the inbox.
//
// Threads: as marked; the object is shared by the loop and the task (shared_ptr).

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "framer.hpp"
#include "message.hpp"
#include "mortise/cpp/result.hpp"
#include "mortise/cpp/sync.hpp"
#include "services.hpp"

namespace mortise::front_pgwire {

class Conversation;

// How long a session may do nothing, and what it is told then.
struct IdleLimit {
  uint64_t duration_ms = 0;  // 0: for ever
  std::string_view sqlstate;
  std::string_view message;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  static constexpr uint64_t kInboxBytesHigh = 4 << 20;
  static constexpr uint64_t kInboxBytesLow = 1 << 20;

  Connection(const Services& services, mortise_connection_t handle, std::string peer);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // The place at the door that `connection` gives up when its session is open.  Before any bytes.
  // [loop]
  void set_ticket(uint64_t ticket) { ticket_ = ticket; }
  // Bytes have come.  [loop]
  void on_data(const uint8_t* bytes, uint64_t size_bytes);
  // The socket is gone; the session ends when its task has noticed.  [loop]
  void on_closed();

  // Ends what the session runs now.  [any, concurrent]
  void cancel();
  // Tells the client why, ends what its session runs and then the connection.  [any, concurrent]
  void end_with(const Status& reason);

  // Takes the next message.  Nothing: with `*has_gone` the client is gone and the task has to end
  // the session; without, the inbox is empty and the task is over (W1), it may touch nothing any
  // more. A running COPY waits here instead.  [worker, the task]
  std::optional<Message> take(bool* has_gone);
  // Sends bytes; waits while the client does not read.  Fails when it is gone.  [worker, the task]
  Status send(std::string& bytes);
  // Ends the connection after what was sent.  [worker, the task]
  void close();

  // Lets `cancel` reach the session; an open one has left the door.  [worker, the task]
  void set_session(mortise_session_t* session);
  // From now on the session does nothing until the next message, and at most for so long.  The
  // limit is lifted by the task that the message starts.  [worker, the task]
  void begin_idling(const IdleLimit& limit);
  void end_idling();

  const std::string& peer() const { return peer_; }
  uint32_t process_id() const { return process_id_; }
  uint32_t secret() const { return secret_; }

 private:
  enum class Phase : uint8_t { startup, running, ended };

  void on_startup(std::string_view body, bool has_more);
  void enter(Message message);
  Status run_task();
  void run_conversation();
  void on_idle_timeout();
  // No more messages, and a task that ends the session if there has to be one.
  void leave();
  bool may_keep(const Message& message) MORTISE_REQUIRES(mutex_);
  void fail_startup(const Status& status);
  void write_now(std::string_view bytes);

  // constant after construction
  const Services& services_;
  const mortise_connection_t handle_;
  const std::string peer_;

  // owned by the loop
  Phase phase_ = Phase::startup;
  Framer framer_;
  uint64_t ticket_ = 0;

  // written by the loop before the first message is entered
  uint32_t process_id_ = 0;
  uint32_t secret_ = 0;

  // owned by the task
  std::unique_ptr<Conversation> conversation_;
  mortise_timer_t idle_timer_ = 0;
  IdleLimit idle_limit_;  // written while there is no timer; read by the timer

  Mutex mutex_;
  CondVar arrived_;
  std::deque<Message> inbox_ MORTISE_GUARDED_BY(mutex_);
  uint64_t inbox_bytes_ MORTISE_GUARDED_BY(mutex_) = 0;
  Grant inbox_grant_ MORTISE_GUARDED_BY(mutex_);  // for bodies without a grant of their own
  bool is_paused_ MORTISE_GUARDED_BY(mutex_) = false;
  bool is_registered_ MORTISE_GUARDED_BY(mutex_) = false;
  bool is_running_ MORTISE_GUARDED_BY(mutex_) = false;  // W1
  bool is_idling_ MORTISE_GUARDED_BY(mutex_) = false;   // under a limit, and nothing has come
  bool has_gone_ MORTISE_GUARDED_BY(mutex_) = false;
  mortise_session_t* session_ MORTISE_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace mortise::front_pgwire
