// SPDX-License-Identifier: Apache-2.0
#include "framer.hpp"

#include <algorithm>
#include <utility>

#include "message.hpp"
#include "mortise/cpp/boundary.hpp"

namespace mortise::front_pgwire {

Grant::Grant(Grant&& other) noexcept
    : memory_(other.memory_), bytes_(std::exchange(other.bytes_, 0)) {}

Grant& Grant::operator=(Grant&& other) noexcept {
  std::swap(memory_, other.memory_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

Status Grant::grow_to(uint64_t bytes) {
  if (bytes <= bytes_) return {};
  ErrorSlot error;
  MORTISE_TRY(
      error.status(memory_->service->charge(memory_->account, bytes - bytes_, error.get())));
  bytes_ = bytes;
  return {};
}

void Grant::shrink_to(uint64_t bytes) {
  if (bytes >= bytes_) return;
  memory_->service->discharge(memory_->account, bytes_ - bytes);
  bytes_ = bytes;
}

// Only messages that carry a client's texts and values may be long.
uint64_t Framer::length_max(bool has_type) const {
  if (!has_type) return kStartupBytesMax;
  const std::string_view long_types = "QPBFd";
  return long_types.find(header_[0]) == std::string_view::npos ? kShortBytesMax
                                                               : message_bytes_max_;
}

Framer::Answer Framer::next(std::string_view& input, bool has_type, Message* out) {
  const size_t header_bytes = has_type ? 5 : 4;
  if (!is_in_body_) {
    const size_t taken = std::min(header_bytes - header_bytes_, input.size());
    std::copy_n(input.data(), taken, header_.data() + header_bytes_);
    header_bytes_ += taken;
    input.remove_prefix(taken);
    if (header_bytes_ < header_bytes) return Answer::more;
    const uint32_t length =
        load_u32(reinterpret_cast<const uint8_t*>(header_.data()) + header_bytes - 4);
    if (length < 4) return Answer::malformed;
    if (length > length_max(has_type)) return Answer::too_long;
    message_ = Message{};
    message_.type = has_type ? header_[0] : '\0';
    body_bytes_left_ = length - 4;
    is_in_body_ = true;
  }
  const std::string_view piece = input.substr(0, body_bytes_left_);
  input.remove_prefix(piece.size());
  keep(piece);
  body_bytes_left_ -= piece.size();
  if (body_bytes_left_ > 0) return Answer::more;
  is_in_body_ = false;
  header_bytes_ = 0;
  *out = std::move(message_);
  return Answer::message;
}

void Framer::keep(std::string_view piece) {
  if (!message_.refusal.is_ok()) return;
  if (Status room = make_room(message_.body.size() + piece.size()); !room.is_ok()) {
    message_.body = std::string();
    message_.grant = Grant();
    message_.refusal = std::move(room);
    return;
  }
  message_.body.append(piece);
}

// Makes the buffer hold `bytes`, and more in advance, but not more than the whole message.
Status Framer::make_room(uint64_t bytes) {
  std::string& body = message_.body;
  if (bytes <= body.capacity()) return {};
  const uint64_t whole = body.size() + body_bytes_left_;
  const uint64_t wanted = std::min(whole, std::max<uint64_t>(bytes, 2 * body.size()));
  if (wanted > kUnaskedBytes) {
    if (message_.grant.size_bytes() == 0) message_.grant = Grant(memory_);
    // While it is copied the old buffer is there, too.
    MORTISE_TRY(message_.grant.grow_to(body.capacity() + wanted));
  }
  std::string larger;  // reserve() of a string that has one may take more than it is asked for
  larger.reserve(wanted);
  larger.append(body);
  body.swap(larger);
  message_.grant.shrink_to(body.capacity());
  return {};
}

}  // namespace mortise::front_pgwire
