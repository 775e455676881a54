// SPDX-License-Identifier: Apache-2.0
#include "kernel/platform/io.hpp"

#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "kernel/base/bytes.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::platform {

std::string directory_of(std::string_view path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string_view::npos) return ".";
  return slash == 0 ? "/" : std::string(path.substr(0, slash));
}

Result<std::string> read_whole_file(IoBackend& io, const std::string& path,
                                    uint64_t size_bytes_max) {
  MORTISE_TRY_ASSIGN(std::unique_ptr<File> file, io.open(path, OpenOptions{}));
  MORTISE_TRY_ASSIGN(const uint64_t size, file->size_bytes());
  if (size > size_bytes_max) {
    return limit(path + " is larger than " + std::to_string(size_bytes_max) + " bytes");
  }
  std::string text(size, '\0');
  MORTISE_TRY(file->read_at(0, std::as_writable_bytes(std::span(text))));
  return text;
}

Status replace_whole_file(IoBackend& io, const std::string& path, std::string_view text) {
  const std::string beside = path + ".new";
  {
    OpenOptions options;
    options.access = OpenOptions::Access::read_write;
    options.create = true;
    MORTISE_TRY_ASSIGN(std::unique_ptr<File> file, io.open(beside, options));
    MORTISE_TRY(file->resize(0));
    MORTISE_TRY(file->write_at(0, as_bytes(text)));
    MORTISE_TRY(file->sync());
  }
  MORTISE_TRY(io.rename(beside, path));
  return io.sync_directory(directory_of(path));
}

AlignedBuffer::AlignedBuffer(size_t size_bytes)
    : size_bytes_(align_up(size_bytes, kDirectAlignmentBytes)) {
  if (size_bytes_ == 0) return;
  data_ = static_cast<std::byte*>(
      ::operator new (size_bytes_, std::align_val_t{kDirectAlignmentBytes}));
  std::memset(data_, 0, size_bytes_);
}

AlignedBuffer::AlignedBuffer(AlignedBuffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_bytes_(std::exchange(other.size_bytes_, 0)) {}

AlignedBuffer& AlignedBuffer::operator=(AlignedBuffer&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_bytes_, other.size_bytes_);
  return *this;
}

AlignedBuffer::~AlignedBuffer() {
  if (data_ != nullptr) ::operator delete (data_, std::align_val_t{kDirectAlignmentBytes});
}

}  // namespace mortise::platform
