// SPDX-License-Identifier: Apache-2.0
//
// Goal:   every provider of mortise.codec/1 keeps the contract of iface/codec.h (C1, C2).
// Method: this file is linked into the unit tests of each plugin that offers the interface; it asks
//         the plugin's entry for its tables, as a host does, and knows nothing else about it.
//         Inputs are made from a printed seed; set MORTISE_SEED to run one again.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "mortise/cpp/boundary.hpp"
#include "mortise/cpp/plugin.hpp"
#include "mortise/iface/codec.h"

// Of the plugin that this file is linked with.
extern "C" const mortise_plugin_t* MORTISE_CALL mortise_plugin_query_v1(uint32_t host_abi_minor);

namespace mortise::conformance {
namespace {

using Bytes = std::vector<uint8_t>;

constexpr uint8_t kGuard = 0xa5;
constexpr size_t kGuardBytes = 64;

const mortise_iface_codec_t& codec() {
  const mortise_plugin_t* plugin = mortise_plugin_query_v1(1);
  REQUIRE(plugin != nullptr);
  for (uint32_t i = 0; i < plugin->offers_count; ++i) {
    const mortise_offer_t& offer = plugin->offers[i];
    if (view_of(offer.interface_id) == MORTISE_IFACE_CODEC) {
      return *static_cast<const mortise_iface_codec_t*>(offer.table);
    }
  }
  FAIL("the plugin offers no codec");
  std::abort();
}

uint64_t seed() {
  const char* given = std::getenv("MORTISE_SEED");
  return given == nullptr ? 20260101 : std::strtoull(given, nullptr, 10);
}

Bytes random_bytes(std::mt19937_64& random, size_t size) {
  Bytes bytes(size);
  for (uint8_t& b : bytes) b = static_cast<uint8_t>(random());
  return bytes;
}

// Pieces of what was written before, now and then something new: text and rows look so.
Bytes repetitive_bytes(std::mt19937_64& random, size_t size) {
  Bytes bytes = random_bytes(random, std::min<size_t>(size, 32));
  while (bytes.size() < size) {
    const size_t length = std::min<size_t>(random() % 60 + 1, size - bytes.size());
    if (random() % 4 == 0) {
      for (size_t i = 0; i < length; ++i) bytes.push_back(static_cast<uint8_t>(random() % 20));
    } else {
      const size_t from = random() % bytes.size();
      for (size_t i = 0; i < length; ++i) bytes.push_back(bytes[from + i]);
    }
  }
  return bytes;
}

mortise_bytes_t view(const Bytes& bytes) {
  return {bytes.data(), bytes.size()};
}

// Compresses into a buffer of exactly `capacity` and checks that nothing behind it was touched.
mortise_status_t compress(const Bytes& input, int32_t level, size_t capacity, Bytes& output) {
  output.assign(capacity + kGuardBytes, kGuard);
  uint64_t size_bytes = 0;
  ErrorSlot error;
  const mortise_status_t status =
      codec().compress(view(input), level, output.data(), capacity, &size_bytes, error.get());
  for (size_t i = capacity; i < output.size(); ++i) REQUIRE(output[i] == kGuard);
  REQUIRE(size_bytes <= capacity);
  if (status < 0) CHECK_FALSE(error.status(status).message().empty());
  output.resize(size_bytes);
  return status;
}

Bytes compressed(const Bytes& input, int32_t level = 0) {
  Bytes output;
  REQUIRE(compress(input, level, codec().size_bytes_max(input.size()), output) == MORTISE_OK);
  return output;
}

// The same for the way back (C2).
mortise_status_t decompress(const Bytes& input, size_t original, Bytes& output) {
  output.assign(original + kGuardBytes, kGuard);
  ErrorSlot error;
  const mortise_status_t status =
      codec().decompress(view(input), output.data(), original, error.get());
  for (size_t i = original; i < output.size(); ++i) REQUIRE(output[i] == kGuard);
  if (status < 0) CHECK_FALSE(error.status(status).message().empty());
  output.resize(original);
  return status;
}

void check_round_trip(const Bytes& input, int32_t level) {
  const Bytes small = compressed(input, level);
  Bytes output;
  REQUIRE(decompress(small, input.size(), output) == MORTISE_OK);
  REQUIRE(output == input);
}

TEST_CASE("codec: C1 what was compressed comes back, at every level") {
  MESSAGE("seed ", seed());
  std::mt19937_64 random(seed());
  const mortise_iface_codec_t& table = codec();
  CHECK(table.level_min <= table.level_default);
  CHECK(table.level_default <= table.level_max);
  for (int32_t level = table.level_min; level <= table.level_max; ++level) {
    CAPTURE(level);
    check_round_trip({}, level);
    check_round_trip({42}, level);
    check_round_trip(repetitive_bytes(random, 8192), level);
    check_round_trip(random_bytes(random, 8192), level);
    check_round_trip(Bytes(16384, 0), level);
  }
}

TEST_CASE("codec: C1 every size comes back") {
  MESSAGE("seed ", seed());
  std::mt19937_64 random(seed());
  for (size_t size = 0; size < 300; ++size) {
    CAPTURE(size);
    check_round_trip(repetitive_bytes(random, size), 0);
    check_round_trip(random_bytes(random, size), 0);
  }
  for (size_t size : {4095u, 4096u, 65535u, 65536u, 65537u, 1u << 20, (3u << 20) + 17}) {
    CAPTURE(size);
    check_round_trip(repetitive_bytes(random, size), 0);
  }
}

TEST_CASE("codec: what repeats becomes smaller") {
  std::mt19937_64 random(seed());
  CHECK(compressed(Bytes(8192, 7)).size() < 200);
  CHECK(compressed(repetitive_bytes(random, 65536)).size() < 50000);
}

TEST_CASE("codec: size_bytes_max holds for what cannot be compressed, and 0 says too large") {
  std::mt19937_64 random(seed());
  for (size_t size : {0u, 1u, 100u, 8192u, 100000u}) {
    CAPTURE(size);
    CHECK(compressed(random_bytes(random, size)).size() <= codec().size_bytes_max(size));
    CHECK(codec().size_bytes_max(size) < size + size / 64 + 1024);
  }
  CHECK(codec().size_bytes_max(uint64_t{1} << 30) > 0);
  CHECK(codec().size_bytes_max(UINT64_MAX) == 0);
  CHECK(codec().size_bytes_max(uint64_t{1} << 40) == 0);
}

TEST_CASE("codec: a buffer that is too small is a limit, not an overrun") {
  std::mt19937_64 random(seed());
  const Bytes input = random_bytes(random, 5000);
  Bytes output;
  for (size_t capacity : {0u, 1u, 4u, 5u, 100u, 4999u, 5000u}) {
    CAPTURE(capacity);
    CHECK(compress(input, 0, capacity, output) == MORTISE_E_LIMIT);
  }
  const Bytes small = compressed(Bytes(5000, 1));
  CHECK(compress(Bytes(5000, 1), 0, small.size() - 1, output) == MORTISE_E_LIMIT);
}

TEST_CASE("codec: a level out of range is invalid") {
  Bytes output;
  CHECK(compress({1, 2, 3}, codec().level_max + 1, 1000, output) == MORTISE_E_INVALID);
  const int32_t below = codec().level_min - 1;  // 0 always stands for the default
  CHECK(compress({1, 2, 3}, below == 0 ? -1 : below, 1000, output) == MORTISE_E_INVALID);
  CHECK(compress({1, 2, 3}, INT32_MIN, 1000, output) == MORTISE_E_INVALID);
}

TEST_CASE("codec: C2 every truncation is corrupt") {
  std::mt19937_64 random(seed());
  const Bytes input = repetitive_bytes(random, 3000);
  const Bytes whole = compressed(input);
  Bytes output;
  for (size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    REQUIRE(decompress(cut, input.size(), output) == MORTISE_E_CORRUPT);
  }
}

TEST_CASE("codec: C2 bytes behind the end and another original size are corrupt") {
  std::mt19937_64 random(seed());
  const Bytes input = repetitive_bytes(random, 3000);
  Bytes whole = compressed(input);
  Bytes output;
  CHECK(decompress(whole, input.size() - 1, output) == MORTISE_E_CORRUPT);
  CHECK(decompress(whole, input.size() + 1, output) == MORTISE_E_CORRUPT);
  CHECK(decompress(whole, 0, output) == MORTISE_E_CORRUPT);
  whole.push_back(0);
  CHECK(decompress(whole, input.size(), output) == MORTISE_E_CORRUPT);
}

// Not always corrupt: a match may point to an equal place, a format may have an unused bit.
TEST_CASE("codec: C2 a flipped bit is corrupt or without effect, never a wrong byte") {
  MESSAGE("seed ", seed());
  std::mt19937_64 random(seed());
  for (const Bytes& input : {repetitive_bytes(random, 2000), random_bytes(random, 500)}) {
    const Bytes whole = compressed(input);
    size_t corrupt_count = 0;
    Bytes output;
    for (size_t bit = 0; bit < whole.size() * 8; ++bit) {
      CAPTURE(bit);
      Bytes damaged = whole;
      damaged[bit / 8] = static_cast<uint8_t>(damaged[bit / 8] ^ (1u << (bit % 8)));
      const mortise_status_t status = decompress(damaged, input.size(), output);
      const bool is_right = status == MORTISE_OK && output == input;
      REQUIRE((is_right || status == MORTISE_E_CORRUPT));
      corrupt_count += status == MORTISE_E_CORRUPT ? 1 : 0;
    }
    CHECK(corrupt_count > whole.size() * 7);  // the effectless ones are few
  }
}

TEST_CASE("codec: C2 noise is corrupt") {
  MESSAGE("seed ", seed());
  std::mt19937_64 random(seed());
  Bytes output;
  for (int i = 0; i < 20000; ++i) {
    const Bytes noise = random_bytes(random, random() % 200);
    REQUIRE(decompress(noise, random() % 5000 + 1, output) == MORTISE_E_CORRUPT);
  }
}

TEST_CASE("codec: the same input gives the same bytes") {
  std::mt19937_64 random(seed());
  const Bytes input = repetitive_bytes(random, 50000);
  const Bytes first = compressed(input);
  (void)compressed(random_bytes(random, 3000));
  CHECK(compressed(input) == first);
}

}  // namespace
}  // namespace mortise::conformance
