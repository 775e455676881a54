// SPDX-License-Identifier: Apache-2.0
#include "kernel/platform/random.hpp"

#include <sys/random.h>

#include <bit>
#include <cerrno>
#include <cstring>

#include "kernel/platform/clock.hpp"
#include "kernel/platform/os_error.hpp"
#include "kernel/platform/scheduler.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::platform {
namespace {

uint64_t splitmix(uint64_t& state) {
  state += 0x9E3779B97F4A7C15ull;
  uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

__extension__ typedef unsigned __int128 Wide;

}  // namespace

Random::Random(uint64_t seed) {
  for (uint64_t& word : state_) word = splitmix(seed);
}

uint64_t Random::next() {
  const uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
  const uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

// Lemire's multiply-and-reject.
uint64_t Random::below(uint64_t bound) {
  MORTISE_ASSERT(bound > 0);
  Wide product = static_cast<Wide>(next()) * bound;
  if (static_cast<uint64_t>(product) < bound) {
    const uint64_t threshold = (0 - bound) % bound;
    while (static_cast<uint64_t>(product) < threshold) {
      product = static_cast<Wide>(next()) * bound;
    }
  }
  return static_cast<uint64_t>(product >> 64);
}

uint64_t Random::between(uint64_t begin, uint64_t last) {
  MORTISE_ASSERT(begin <= last);
  if (last - begin == UINT64_MAX) return next();
  return begin + below(last - begin + 1);
}

double Random::fraction() {
  return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

void Random::fill(std::span<std::byte> into) {
  while (!into.empty()) {
    const uint64_t word = next();
    const size_t part = into.size() < sizeof(word) ? into.size() : sizeof(word);
    std::memcpy(into.data(), &word, part);
    into = into.subspan(part);
  }
}

uint64_t random_seed() {
  if (Scheduler* scheduler = current_scheduler()) return scheduler->random();
  uint64_t seed = 0;
  if (!fill_random_secret(std::as_writable_bytes(std::span(&seed, 1)))) {
    seed = monotonic_ns() ^ static_cast<uint64_t>(realtime_us()) << 20;
  }
  return seed;
}

Status fill_random_secret(std::span<std::byte> into) {
  if (Scheduler* scheduler = current_scheduler()) {
    Random(scheduler->random()).fill(into);
    return {};
  }
  while (!into.empty()) {
    const ssize_t got = getrandom(into.data(), into.size(), 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      return os_error(errno, "read", "the system's random numbers");
    }
    into = into.subspan(static_cast<size_t>(got));
  }
  return {};
}

}  // namespace mortise::platform
