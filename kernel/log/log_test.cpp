// SPDX-License-Identifier: Apache-2.0
//
// Goal:   what is acknowledged is on disk, in order, once; what fails is final; what is damaged is
//         not taken for the end.
// Method: the simulated disk.  Most tests flush in the caller's thread; the last ones run many
//         threads against the flusher.

#include "kernel/log/log.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "kernel/base/bytes.hpp"
#include "kernel/log/reader.hpp"
#include "kernel/platform/mutex.hpp"
#include "kernel/platform/random.hpp"
#include "kernel/platform/sim_disk.hpp"
#include "kernel/platform/thread.hpp"
#include "tests/support/yield_hook.hpp"

namespace mortise::log {
namespace {

constexpr uint32_t kSegment = 64u << 10;

struct Fixture {
  platform::SimDisk disk;
  std::unique_ptr<Log> log;
  LogTail tail;

  explicit Fixture(uint64_t seed = 3, bool flusher = false) : disk(seed) {
    REQUIRE(disk.create_directory("/log"));
    REQUIRE(disk.sync_directory("/"));
    tail.identity.instance = 11;
    open(flusher);
  }
  void open(bool flusher = false) {
    LogOptions options;
    options.ring_bytes = 8u << 20;
    options.segment_bytes = kSegment;
    options.flusher_thread = flusher;
    auto opened = Log::open(disk, "/log", options, tail);
    REQUIRE(opened.status().message() == "");
    log = std::move(*opened);
  }
  LogPosition append(uint64_t number, size_t extra_bytes = 0) {
    std::byte head[kRecordHeaderBytes];
    std::vector<std::byte> payload(8 + extra_bytes, static_cast<std::byte>(number));
    store_le(payload.data(), number);
    RecordHeader header;
    header.kind = RecordKind::message;
    header.txn = TxnId{number};
    header.payload_bytes = static_cast<uint32_t>(payload.size());
    encode_header(head, header);
    const std::span<const std::byte> parts[] = {head, payload};
    return log->append(parts);
  }
  Result<std::unique_ptr<LogReader>> reader(Lsn from = Log::first_lsn(), uint64_t instance = 11) {
    ReaderOptions options;
    options.directory = "/log";
    options.segment_bytes = kSegment;
    options.instance = instance;
    return LogReader::open(disk, options, from);
  }
  // All numbers up to the end; then makes the log go on there.
  std::vector<uint64_t> read_all(Lsn from = Log::first_lsn()) {
    std::vector<uint64_t> numbers;
    auto r = reader(from);
    REQUIRE(r.status().message() == "");
    RecordView view;
    for (;;) {
      auto outcome = (*r)->next(view);
      REQUIRE(outcome.status().message() == "");
      if (*outcome == LogReader::Outcome::end) break;
      numbers.push_back(load_le<uint64_t>(view.payload().data()));
      CHECK(view.txn() == TxnId{numbers.back()});
    }
    tail.next = (*r)->next_block();
    tail.previous_chain = (*r)->chain();
    tail.identity = (*r)->last_identity();
    tail.identity.incarnation += 1;
    return numbers;
  }
  void crash(uint64_t seed) {
    disk.stop_at_operation(disk.operation_count() + 1);
    log.reset();
    disk.stop_at_operation(0);
    disk.crash(seed);
  }
};

std::vector<uint64_t> up_to(uint64_t end) {
  std::vector<uint64_t> numbers;
  for (uint64_t i = 0; i < end; ++i) numbers.push_back(i);
  return numbers;
}

TEST_CASE("log: records come back in order, over blocks and segments") {
  Fixture f;
  platform::Random random(1);
  for (uint64_t i = 0; i < 500; ++i) {
    f.append(i, random.below(i % 50 == 0 ? 20'000 : 300));
    if (i % 7 == 0) REQUIRE(f.log->flush());
  }
  REQUIRE(f.log->flush());
  CHECK(f.log->durable_lsn() == f.log->tail());
  CHECK(f.read_all() == up_to(500));
}

TEST_CASE("log: what wait_durable has answered survives a crash, the rest is a prefix") {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    Fixture f(seed);
    platform::Random random(seed);
    uint64_t acknowledged = 0;
    uint64_t count = 0;
    for (; count < 60; ++count) {
      const LogPosition place = f.append(count, random.below(3000));
      if (!random.one_in(5)) continue;
      REQUIRE(f.log->wait_durable(place.end));
      acknowledged = count + 1;
    }
    f.crash(seed);
    const auto numbers = f.read_all();
    CHECK(numbers.size() >= acknowledged);
    CHECK(numbers == up_to(numbers.size()));
    // The next incarnation goes on where this one ended.
    f.open();
    for (uint64_t i = numbers.size(); i < 80; ++i) f.append(i, 100);
    REQUIRE(f.log->flush());
    CHECK(f.read_all() == up_to(80));
  }
}

TEST_CASE("log: W2 bytes on disk are never written again") {
  Fixture f;
  std::string before;
  for (uint64_t i = 0; i < 40; ++i) {
    f.append(i, 100 * (i % 9));
    REQUIRE(f.log->flush());
    const std::string now = *platform::read_whole_file(f.disk, "/log/" + segment_file_name(0));
    const size_t written = raw(block_of(f.log->durable_lsn()));
    CHECK(now.substr(0, before.size()) == before);
    before = now.substr(0, std::min(written, now.size()));
  }
}

TEST_CASE("log: K2 blocks of an older lap of a reused file are not read") {
  Fixture f;
  uint64_t next = 0;
  Lsn last_begin{};
  for (int lap = 0; lap < 30; ++lap) {
    for (int i = 0; i < 40; ++i) last_begin = f.append(next++, 1000).begin;
    REQUIRE(f.log->flush());
    REQUIRE(f.log->release_before(last_begin));
  }
  // Segments were reused: fewer files than the stream has had.
  const auto names = *f.disk.list_directory("/log");
  CHECK(names.size() < raw(last_begin) / kSegment);
  const auto numbers = f.read_all(last_begin);
  CHECK(numbers == std::vector<uint64_t>{next - 1});
}

TEST_CASE("log: W5 a pin keeps segments, an archiver is asked before one goes") {
  Fixture f;
  auto pin = f.log->pin(Log::first_lsn());
  REQUIRE(pin.has_value());
  for (uint64_t i = 0; i < 400; ++i) f.append(i, 1000);
  REQUIRE(f.log->flush());
  REQUIRE(f.log->release_before(f.log->durable_lsn()));
  CHECK(f.read_all() == up_to(400));

  std::vector<Lsn> taken;
  f.log->set_archiver([&](const std::string&, Lsn first, Lsn) {
    taken.push_back(first);
    return taken.size() <= 2;  // the third one is not safe yet
  });
  pin->move_to(f.log->durable_lsn());
  REQUIRE(f.log->release_before(f.log->durable_lsn()));
  CHECK(taken == std::vector<Lsn>{Lsn{0}, Lsn{kSegment}, Lsn{2 * kSegment}});
  auto gone = f.log->pin(Log::first_lsn());
  CHECK(gone.status().code() == Code::stale);
}

TEST_CASE("log: W4 a failed sync is final, although the disk would go on") {
  Fixture f;
  const LogPosition first = f.append(0);
  REQUIRE(f.log->wait_durable(first.end));
  const LogPosition second = f.append(1);
  f.disk.fail_operation(platform::SimDisk::Operation::sync, 1);
  const Status failed = f.log->wait_durable(second.end);
  CHECK(failed.code() == Code::io);
  CHECK(failed.sqlstate() == "58030");
  CHECK(!f.log->is_writable());
  const LogPosition third = f.append(2);
  CHECK(f.log->wait_durable(third.end).sqlstate() == "58030");
  CHECK(f.log->wait_durable(first.end));  // that one is safe for ever
  CHECK(f.log->status().sqlstate() == "58030");
}

TEST_CASE("log: W4 a log that cannot grow still keeps what is under way, then only reads") {
  Fixture f;
  f.append(0);
  REQUIRE(f.log->flush());
  f.disk.set_capacity_bytes(f.disk.used_bytes());
  // The next segment was prepared already; the one behind it cannot be.
  Status failed;
  uint64_t last_safe = 0;
  for (uint64_t i = 1; i < 400 && failed; ++i) {
    const LogPosition place = f.append(i, 1000);
    failed = f.log->wait_durable(place.end);
    if (failed) last_safe = i;
    if (failed && !f.log->is_writable()) CHECK(f.log->status().sqlstate() == "53100");
  }
  CHECK(failed.code() == Code::limit);
  CHECK(failed.sqlstate() == "53100");
  // Each record ends a block: what is left of two segments is used to the end.
  CHECK(last_safe + 1 == 2 * kSegment / kBlockBytes);
  f.log.reset();
  CHECK(f.read_all().size() >= last_safe + 1);
}

TEST_CASE("log: G2 damage is told from the end") {
  Fixture f;
  for (uint64_t i = 0; i < 200; ++i) {
    f.append(i, 500);
    if (i % 10 == 0) REQUIRE(f.log->flush());
  }
  REQUIRE(f.log->flush());
  f.log.reset();
  REQUIRE(f.disk.flip_bit("/log/" + segment_file_name(0), 8 * (5 * kBlockBytes + 300)));
  auto r = f.reader();
  REQUIRE(r.has_value());
  RecordView view;
  Status failed;
  for (int i = 0; i < 500 && failed; ++i) {
    auto outcome = (*r)->next(view);
    failed = outcome.status();
    if (failed) REQUIRE(*outcome == LogReader::Outcome::record);
  }
  CHECK(failed.code() == Code::corrupt);
  CHECK(failed.message().find("damaged in the middle") != std::string_view::npos);
}

TEST_CASE("log: a missing segment is named, another instance's log is refused") {
  Fixture f;
  for (uint64_t i = 0; i < 400; ++i) {
    f.append(i, 500);
    if (i % 10 == 0) REQUIRE(f.log->flush());
  }
  REQUIRE(f.log->flush());
  f.log.reset();
  CHECK(f.reader(Log::first_lsn(), 12).has_value());
  RecordView view;
  auto other = f.reader(Log::first_lsn(), 12);
  CHECK((*other)->next(view).status().code() == Code::invalid);

  REQUIRE(f.disk.remove("/log/" + segment_file_name(1)));
  auto r = f.reader();
  Status failed;
  for (int i = 0; i < 500 && failed; ++i) failed = (*r)->next(view).status();
  CHECK(failed.code() == Code::not_found);
  CHECK(failed.message().find(segment_file_name(1)) != std::string_view::npos);
  CHECK(failed.message().find("archive") != std::string_view::npos);
}

TEST_CASE("log: a reader follows a running log") {
  Fixture f;
  f.append(0);
  REQUIRE(f.log->flush());
  auto r = f.reader();
  RecordView view;
  uint64_t seen = 0;
  for (uint64_t i = 1; i < 200; ++i) {
    (*r)->set_until(f.log->durable_lsn());
    for (;;) {
      auto outcome = (*r)->next(view);
      REQUIRE(outcome.status().message() == "");
      if (*outcome == LogReader::Outcome::end) break;
      CHECK(load_le<uint64_t>(view.payload().data()) == seen++);
    }
    CHECK(seen == i);
    f.append(i, i * 37 % 5000);
    REQUIRE(f.log->flush());
  }
}

TEST_CASE("log: W3 commit records stand in the order of their numbers") {
  Fixture f(3, true);
  std::atomic<uint64_t> scn{0};
  std::vector<platform::Thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.push_back(std::move(*platform::Thread::spawn("committer", [&] {
      for (int i = 0; i < 500; ++i) {
        std::byte payload[8];
        RecordHeader header;
        header.kind = RecordKind::commit;
        const LogPosition place =
            f.log->append_commit(header, payload, [&](std::span<std::byte> p) {
              store_le(p.data(), scn.fetch_add(1, std::memory_order_relaxed));
            });
        if (i % 16 == 0) (void)f.log->wait_durable(place.end).is_ok();
      }
    })));
  }
  for (auto& thread : threads) thread.join();
  REQUIRE(f.log->flush());
  f.log.reset();
  auto r = f.reader();
  RecordView view;
  uint64_t expected = 0;
  while (*(*r)->next(view) == LogReader::Outcome::record) {
    CHECK(load_le<uint64_t>(view.payload().data()) == expected++);
  }
  CHECK(expected == 2000);
}

TEST_CASE("log: many writers and waiters, parked or asleep, all get their answer") {
  Fixture f(4, true);
  std::atomic<uint64_t> parked{0};
  std::atomic<uint64_t> acknowledged{0};
  std::vector<platform::Thread> threads;
  for (uint64_t t = 0; t < 6; ++t) {
    threads.push_back(std::move(*platform::Thread::spawn("writer", [&, t] {
      platform::Random random(t);
      for (uint64_t i = 0; i < 300; ++i) {
        const LogPosition place = f.append(t * 1000 + i, random.below(2000));
        if (random.one_in(3)) {
          parked.fetch_add(1);
          f.log->on_durable(place.end, [&, place, log = f.log.get()](const Status& status) {
            if (status && log->durable_lsn() >= place.end) acknowledged.fetch_add(1);
          });
        } else if (random.one_in(3)) {
          if (f.log->wait_durable(place.end)) acknowledged.fetch_add(1);
          parked.fetch_add(1);
        }
      }
    })));
  }
  for (auto& thread : threads) thread.join();
  REQUIRE(f.log->flush());
  f.log.reset();
  CHECK(parked.load() == acknowledged.load());
  auto numbers = f.read_all();
  CHECK(numbers.size() == 1800);
  std::sort(numbers.begin(), numbers.end());
  CHECK(std::adjacent_find(numbers.begin(), numbers.end()) == numbers.end());
}

TEST_CASE("log: W1 what is reserved and not yet copied is not flushed") {
  Fixture f(3, true);
  const LogPosition first = f.append(0);
  Lsn durable_inside{};
  {
    YieldHook hook("log.reserved", [&] {
      // The flusher is asked for what lies before, and has all the time it wants.
      f.log->on_durable(first.end, [](const Status&) {});
      for (int i = 0; i < 2000; ++i) platform::this_thread::yield();
      durable_inside = f.log->durable_lsn();
    });
    const LogPosition second = f.append(1, 10'000);
    CHECK(hook.passed_count() == 1);
    CHECK(durable_inside <= second.begin);
  }
  REQUIRE(f.log->flush());
  f.log.reset();
  CHECK(f.read_all() == up_to(2));
}

}  // namespace
}  // namespace mortise::log
