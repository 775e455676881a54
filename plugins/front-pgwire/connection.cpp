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
constexpr uint64_t kStartupBytesMax = 10000;

}  // namespace

Connection::Connection(const Services& services, mortise_connection_t handle, std::string peer)
    : services_(services),
      handle_(handle),
      peer_(std::move(peer)),
      framer_(services.message_bytes_max) {}

Connection::~Connection() = default;

void Connection::on_data(const uint8_t* bytes, uint64_t size_bytes) {
  if (phase_ == Phase::ended) return;
  framer_.add(bytes, size_bytes);
  while (phase_ != Phase::ended) {
    char type = 0;
    std::string_view body;
    switch (framer_.next(phase_ == Phase::running, &type, &body)) {
      case Framer::Answer::more:
        return;
      case Framer::Answer::message:
        if (phase_ == Phase::startup) {
          on_startup(body);
        } else {
          enter({type, std::string(body)});
        }
        break;
      case Framer::Answer::too_long:
      case Framer::Answer::malformed:
        fail_startup({Code::invalid, "08P01", "invalid message length"});
        return;
    }
  }
}

void Connection::on_startup(std::string_view body) {
  FieldReader fields(body);
  const uint32_t code = fields.u32();
  if (!fields.is_good() || body.size() > kStartupBytesMax) {
    return fail_startup({Code::invalid, "08P01", "invalid length of startup packet"});
  }
  if (code == kSslRequest || code == kGssRequest) {
    // Bytes behind the request were sent before our answer: nobody honest does that.
    if (!framer_.is_empty()) {
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
  is_registered_ = true;
  if (code != kProtocolVersion3) {
    MessageWriter negotiation;  // NegotiateProtocolVersion: 3.0, no unknown options
    negotiation.begin('v');
    negotiation.u32(kProtocolVersion3);
    negotiation.u32(0);
    negotiation.end();
    write_now(negotiation.buffer());
  }
  phase_ = Phase::running;
  enter({'\0', std::string(fields.rest())});
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

void Connection::enter(Message message) {
  bool must_start = false;
  bool must_pause = false;
  {
    Lock lock(mutex_);
    inbox_bytes_ += message.body.size() + sizeof(Message);
    inbox_.push_back(std::move(message));
    must_start = !is_running_;
    is_running_ = true;
    if (!is_paused_ && inbox_bytes_ > kInboxBytesHigh) is_paused_ = must_pause = true;
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
  Lock lock(mutex_);
  session_ = session;
}

void Connection::cancel() {
  Lock lock(mutex_);
  if (session_ != nullptr) services_.query->cancel(session_);
}

void Connection::shut_down() {
  MessageWriter out;
  write_error({Code::cancelled, "57P01", "terminating connection due to administrator command"},
              Severity::fatal, out);
  write_now(out.buffer());
  cancel();
  services_.io->close(handle_);
}

void Connection::on_closed() {
  phase_ = Phase::ended;
  bool must_start = false;
  {
    Lock lock(mutex_);
    has_gone_ = true;
    inbox_.clear();
    inbox_bytes_ = 0;
    if (session_ != nullptr && is_running_) services_.query->cancel(session_);
    must_start = is_registered_ && !is_running_;
    is_running_ = is_registered_;
    arrived_.notify_all();
  }
  // The task sees has_gone, closes the session and leaves the registry.
  // When no thread can be had for it, this one does it: a session must not stay.
  if (must_start && !run_task().is_ok()) run_conversation();
}

}  // namespace mortise::front_pgwire
