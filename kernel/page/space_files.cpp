// SPDX-License-Identifier: Apache-2.0
#include "kernel/page/space_files.hpp"

#include <charconv>
#include <cstdio>
#include <string_view>
#include <utility>

#include "mortise/cpp/assert.hpp"

namespace mortise::page {

struct SpaceFiles::Space {
  std::unique_ptr<platform::File> file;  // constant after construction
  std::atomic<uint64_t> size_units{0};   // release after the growth is durable
  platform::Mutex grow_mutex{platform::LockRank::space_file};
  std::atomic<bool> has_failed{false};  // release after `failure` is set
  Status failure;                       // set once, under grow_mutex
};

namespace {
constexpr std::string_view kSuffix = ".space";

// "001F.space" -> 31
bool parse_name(std::string_view name, uint16_t& space) {
  if (name.size() != 4 + kSuffix.size() || name.substr(4) != kSuffix) return false;
  const char* end = name.data() + 4;
  const auto [at, error] = std::from_chars(name.data(), end, space, 16);
  return error == std::errc() && at == end;
}
}  // namespace

SpaceFiles::SpaceFiles(platform::IoBackend& io, std::string directory)
    : io_(io), directory_(std::move(directory)), spaces_(kSpacesMax + 1) {}

SpaceFiles::~SpaceFiles() {
  for (auto& space : spaces_) delete space.load(std::memory_order_acquire);
}

std::string SpaceFiles::path_of(SpaceId space) const {
  char name[16];
  std::snprintf(name, sizeof(name), "%04X", static_cast<unsigned>(raw(space)));
  return directory_ + "/" + name + std::string(kSuffix);
}

Status SpaceFiles::open_all() {
  MORTISE_TRY_ASSIGN(const std::vector<std::string> names, io_.list_directory(directory_));
  for (const std::string& name : names) {
    uint16_t number = 0;
    if (!parse_name(name, number)) continue;
    if (number > kSpacesMax) return limit("space number is too large: " + name);
    auto space = std::make_unique<Space>();
    MORTISE_TRY_ASSIGN(space->file, io_.open(directory_ + "/" + name,
                                             {.access = platform::OpenOptions::Access::read_write,
                                              .direct = true}));
    MORTISE_TRY_ASSIGN(const uint64_t size, space->file->size_bytes());
    space->size_units.store(size / kUnitBytes, std::memory_order_release);
    MORTISE_ASSERT(spaces_[number].load(std::memory_order_relaxed) == nullptr);
    spaces_[number].store(space.release(), std::memory_order_release);
  }
  return {};
}

Status SpaceFiles::create(SpaceId id) {
  if (raw(id) > kSpacesMax) {
    return limit("space number is too large: " + std::to_string(raw(id)));
  }
  if (has(id)) return duplicate("space exists already: " + std::to_string(raw(id)));
  auto space = std::make_unique<Space>();
  MORTISE_TRY_ASSIGN(space->file,
                     io_.open(path_of(id), {.access = platform::OpenOptions::Access::read_write,
                                            .create = true,
                                            .direct = true}));
  MORTISE_TRY_ASSIGN(const uint64_t size, space->file->size_bytes());
  space->size_units.store(size / kUnitBytes, std::memory_order_release);
  MORTISE_TRY(space->file->sync());
  MORTISE_TRY(io_.sync_directory(directory_));
  spaces_[raw(id)].store(space.release(), std::memory_order_release);
  return {};
}

Status SpaceFiles::drop(SpaceId id) {
  MORTISE_TRY(find(id));
  delete spaces_[raw(id)].exchange(nullptr, std::memory_order_acq_rel);
  MORTISE_TRY(io_.remove(path_of(id)));
  return io_.sync_directory(directory_);
}

bool SpaceFiles::has(SpaceId space) const {
  return raw(space) <= kSpacesMax && spaces_[raw(space)].load(std::memory_order_acquire) != nullptr;
}

std::vector<SpaceId> SpaceFiles::list() const {
  std::vector<SpaceId> found;
  for (uint16_t number = 0; number <= kSpacesMax; ++number) {
    if (has(SpaceId{number})) found.push_back(SpaceId{number});
  }
  return found;
}

Result<SpaceFiles::Space*> SpaceFiles::find(SpaceId space) const {
  if (raw(space) <= kSpacesMax) {
    if (Space* found = spaces_[raw(space)].load(std::memory_order_acquire)) return found;
  }
  return Status(Code::not_found, "58P01",
                "space has no file: " + path_of(space) +
                    " is missing; put it back from a backup of the same instance");
}

uint64_t SpaceFiles::size_units(SpaceId id) const {
  auto space = find(id);
  return space ? (*space)->size_units.load(std::memory_order_acquire) : 0;
}

Result<platform::File*> SpaceFiles::file_for_read(PageId first, uint64_t units) const {
  MORTISE_TRY_ASSIGN(Space * space, find(space_of(first)));
  if (page_number_of(first) + units > space->size_units.load(std::memory_order_acquire)) {
    return corrupt("page lies behind the end of its space: " + name_of(first));
  }
  return space->file.get();
}

Status SpaceFiles::read(PageId first, std::span<std::byte> bytes) {
  MORTISE_ASSERT(bytes.size() % kUnitBytes == 0);
  MORTISE_TRY_ASSIGN(platform::File * file, file_for_read(first, bytes.size() / kUnitBytes));
  return file->read_at(page_number_of(first) * kUnitBytes, bytes);
}

Status SpaceFiles::write(PageId first, std::span<const std::byte> bytes) {
  MORTISE_ASSERT(bytes.size() % kUnitBytes == 0);
  MORTISE_TRY_ASSIGN(Space * space, find(space_of(first)));
  const uint64_t begin = page_number_of(first);
  MORTISE_ASSERT(begin + bytes.size() / kUnitBytes <=
                 space->size_units.load(std::memory_order_acquire));
  return space->file->write_at(begin * kUnitBytes, bytes);
}

Status SpaceFiles::extend(SpaceId id, uint64_t size_units) {
  MORTISE_TRY_ASSIGN(Space * space, find(id));
  if (space->size_units.load(std::memory_order_acquire) >= size_units) return {};
  platform::Lock lock(space->grow_mutex);
  if (space->has_failed.load(std::memory_order_relaxed)) return space->failure;
  const uint64_t now = space->size_units.load(std::memory_order_relaxed);
  if (now >= size_units) return {};
  // A failure before the sync leaves a longer file whose end nobody refers to.
  MORTISE_TRY(space->file->preallocate(now * kUnitBytes, (size_units - now) * kUnitBytes));
  if (Status synced = space->file->sync(); !synced) {
    space->failure = synced;
    space->has_failed.store(true, std::memory_order_release);
    return synced;
  }
  space->size_units.store(size_units, std::memory_order_release);
  return {};
}

Status SpaceFiles::sync(SpaceId id) {
  MORTISE_TRY_ASSIGN(Space * space, find(id));
  if (!space->has_failed.load(std::memory_order_acquire)) {
    Status synced = space->file->sync();
    if (synced) return {};
    platform::Lock lock(space->grow_mutex);
    if (!space->has_failed.load(std::memory_order_relaxed)) {
      space->failure = std::move(synced);
      space->has_failed.store(true, std::memory_order_release);
    }
  }
  return space->failure;
}

Status SpaceFiles::sync_all() {
  for (SpaceId space : list()) MORTISE_TRY(sync(space));
  return {};
}

}  // namespace mortise::page
