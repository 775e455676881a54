// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a failure look on the wire?
//
// Threads: value functions; [any].

#include "message.hpp"
#include "mortise/cpp/result.hpp"

namespace mortise::front_pgwire {

// FATAL ends the connection after the message, ERROR does not.
enum class Severity : uint8_t { error, fatal };

// Appends an ErrorResponse.
void write_error(const Status& status, Severity severity, MessageWriter& out);

// Appends a NoticeResponse; `severity` is MORTISE_NOTICE_*.
void write_notice(uint32_t severity, std::string_view sqlstate, std::string_view message,
                  std::string_view detail, std::string_view hint, MessageWriter& out);

}  // namespace mortise::front_pgwire
