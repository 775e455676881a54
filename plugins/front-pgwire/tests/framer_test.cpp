// SPDX-License-Identifier: Apache-2.0
//
// Goal:   no byte sequence makes the framing lose its place, and memory is held for what came only.
// Method: hand-made streams, whole and cut at every byte, against a memory service with a budget.

#include "framer.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "message.hpp"
#include "mortise/cpp/boundary.hpp"
#include "mortise/cpp/plugin.hpp"

namespace mortise::front_pgwire {
namespace {

struct Budget {
  uint64_t limit_bytes = UINT64_MAX;
  uint64_t used_bytes = 0;
  uint64_t peak_bytes = 0;
};
Budget budget;

mortise_status_t MORTISE_CALL charge(mortise_account_t*, uint64_t bytes, mortise_error_t* error) {
  if (bytes > budget.limit_bytes - budget.used_bytes) {
    return report({Code::no_memory, "53200", "the budget is used up"}, error);
  }
  budget.used_bytes += bytes;
  budget.peak_bytes = std::max(budget.peak_bytes, budget.used_bytes);
  return MORTISE_OK;
}
void MORTISE_CALL discharge(mortise_account_t*, uint64_t bytes) {
  REQUIRE(budget.used_bytes >= bytes);
  budget.used_bytes -= bytes;
}

const MessageMemory& memory_of(uint64_t limit_bytes) {
  static const mortise_iface_memory_t kTable = [] {
    mortise_iface_memory_t table{};
    table.charge = charge;
    table.discharge = discharge;
    return table;
  }();
  static const MessageMemory kMemory{&kTable, nullptr};
  budget = {limit_bytes, 0, 0};
  return kMemory;
}

std::string message_of(char type, std::string_view body) {
  MessageWriter writer;
  writer.begin(type);
  writer.bytes(body);
  writer.end();
  return writer.buffer();
}

TEST_CASE("framer: a stream gives the same messages however it is cut") {
  const std::string stream = message_of('Q', std::string("select 1\0", 9)) + message_of('S', "");
  const MessageMemory& memory = memory_of(0);
  for (size_t cut = 0; cut <= stream.size(); ++cut) {
    CAPTURE(cut);
    Framer framer(1000, memory);
    std::vector<std::string> seen;
    const auto feed = [&](std::string_view input) {
      Message message;
      while (framer.next(input, true, &message) == Framer::Answer::message) {
        seen.push_back(message.type + message.body);
      }
      CHECK(input.empty());
    };
    feed(std::string_view(stream).substr(0, cut));
    feed(std::string_view(stream).substr(cut));
    REQUIRE(seen.size() == 2);
    CHECK(seen[0] == std::string("Qselect 1\0", 10));
    CHECK(seen[1] == "S");
    CHECK(framer.is_empty());
  }
}

TEST_CASE("framer: a length below its own size or above the limit is refused") {
  const MessageMemory& memory = memory_of(0);
  const auto answer_to = [&](std::string_view input, bool has_type) {
    Framer framer(100'000, memory);
    Message message;
    return framer.next(input, has_type, &message);
  };
  CHECK(answer_to({"Q\0\0\0\3", 5}, true) == Framer::Answer::malformed);
  CHECK(answer_to({"Q\0\2\0\0", 5}, true) == Framer::Answer::too_long);
  CHECK(answer_to({"Q\0\1\0\0", 5}, true) == Framer::Answer::more);
  // Neither a Sync nor what comes before a session has a use for so much.
  CHECK(answer_to({"S\0\1\0\0", 5}, true) == Framer::Answer::too_long);
  CHECK(answer_to({"\0\1\0\0", 4}, false) == Framer::Answer::too_long);
}

TEST_CASE("framer: M1 what is held follows what has arrived, not what was announced") {
  const MessageMemory& memory = memory_of(UINT64_MAX);
  Framer framer(1 << 30, memory);
  Message message;
  std::string_view header("Q\x3F\0\0\0", 5);
  CHECK(framer.next(header, true, &message) == Framer::Answer::more);
  CHECK(budget.used_bytes == 0);
  const std::string piece(100'000, 'x');
  for (uint64_t arrived = piece.size(); arrived <= 2'000'000; arrived += piece.size()) {
    std::string_view input(piece);
    CHECK(framer.next(input, true, &message) == Framer::Answer::more);
    CHECK(budget.used_bytes >= arrived);
    CHECK(budget.used_bytes <= 2 * arrived);
  }
}

TEST_CASE("framer: M2 a long message gives its memory back with its last use") {
  const MessageMemory& memory = memory_of(UINT64_MAX);
  const std::string stream = message_of('d', std::string(300'000, 'x'));
  {
    Framer framer(1 << 20, memory);
    Message message;
    std::string_view input(stream);
    REQUIRE(framer.next(input, true, &message) == Framer::Answer::message);
    CHECK(message.body.size() == 300'000);
    CHECK(message.grant.size_bytes() == budget.used_bytes);
    CHECK(budget.used_bytes >= 300'000);
  }
  CHECK(budget.used_bytes == 0);
}

TEST_CASE("framer: a message that memory is refused for is passed over, and the next one is good") {
  const MessageMemory& memory = memory_of(200'000);
  const std::string stream =
      message_of('Q', std::string(1'000'000, 'x')) + message_of('Q', "select 1");
  Framer framer(1 << 30, memory);
  std::vector<Message> seen;
  for (size_t at = 0; at < stream.size(); at += 50'000) {
    std::string_view input = std::string_view(stream).substr(at, 50'000);
    Message message;
    while (framer.next(input, true, &message) == Framer::Answer::message) {
      seen.push_back(std::move(message));
    }
  }
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].refusal.sqlstate() == "53200");
  CHECK(seen[0].body.empty());
  CHECK(seen[1].refusal.is_ok());
  CHECK(seen[1].body == "select 1");
  CHECK(budget.used_bytes == 0);
  CHECK(budget.peak_bytes <= 200'000);
}

}  // namespace
}  // namespace mortise::front_pgwire
