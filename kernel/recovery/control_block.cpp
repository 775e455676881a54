// SPDX-License-Identifier: Apache-2.0
#include "kernel/recovery/control_block.hpp"

#include <cstring>
#include <optional>

#include "kernel/base/bytes.hpp"
#include "kernel/base/crc32c.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::recovery {
namespace {

constexpr uint32_t kMagic = 0x4C54434Du;  // "MCTL"
constexpr uint32_t kBlockBytes = 4096;
constexpr uint32_t kCrcOffset = 68;
constexpr uint32_t kFlagClean = 1;

uint32_t crc_of(std::span<const std::byte> block) {
  static constexpr std::byte kZero[4] = {};
  uint32_t crc = crc32c(0, block.first(kCrcOffset));
  crc = crc32c(crc, kZero);
  return crc32c(crc, block.subspan(kCrcOffset + sizeof(kZero)));
}

void encode(std::span<std::byte> into, const ControlBlock& b) {
  std::memset(into.data(), 0, into.size());
  std::byte* p = into.data();
  store_le(p, kMagic);
  store_le(p + 4, kFormatVersion);
  store_le(p + 8, b.generation);
  std::memcpy(p + 16, b.instance_id.data(), b.instance_id.size());
  store_le(p + 32, b.checkpoint_lsn);
  store_le(p + 40, b.redo_lsn);
  store_le(p + 48, b.is_clean ? kFlagClean : 0u);
  store_le(p + 52, b.segment_bytes);
  store_le(p + 56, b.incarnation);
  store_le(p + 60, b.epoch);
  store_le(p + 64, b.timeline);
  store_le(p + kCrcOffset, crc_of(into));
}

// A copy that is whole; of any format version.
std::optional<ControlBlock> decode(std::span<const std::byte> from, uint32_t& version) {
  const std::byte* p = from.data();
  if (load_le<uint32_t>(p) != kMagic) return std::nullopt;
  if (load_le<uint32_t>(p + kCrcOffset) != crc_of(from)) return std::nullopt;
  version = load_le<uint32_t>(p + 4);
  ControlBlock b;
  b.generation = load_le<uint64_t>(p + 8);
  std::memcpy(b.instance_id.data(), p + 16, b.instance_id.size());
  b.checkpoint_lsn = load_le<Lsn>(p + 32);
  b.redo_lsn = load_le<Lsn>(p + 40);
  b.is_clean = (load_le<uint32_t>(p + 48) & kFlagClean) != 0;
  b.segment_bytes = load_le<uint32_t>(p + 52);
  b.incarnation = load_le<uint32_t>(p + 56);
  b.epoch = load_le<uint32_t>(p + 60);
  b.timeline = load_le<uint32_t>(p + 64);
  return b;
}

}  // namespace

Result<std::unique_ptr<ControlFile>> ControlFile::open(platform::IoBackend& io,
                                                       const std::string& path, bool create) {
  auto control = std::make_unique<ControlFile>();
  auto file = io.open(
      path,
      {.access = platform::OpenOptions::Access::read_write, .create = create, .direct = true});
  if (!file) {
    if (file.error().code() != Code::not_found) return std::move(file.error());
    return Status(Code::not_found, "58P01",
                  "no instance here, or its creation was cut off: " + path + " is missing");
  }
  control->file_ = std::move(*file);
  control->buffer_ = platform::AlignedBuffer(kCopies * kBlockBytes);
  return control;
}

Result<ControlBlock> ControlFile::read() {
  MORTISE_TRY(file_->sync());  // what a killed process left in the cache is made durable first
  MORTISE_TRY_ASSIGN(const uint64_t size, file_->size_bytes());
  if (size < kCopies * kBlockBytes) {
    return corrupt("control file is cut off: " + file_->path() + ", " + std::to_string(size) +
                   " bytes");
  }
  MORTISE_TRY(file_->read_at(0, buffer_.bytes()));
  std::optional<ControlBlock> copies[kCopies];
  uint32_t versions[kCopies] = {};
  for (uint32_t i = 0; i < kCopies; ++i) {
    copies[i] = decode(buffer_.bytes().subspan(i * kBlockBytes, kBlockBytes), versions[i]);
  }
  const ControlBlock* best = nullptr;
  for (uint32_t i = 0; i < kCopies; ++i) {
    for (uint32_t j = i + 1; j < kCopies; ++j) {
      if (!copies[i] || !copies[j] || *copies[i] != *copies[j]) continue;
      if (versions[i] > kFormatVersion) {
        return Status(Code::unsupported, "58M01",
                      "instance was written by a newer version: format " +
                          std::to_string(versions[i]) + ", this one knows " +
                          std::to_string(kFormatVersion));
      }
      if (best == nullptr || copies[i]->generation > best->generation) best = &*copies[i];
    }
  }
  if (best == nullptr) {
    return corrupt("control file has no two equal copies: " + file_->path() + "; restore a backup");
  }
  generation_ = best->generation;
  // A lone copy of a later generation must not meet a twin: generations are not given twice.
  for (const auto& copy : copies) {
    if (copy && copy->generation > generation_) generation_ = copy->generation;
  }
  return *best;
}

Status ControlFile::write(ControlBlock block) {
  block.generation = ++generation_;
  for (uint32_t i = 0; i < kCopies; ++i) {
    encode(buffer_.bytes().subspan(i * kBlockBytes, kBlockBytes), block);
  }
  const uint32_t half = kCopies / 2 * kBlockBytes;
  MORTISE_TRY(file_->write_at(0, buffer_.bytes().first(half)));
  MORTISE_TRY(file_->sync());
  MORTISE_TRY(file_->write_at(half, buffer_.bytes().subspan(half)));
  return file_->sync();
}

}  // namespace mortise::recovery
