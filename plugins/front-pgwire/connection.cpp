// SPDX-License-Identifier: Apache-2.0
#include "connection.hpp"

#include "conversation.hpp"
#include "error_message.hpp"
#include "mortise/cpp/boundary.hpp"
#include "registry.hpp"

namespace mortise::front_pgwire {
namespace {

constexpr uint32_t kProtocolVersion3 = 3 << 16;
constexpr uint32_t kCancelRequest = 1234 << 16 | 5678;
constexpr uint32_t kSslRequest = 1234 << 16 | 5679;
constexpr uint32_t kGssRequest = 1234 << 16 | 5680;
constexpr uint64_t kNanosecondsPerMillisecond = 1'000'000;
// The inbox asks for memory in pieces of this size; the first one is free.
constexpr uint64_t kInboxGrantBytes = 64 * 1024;

}  // namespace

Connection::Connection(const Services& services, mortise_connection_t handle, std::string peer)
    : services_(services),
      handle_(handle),
      peer_(std::move(peer)),
      framer_(services.message_bytes_max, services.memory),
      inbox_grant_(services.memory) {}

Connection::~Connection() = default;

void Connection::on_data(const uint8_t* bytes, uint64_t size_bytes) {
  std::string_view input(reinterpret_cast<const char*>(bytes), size_bytes);
  while (phase_ != Phase::ended) {
    Message message;
    switch (framer_.next(input, phase_ == Phase::running, &message)) {
      case Framer::Answer::more:
        return;
      case Framer::Answer::message:
        if (phase_ == Phase::startup) {
          on_startup(message.body, !input.empty());
        } else {
          enter(std::move(message));
        }
        break;
      case Framer::Answer::too_long:
      case Framer::Answer::malformed:
        fail_startup({Code::invalid, "08P01",
                      phase_ == Phase::running ? "invalid message length"
                                               : "invalid length of startup packet"});
        return;
    }
  }
}

void Connection::on_startup(std::string_view body, bool has_more) {
  FieldReader fields(body);
  const uint32_t code = fields.u32();
  if (!fields.is_good()) {
    return fail_startup({Code::invalid, "08P01", "invalid length of startup packet"});
  }
  if (code == kSslRequest || code == kGssRequest) {
    // Bytes behind the request were sent before our answer: nobody honest does that.
    if (has_more) {
      return fail_startup(
          {Code::invalid, "08P01", "received unencrypted data after encryption request"});
    }
    return write_now("N");
  }
  if (code == kCancelRequest) {
    const uint32_t process_id = fields.u32();
    const uint32_t secret = fields.u32();
    if (fields.is_done()) services_.registry->cancel(process_id, secret);
    phase_ = Phase::ended;
    services_.io->close(handle_);
    return;
  }
  if (code >> 16 != 3) {
    return fail_startup({Code::unsupported, "0A000",
                         "unsupported frontend protocol " + std::to_string(code >> 16) + "." +
                             std::to_string(code & 0xFFFF) + ": server supports 3.0 to 3.0"});
  }
  Status status = services_.registry->add(shared_from_this(), &process_id_, &secret_);
  if (!status.is_ok()) return fail_startup(status);
  {
    Lock lock(mutex_);
    is_registered_ = true;
  }
  if (code != kProtocolVersion3) {
    MessageWriter negotiation;  // NegotiateProtocolVersion: 3.0, no unknown options
    negotiation.begin('v');
    negotiation.u32(kProtocolVersion3);
    negotiation.u32(0);
    negotiation.end();
    write_now(negotiation.buffer());
  }
  phase_ = Phase::running;
  Message first;
  first.body = fields.rest();
  enter(std::move(first));
}

void Connection::fail_startup(const Status& status) {
  MessageWriter out;
  write_error(status, Severity::fatal, out);
  write_now(out.buffer());
  phase_ = Phase::ended;
  services_.io->close(handle_);
}

void Connection::write_now(std::string_view bytes) {
  ErrorSlot error;
  // A client that is gone shows itself by on_closed.
  (void)services_.io->write(handle_, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(),
                            error.get());
}

// Counts the message.  False when there is enough in the inbox now, or memory is short (W2).
bool Connection::may_keep(const Message& message) {
  inbox_bytes_ += message.body.size() + sizeof(Message);
  if (inbox_bytes_ > kInboxBytesHigh) return false;
  const uint64_t wanted = inbox_bytes_ / kInboxGrantBytes * kInboxGrantBytes;
  return inbox_grant_.grow_to(wanted).is_ok();
}

void Connection::enter(Message message) {
  bool must_start = false;
  bool must_pause = false;
  {
    Lock lock(mutex_);
    if (has_gone_) return;  // W4
    const bool is_enough = !may_keep(message);
    inbox_.push_back(std::move(message));
    is_idling_ = false;
    must_start = !is_running_;
    is_running_ = true;
    if (!is_paused_ && is_enough) is_paused_ = must_pause = true;
    arrived_.notify_one();
  }
  if (must_pause) services_.io->read_pause(handle_);
  if (!must_start) return;
  const Status status = run_task();
  if (status.is_ok()) return;
  {
    Lock lock(mutex_);
    is_running_ = false;
    inbox_.clear();
    inbox_bytes_ = 0;
  }
  fail_startup(status);
}

void Connection::run_conversation() {
  if (conversation_ == nullptr) conversation_ = std::make_unique<Conversation>(services_, *this);
  conversation_->run();
}

// Submits the task that runs the inbox empty.
Status Connection::run_task() {
  ErrorSlot error;
  auto* self = new std::shared_ptr<Connection>(shared_from_this());
  const Status status = error.status(services_.task->submit_blocking(
      [](void* context) {
        std::unique_ptr<std::shared_ptr<Connection>> held(
            static_cast<std::shared_ptr<Connection>*>(context));
        (*held)->run_conversation();
      },
      self, error.get()));
  if (!status.is_ok()) delete self;
  return status;
}

std::optional<Message> Connection::take(bool* has_gone) {
  std::optional<Message> message;
  bool must_resume = false;
  {
    Lock lock(mutex_);
    const bool is_waiting_inside = conversation_ != nullptr && conversation_->is_reading_copy();
    while (inbox_.empty() && !has_gone_ && is_waiting_inside) arrived_.wait(mutex_);
    if (inbox_.empty()) {
      *has_gone = has_gone_;
      if (!has_gone_) is_running_ = false;  // W1: the task ends here
      return std::nullopt;
    }
    message = std::move(inbox_.front());
    inbox_.pop_front();
    inbox_bytes_ -= message->body.size() + sizeof(Message);
    if (inbox_.empty()) inbox_grant_.shrink_to(0);
    if (is_paused_ && inbox_bytes_ < kInboxBytesLow) {
      is_paused_ = false;
      must_resume = true;
    }
  }
  if (must_resume) services_.io->read_resume(handle_);
  return message;
}

Status Connection::send(std::string& bytes) {
  if (bytes.empty()) return {};
  ErrorSlot error;
  const mortise_status_t answer = services_.io->write(
      handle_, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(), error.get());
  bytes.clear();
  MORTISE_TRY(error.status(answer));
  if (answer == MORTISE_AGAIN) {
    MORTISE_TRY(error.status(services_.io->wait_drained(handle_, error.get())));
  }
  return {};
}

void Connection::close() {
  services_.io->close(handle_);
}

void Connection::set_session(mortise_session_t* session) {
  services_.registry->leave_door(ticket_);
  Lock lock(mutex_);
  session_ = session;
  // Whoever ended the connection before could not reach the session yet.
  if (session != nullptr && has_gone_) services_.query->terminate(session);
}

void Connection::cancel() {
  Lock lock(mutex_);
  if (session_ != nullptr) services_.query->cancel(session_);
}

void Connection::end_with(const Status& reason) {
  MessageWriter out;
  write_error(reason, Severity::fatal, out);
  write_now(out.buffer());
  leave();
  services_.io->close(handle_);
}

void Connection::begin_idling(const IdleLimit& limit) {
  if (limit.duration_ms == 0) return;
  {
    Lock lock(mutex_);
    if (!inbox_.empty() || has_gone_) return;
    is_idling_ = true;
  }
  idle_limit_ = limit;
  ErrorSlot error;
  // Without a timer the session idles on: nothing is lost by it but the limit.
  (void)services_.task->timer_start(
      limit.duration_ms * kNanosecondsPerMillisecond, 0,
      [](void* context) { static_cast<Connection*>(context)->on_idle_timeout(); }, this,
      &idle_timer_, error.get());
}

// Waits for a timer that runs, so that none outlives the task that ends the session.
void Connection::end_idling() {
  if (idle_timer_ != 0) services_.task->timer_stop(idle_timer_);
  idle_timer_ = 0;
}

void Connection::on_idle_timeout() {
  {
    Lock lock(mutex_);
    if (!is_idling_ || has_gone_) return;
  }
  end_with({Code::cancelled, idle_limit_.sqlstate, std::string(idle_limit_.message)});
}

void Connection::leave() {
  bool must_start = false;
  {
    Lock lock(mutex_);
    has_gone_ = true;
    inbox_.clear();
    inbox_bytes_ = 0;
    inbox_grant_.shrink_to(0);
    if (session_ != nullptr) services_.query->terminate(session_);
    must_start = is_registered_ && !is_running_;
    is_running_ = is_running_ || must_start;
    arrived_.notify_all();
  }
  // The task sees has_gone, closes the session and leaves the registry.
  // When no thread can be had for it, this one does it: a session must not stay.
  if (must_start && !run_task().is_ok()) run_conversation();
}

void Connection::on_closed() {
  phase_ = Phase::ended;
  services_.registry->leave_door(ticket_);
  leave();
}

}  // namespace mortise::front_pgwire
