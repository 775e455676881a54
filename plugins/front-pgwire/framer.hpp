// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which messages does the incoming stream hold, and who pays for the memory of long ones?
//
// A long message is gathered as it comes: its buffer is never much larger than what has arrived,
// and every step of its growth is asked for at the memory service.  When the service refuses, the
// rest of the message is passed over and the message is delivered empty, with the refusal (53200):
// the stream stays in step and the session goes on.
//
// Invariants
//   M1  A message that is being gathered holds at most twice what has arrived of it, and
//       kUnaskedBytes beyond what was granted.
//   M2  A grant lives as long as the message that it was given for.
//
// Threads: Framer: the loop of its connection; Grant: moved with its message.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "mortise/cpp/result.hpp"
#include "mortise/iface/memory.h"

namespace mortise::front_pgwire {

// The account that clients' messages are charged to.
struct MessageMemory {
  const mortise_iface_memory_t* service = nullptr;
  mortise_account_t* account = nullptr;
};

// Bytes that the memory service has granted; given back at the end.
class Grant {
 public:
  Grant() = default;
  explicit Grant(const MessageMemory& memory) : memory_(&memory) {}
  Grant(Grant&& other) noexcept;
  Grant& operator=(Grant&& other) noexcept;
  ~Grant() { shrink_to(0); }

  // 53200 when the budget does not allow it; then nothing has changed.
  Status grow_to(uint64_t bytes);
  void shrink_to(uint64_t bytes);
  uint64_t size_bytes() const { return bytes_; }

 private:
  const MessageMemory* memory_ = nullptr;
  uint64_t bytes_ = 0;
};

struct Message {
  char type = '\0';  // 0 = the startup message
  std::string body;
  Status refusal;  // not ok: the body could not be kept
  Grant grant;     // of a long body
};

class Framer {
 public:
  enum class Answer : uint8_t { message, more, too_long, malformed };

  // PostgreSQL's MAX_STARTUP_PACKET_LENGTH and PQ_SMALL_MESSAGE_LIMIT.
  static constexpr uint64_t kStartupBytesMax = 10'000;
  static constexpr uint64_t kShortBytesMax = 10'000;
  // Bodies up to this size are not asked for; the inbox counts them.
  static constexpr uint64_t kUnaskedBytes = 16 * 1024;

  // `memory` is borrowed.
  Framer(uint64_t message_bytes_max, const MessageMemory& memory)
      : message_bytes_max_(message_bytes_max), memory_(memory) {}

  // Takes bytes from the front of `input` up to the end of the next message.  `has_type` is false
  // in the startup phase.  `more`: all was taken, and the message is not whole.
  Answer next(std::string_view& input, bool has_type, Message* out);

  // Nothing of a message has arrived.
  bool is_empty() const { return header_bytes_ == 0; }

 private:
  uint64_t length_max(bool has_type) const;
  void keep(std::string_view piece);
  Status make_room(uint64_t bytes);

  const uint64_t message_bytes_max_;
  const MessageMemory& memory_;
  std::array<char, 5> header_{};
  size_t header_bytes_ = 0;
  bool is_in_body_ = false;
  uint64_t body_bytes_left_ = 0;
  Message message_;  // in the making
};

}  // namespace mortise::front_pgwire
