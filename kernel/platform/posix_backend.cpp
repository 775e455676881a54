// SPDX-License-Identifier: Apache-2.0
#include "kernel/platform/posix_backend.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "kernel/platform/os_error.hpp"
#include "kernel/platform/posix_file.hpp"
#include "kernel/platform/process.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::platform {
namespace {

constexpr mode_t kFileMode = 0600;  // the data belongs to whoever runs the server
constexpr mode_t kDirectoryMode = 0700;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  int number() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

int open_retrying(const char* path, int flags) {
  int descriptor;
  do {
    descriptor = ::open(path, flags | O_CLOEXEC, kFileMode);
  } while (descriptor < 0 && errno == EINTR);
  return descriptor;
}

class PosixLock final : public FileLock {
 public:
  explicit PosixLock(Descriptor held) : held_(std::move(held)) {}

 private:
  Descriptor held_;  // closing it frees the lock
};

// The number at the beginning of a lock file, or 0.
int32_t holder_of(int descriptor) {
  std::array<char, 16> text{};
  if (pread(descriptor, text.data(), text.size() - 1, 0) <= 0) return 0;
  return static_cast<int32_t>(std::strtol(text.data(), nullptr, 10));
}

class PosixBackend final : public IoBackend {
 public:
  explicit PosixBackend(const PosixOptions& options) : options_(options) {
    if (options_.queues == QueueKind::threads) {
      uring_refusal_ = "threads chosen";
    } else {
      const Result<std::unique_ptr<IoQueue>> probe = make_uring_queue(1);
      if (!probe) uring_refusal_ = probe.error().message();
    }
  }

  Result<std::unique_ptr<File>> open(const std::string& path, const OpenOptions& options) override {
    int flags = options.access == OpenOptions::Access::read ? O_RDONLY : O_RDWR;
    if (options.create) flags |= O_CREAT;
    if (options.exclusive) flags |= O_EXCL;
    bool direct = options.direct;
    int descriptor = open_retrying(path.c_str(), flags | (direct ? O_DIRECT : 0));
    if (descriptor < 0 && direct && errno == EINVAL) {
      // The file system has no direct access.  An exclusive open may have made the file already.
      direct = false;
      descriptor = open_retrying(path.c_str(), flags & ~O_EXCL);
    }
    if (descriptor < 0) return os_error(errno, "open", path);
    Descriptor held(descriptor);
    struct stat info {};
    if (fstat(descriptor, &info) != 0) return os_error(errno, "inspect", path);
    if (S_ISDIR(info.st_mode)) return os_error(EISDIR, "open", path);
    return std::unique_ptr<File>(std::make_unique<PosixFile>(path, direct, held.release()));
  }

  Status remove(const std::string& path) override {
    return unlink(path.c_str()) == 0 ? Status() : os_error(errno, "remove", path);
  }
  Status rename(const std::string& from, const std::string& to) override {
    return ::rename(from.c_str(), to.c_str()) == 0 ? Status() : os_error(errno, "rename", from);
  }
  Status create_directory(const std::string& path) override {
    if (mkdir(path.c_str(), kDirectoryMode) == 0) return {};
    return os_error(errno, "create directory", path);
  }
  Status remove_directory(const std::string& path) override {
    return rmdir(path.c_str()) == 0 ? Status() : os_error(errno, "remove directory", path);
  }

  Result<std::vector<std::string>> list_directory(const std::string& path) override {
    DIR* const directory = opendir(path.c_str());
    if (directory == nullptr) return os_error(errno, "list directory", path);
    std::vector<std::string> names;
    while (true) {
      errno = 0;
      const dirent* const entry = readdir(directory);
      if (entry == nullptr) break;
      std::string name = entry->d_name;
      if (name != "." && name != "..") names.push_back(std::move(name));
    }
    const int error = errno;
    closedir(directory);
    if (error != 0) return os_error(error, "list directory", path);
    std::sort(names.begin(), names.end());
    return names;
  }

  Status sync_directory(const std::string& path) override {
    const Descriptor directory(open_retrying(path.c_str(), O_RDONLY | O_DIRECTORY));
    if (directory.number() < 0) return os_error(errno, "open directory", path);
    return fsync(directory.number()) == 0 ? Status() : os_error(errno, "sync directory", path);
  }

  Result<bool> exists(const std::string& path) override {
    struct stat info {};
    if (stat(path.c_str(), &info) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return os_error(errno, "inspect", path);
  }

  Result<std::unique_ptr<FileLock>> lock_file(const std::string& path) override {
    Descriptor held(open_retrying(path.c_str(), O_RDWR | O_CREAT));
    if (held.number() < 0) return os_error(errno, "open", path);
    if (flock(held.number(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return os_error(errno, "lock", path);
      const int32_t holder = holder_of(held.number());
      std::string message = "in use: \"" + path + "\" is locked by ";
      message += holder > 0 ? "process " + std::to_string(holder) : "another process";
      return busy(std::move(message));
    }
    const std::string text = std::to_string(process_id()) + "\n";
    if (ftruncate(held.number(), 0) != 0 ||
        pwrite(held.number(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
      return os_error(errno, "write", path);
    }
    return std::unique_ptr<FileLock>(std::make_unique<PosixLock>(std::move(held)));
  }

  Result<std::unique_ptr<IoQueue>> make_queue(uint32_t depth) override {
    if (uring_refusal_.empty()) {
      Result<std::unique_ptr<IoQueue>> queue = make_uring_queue(depth);
      // A later ring may fail where the first did not: locked memory is used up.
      if (queue || options_.queues == QueueKind::uring) return queue;
    } else if (options_.queues == QueueKind::uring) {
      return unsupported(uring_refusal_);
    }
    return make_thread_queue(depth, options_.queue_thread_count);
  }

  std::string description() const override {
    return uring_refusal_.empty() ? "io_uring" : "threads (" + uring_refusal_ + ")";
  }

 private:
  const PosixOptions options_;
  std::string uring_refusal_;  // constant after construction; empty: io_uring works
};

}  // namespace

std::unique_ptr<IoBackend> make_posix_backend(const PosixOptions& options) {
  MORTISE_ASSERT(options.queue_thread_count > 0);
  return std::make_unique<PosixBackend>(options);
}

}  // namespace mortise::platform
