// SPDX-License-Identifier: Apache-2.0
//
// Goal:   every IoBackend keeps the same promises (F1..F3, F5), whichever queue it has.
// Method: one suite over io_uring (where the machine allows it), threads and the simulated disk.

#include "kernel/platform/io.hpp"

#include <doctest/doctest.h>

#include <functional>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "kernel/base/bytes.hpp"
#include "kernel/platform/mapping.hpp"
#include "kernel/platform/os_error.hpp"
#include "kernel/platform/posix_backend.hpp"
#include "kernel/platform/process.hpp"
#include "kernel/platform/random.hpp"
#include "kernel/platform/sim_disk.hpp"
#include "kernel/platform/thread.hpp"

namespace mortise::platform {
namespace {

struct Place {
  std::unique_ptr<IoBackend> io;
  std::unique_ptr<TemporaryDirectory> directory;  // null: the simulated disk
  std::string root;

  std::string at(std::string_view name) const { return root + "/" + std::string(name); }
  std::unique_ptr<File> make(std::string_view name, bool direct = false) {
    OpenOptions options;
    options.access = OpenOptions::Access::read_write;
    options.create = true;
    options.direct = direct;
    auto file = io->open(at(name), options);
    REQUIRE(file.has_value());
    return std::move(*file);
  }
};

Place posix_place(QueueKind queues) {
  auto directory = TemporaryDirectory::create("mortise-io-");
  REQUIRE(directory.has_value());
  PosixOptions options;
  options.queues = queues;
  Place place;
  place.io = make_posix_backend(options);
  place.root = directory->path();
  place.directory = std::make_unique<TemporaryDirectory>(std::move(*directory));
  return place;
}

void for_each_backend(const std::function<void(Place&)>& body) {
  SUBCASE("automatic") {
    Place place = posix_place(QueueKind::automatic);
    CHECK_FALSE(place.io->description().empty());
    body(place);
  }
  SUBCASE("threads") {
    Place place = posix_place(QueueKind::threads);
    body(place);
  }
  SUBCASE("sim") {
    Place place;
    place.io = std::make_unique<SimDisk>(7);
    place.root = "/data";
    REQUIRE(place.io->create_directory("/data").is_ok());
    body(place);
  }
}

AlignedBuffer pattern(size_t size, uint64_t seed) {
  AlignedBuffer buffer(size);
  Random(seed).fill(buffer.bytes());
  return buffer;
}

bool same(std::span<const std::byte> a, std::span<const std::byte> b) {
  return std::ranges::equal(a, b);
}

TEST_CASE("io: F1 what is written is read, anywhere in the file") {
  for_each_backend([](Place& place) {
    const auto file = place.make("f");
    const AlignedBuffer data = pattern(100000, 1);
    CHECK(file->write_at(12345, data.bytes().first(77777)).is_ok());
    CHECK(*file->size_bytes() == 12345 + 77777);
    AlignedBuffer back(100000);
    CHECK(file->read_at(12345, back.bytes().first(77777)).is_ok());
    CHECK(same(back.bytes().first(77777), data.bytes().first(77777)));
    CHECK(file->read_at(0, back.bytes().first(12345)).is_ok());
    CHECK(std::ranges::all_of(back.bytes().first(12345),
                              [](std::byte b) { return b == std::byte{0}; }));
    CHECK(file->sync().is_ok());
  });
}

TEST_CASE("io: F1 a read past the end fails and says so") {
  for_each_backend([](Place& place) {
    const auto file = place.make("f");
    CHECK(file->write_at(0, as_bytes("hello")).is_ok());
    std::array<std::byte, 6> back{};
    const Status status = file->read_at(0, back);
    CHECK(status.code() == Code::io);
    CHECK(status.message().find("end of file") != std::string_view::npos);
    CHECK(status.message().find(file->path()) != std::string_view::npos);
  });
}

TEST_CASE("io: resize cuts and extends with zeros") {
  for_each_backend([](Place& place) {
    const auto file = place.make("f");
    const AlignedBuffer data = pattern(8192, 2);
    CHECK(file->write_at(0, data.bytes()).is_ok());
    CHECK(file->resize(100).is_ok());
    CHECK(file->resize(8192).is_ok());
    AlignedBuffer back(8192);
    CHECK(file->read_at(0, back.bytes()).is_ok());
    CHECK(same(back.bytes().first(100), data.bytes().first(100)));
    CHECK(back.data()[100] == std::byte{0});
    CHECK(back.data()[5000] == std::byte{0});
  });
}

TEST_CASE("io: preallocation makes zeros") {
  for_each_backend([](Place& place) {
    const auto file = place.make("f", true);
    CHECK(file->preallocate(4096, 3 << 20).is_ok());
    CHECK(*file->size_bytes() == 4096 + (3 << 20));
    AlignedBuffer back(4096);
    CHECK(file->read_at(1 << 20, back.bytes()).is_ok());
    CHECK(back.data()[17] == std::byte{0});
  });
}

TEST_CASE("io: F2 a direct file takes aligned requests only") {
  for_each_backend([](Place& place) {
    const auto file = place.make("f", true);
    const AlignedBuffer data = pattern(8192, 3);
    CHECK(file->write_at(4096, data.bytes()).is_ok());
    AlignedBuffer back(8192);
    CHECK(file->read_at(4096, back.bytes()).is_ok());
    CHECK(same(back.bytes(), data.bytes()));
    if (file->is_direct()) {
      CHECK(file->write_at(1, data.bytes()).code() == Code::invalid);
      CHECK(file->read_at(0, back.bytes().subspan(1, 4096)).code() == Code::invalid);
    }
  });
}

TEST_CASE("io: opening distinguishes what is there from what is not") {
  for_each_backend([](Place& place) {
    CHECK(place.io->open(place.at("none"), {}).error().code() == Code::not_found);
    OpenOptions fresh;
    fresh.access = OpenOptions::Access::read_write;
    fresh.create = true;
    fresh.exclusive = true;
    CHECK(place.io->open(place.at("f"), fresh).has_value());
    CHECK(place.io->open(place.at("f"), fresh).error().code() == Code::duplicate);
    CHECK_FALSE(place.io->open(place.root, {}).has_value());
    const auto reader = place.io->open(place.at("f"), {});
    REQUIRE(reader.has_value());
    CHECK((*reader)->write_at(0, as_bytes("x")).code() == Code::io);
  });
}

TEST_CASE("io: directories are made, listed, emptied and removed") {
  for_each_backend([](Place& place) {
    CHECK(place.io->create_directory(place.at("d")).is_ok());
    CHECK(place.io->create_directory(place.at("d")).code() == Code::duplicate);
    CHECK(place.io->create_directory(place.at("x/y")).code() == Code::not_found);
    place.make("d/b");
    place.make("d/a");
    CHECK(*place.io->list_directory(place.at("d")) == std::vector<std::string>{"a", "b"});
    CHECK(place.io->remove_directory(place.at("d")).code() == Code::busy);
    CHECK(place.io->rename(place.at("d/a"), place.at("d/b")).is_ok());
    CHECK(*place.io->exists(place.at("d/b")));
    CHECK_FALSE(*place.io->exists(place.at("d/a")));
    CHECK(place.io->remove(place.at("d/b")).is_ok());
    CHECK(place.io->remove(place.at("d/b")).code() == Code::not_found);
    CHECK(place.io->sync_directory(place.at("d")).is_ok());
    CHECK(place.io->remove_directory(place.at("d")).is_ok());
  });
}

TEST_CASE("io: a lock file has one holder") {
  for_each_backend([](Place& place) {
    {
      const auto first = place.io->lock_file(place.at("lock"));
      REQUIRE(first.has_value());
      const auto second = place.io->lock_file(place.at("lock"));
      REQUIRE_FALSE(second.has_value());
      CHECK(second.error().code() == Code::busy);
    }
    CHECK(place.io->lock_file(place.at("lock")).has_value());
  });
}

TEST_CASE("io: whole files are replaced and read back") {
  for_each_backend([](Place& place) {
    CHECK(replace_whole_file(*place.io, place.at("c"), "one").is_ok());
    CHECK(replace_whole_file(*place.io, place.at("c"), "two!").is_ok());
    CHECK(*read_whole_file(*place.io, place.at("c")) == "two!");
    CHECK_FALSE(*place.io->exists(place.at("c.new")));
  });
}

TEST_CASE("queue: many requests finish, each once, with their bytes") {
  for_each_backend([](Place& place) {
    constexpr size_t kCount = 64;
    const auto file = place.make("f", true);
    auto queue = place.io->make_queue(kCount);
    REQUIRE(queue.has_value());
    std::vector<AlignedBuffer> buffers;
    std::vector<IoRequest> requests(kCount);
    std::vector<IoRequest*> pointers;
    for (size_t i = 0; i < kCount; ++i) {
      buffers.push_back(pattern(8192, i));
      requests[i].kind = IoRequest::Kind::write;
      requests[i].file = file.get();
      requests[i].offset_bytes = i * 8192;
      requests[i].buffer = buffers[i].bytes();
      pointers.push_back(&requests[i]);
    }
    CHECK((*queue)->submit(pointers).is_ok());
    CHECK((*queue)->submit(std::span(pointers).first(1)).code() == Code::limit);
    size_t finished = 0;
    std::vector<IoRequest*> done(kCount);
    while (finished < kCount) {
      const auto count = (*queue)->reap(done, 1);
      REQUIRE(count.has_value());
      for (size_t i = 0; i < *count; ++i) CHECK(done[i]->result.is_ok());
      finished += *count;
    }
    CHECK((*queue)->in_flight_count() == 0);
    AlignedBuffer back(8192);
    for (size_t i = 0; i < kCount; ++i) {
      CHECK(file->read_at(i * 8192, back.bytes()).is_ok());
      CHECK(same(back.bytes(), pattern(8192, i).bytes()));
    }
  });
}

TEST_CASE("queue: pieces are gathered and scattered in order, failures stay with their request") {
  for_each_backend([](Place& place) {
    const auto file = place.make("f");
    auto queue = place.io->make_queue(8);
    REQUIRE(queue.has_value());
    AlignedBuffer a = pattern(4096, 1);
    AlignedBuffer b = pattern(8192, 2);
    const std::array<IoPiece, 2> pieces = {IoPiece{a.data(), a.size()},
                                           IoPiece{b.data(), b.size()}};
    IoRequest write;
    write.kind = IoRequest::Kind::write;
    write.file = file.get();
    write.offset_bytes = 100;
    write.pieces = pieces;
    std::array<IoRequest*, 4> done{};
    IoRequest* one = &write;
    CHECK((*queue)->submit({&one, 1}).is_ok());
    CHECK(*(*queue)->reap(done, 1) == 1);
    CHECK(write.result.is_ok());

    AlignedBuffer all(12288);
    IoRequest read;
    read.file = file.get();
    read.offset_bytes = 100;
    read.buffer = all.bytes();
    IoRequest past = read;
    AlignedBuffer unused(12288);
    past.buffer = unused.bytes();
    past.offset_bytes = 101;
    IoRequest sync;
    sync.kind = IoRequest::Kind::sync;
    sync.file = file.get();
    const std::array<IoRequest*, 3> both = {&read, &past, &sync};
    CHECK((*queue)->submit(both).is_ok());
    CHECK(*(*queue)->reap(done, 3) == 3);
    CHECK(read.result.is_ok());
    CHECK(sync.result.is_ok());
    CHECK(past.result.code() == Code::io);
    CHECK(same(all.bytes().first(4096), a.bytes()));
    CHECK(same(all.bytes().subspan(4096), b.bytes()));
    CHECK(*(*queue)->reap(done, 1) == 0);  // nothing is in flight: no wait
  });
}

TEST_CASE("queue: several threads submit and reap on one queue") {
  for_each_backend([](Place& place) {
    const auto file = place.make("f");
    CHECK(file->resize(64 * 4096).is_ok());
    auto queue = place.io->make_queue(64);
    REQUIRE(queue.has_value());
    std::atomic<uint32_t> reaped{0};
    std::vector<Thread> threads;
    for (int t = 0; t < 4; ++t) {
      auto thread = Thread::spawn("io", [&, t] {
        Random random(static_cast<uint64_t>(t));
        AlignedBuffer buffer(4096);
        for (int i = 0; i < 200; ++i) {
          IoRequest request;
          request.file = file.get();
          request.offset_bytes = random.below(64) * 4096;
          request.buffer = buffer.bytes();
          std::atomic<uint32_t> mine{0};
          request.user = &mine;
          IoRequest* pointer = &request;
          if (!(*queue)->submit({&pointer, 1})) return;
          // Whoever reaps it tells its owner.
          while (mine.load(std::memory_order_acquire) == 0) {
            std::array<IoRequest*, 4> done{};
            const auto count = (*queue)->reap(done, 0);
            for (size_t k = 0; count.has_value() && k < *count; ++k) {
              if (done[k]->result.is_ok()) reaped.fetch_add(1);
              static_cast<std::atomic<uint32_t>*>(done[k]->user)
                  ->store(1, std::memory_order_release);
            }
            this_thread::yield();
          }
        }
      });
      REQUIRE(thread.has_value());
      threads.push_back(std::move(*thread));
    }
    for (Thread& thread : threads) thread.join();
    CHECK(reaped.load() == 800);
  });
}

TEST_CASE("os error: reasons have the SQLSTATE that fits") {
  CHECK(os_error(ENOSPC, "write", "/x").sqlstate() == "53100");
  CHECK(os_error(EACCES, "open", "/x").sqlstate() == "42501");
  CHECK(os_error(EIO, "read", "/x").sqlstate() == "58030");
  CHECK(os_error(EIO, "read", "/x").message() == "could not read \"/x\": Input/output error");
}

TEST_CASE("mapping: memory is zero, aligned when huge, and zero again after discard") {
  MappingOptions options;
  options.huge = true;
  auto mapping = Mapping::create(3 << 20, options);
  REQUIRE(mapping.has_value());
  CHECK(is_aligned(mapping->data(), 2 << 20));
  CHECK(mapping->size() == 4 << 20);
  mapping->data()[5] = std::byte{1};
  mapping->discard(0, mapping->size());
  CHECK(mapping->data()[5] == std::byte{0});
  MappingOptions lazy;
  lazy.reserve_only = true;
  auto wide = Mapping::create(size_t{1} << 36, lazy);
  REQUIRE(wide.has_value());
  wide->data()[size_t{1} << 35] = std::byte{7};
  CHECK(Mapping::create(size_t{1} << 62, {}).error().code() == Code::no_memory);
}

TEST_CASE("process: we know who and where we are, and see requests to stop") {
  CHECK(process_id() > 0);
  CHECK_FALSE(user_name().empty());
  CHECK(executable_path()->find("kernel-platform-test") != std::string::npos);
  CHECK(is_process_alive(process_id()));
  CHECK_FALSE(environment("MORTISE_SURELY_NOT_SET").has_value());
  catch_stop_signals();
  const uint32_t before = stop_signal_count();
  CHECK(ask_process_to_stop(process_id()).is_ok());
  CHECK(wait_for_stop_signal(before) == before + 1);
  CHECK(ask_process_to_stop(-1).code() == Code::invalid);
}

}  // namespace
}  // namespace mortise::platform
