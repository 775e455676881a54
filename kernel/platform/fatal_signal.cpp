// SPDX-License-Identifier: Apache-2.0
#include "kernel/platform/fatal_signal.hpp"

#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>

namespace mortise::platform {
namespace {

constexpr size_t kNameBytesMax = 63;
constexpr int kFramesMax = 48;
constexpr size_t kHandlerStackBytes = 64 * 1024;

struct CodeOwner {
  std::array<char, kNameBytesMax + 1> name;
  uintptr_t begin;
  uintptr_t end;
};

// Filled once per entry, published by the count.
constinit std::array<CodeOwner, kCodeOwnersMax> owners{};
constinit std::atomic<uint32_t> owner_claims{0};
constinit std::atomic<uint32_t> owner_count{0};
constinit std::array<char, 4096> report_path{};
constinit std::atomic<bool> has_report_path{false};
constinit thread_local const char* current_owner = nullptr;
alignas(16) std::array<char, kHandlerStackBytes> handler_stack;

// Text pieces for a handler: no allocation, no stdio.
class Report {
 public:
  void text(const char* text) {
    for (; *text != 0 && size_ + 1 < bytes_.size(); ++text) bytes_[size_++] = *text;
  }
  void text(std::string_view text) {
    for (const char c : text) {
      if (size_ + 1 < bytes_.size()) bytes_[size_++] = c;
    }
  }
  void number(uint64_t value, uint64_t base) {
    std::array<char, 24> digits{};
    size_t at = digits.size() - 1;
    do {
      digits[--at] = "0123456789abcdef"[value % base];
      value /= base;
    } while (value != 0);
    text(digits.data() + at);
  }
  void write_to(int file) {
    size_t done = 0;
    while (done < size_) {
      const ssize_t n = ::write(file, bytes_.data() + done, size_ - done);
      if (n <= 0) return;
      done += static_cast<size_t>(n);
    }
  }

 private:
  std::array<char, 8192> bytes_{};
  size_t size_ = 0;
};

const CodeOwner* find_owner(const void* address) {
  const auto at = reinterpret_cast<uintptr_t>(address);
  const uint32_t count = owner_count.load(std::memory_order_acquire);
  for (uint32_t i = 0; i < count; ++i) {
    if (at >= owners[i].begin && at < owners[i].end) return &owners[i];
  }
  return nullptr;
}

const char* signal_name(int signal) {
  switch (signal) {
    case SIGSEGV:
      return "SIGSEGV";
    case SIGBUS:
      return "SIGBUS";
    case SIGILL:
      return "SIGILL";
    case SIGFPE:
      return "SIGFPE";
    default:
      return "SIGABRT";
  }
}

void describe(int signal, const siginfo_t* info, Report& report) {
  std::array<void*, kFramesMax> frames{};
  const int count = backtrace(frames.data(), kFramesMax);
  const CodeOwner* guilty = nullptr;
  for (int i = 0; i < count && guilty == nullptr; ++i) guilty = find_owner(frames[i]);
  report.text("mortise: fatal signal ");
  report.text(signal_name(signal));
  if (signal != SIGABRT) {
    report.text(" at address 0x");
    report.number(reinterpret_cast<uintptr_t>(info->si_addr), 16);
  }
  if (guilty != nullptr) {
    report.text(" in plugin ");
    report.text(guilty->name.data());
  } else if (current_owner != nullptr) {
    report.text(" while working for plugin ");
    report.text(current_owner);
  } else {
    report.text(" in the host");
  }
  report.text("\n");
  for (int i = 0; i < count; ++i) {
    const CodeOwner* owner = find_owner(frames[i]);
    report.text("  0x");
    report.number(reinterpret_cast<uintptr_t>(frames[i]), 16);
    if (owner != nullptr) {
      report.text(" ");
      report.text(owner->name.data());
      report.text("+0x");
      report.number(reinterpret_cast<uintptr_t>(frames[i]) - owner->begin, 16);
    }
    report.text("\n");
  }
}

void on_fatal_signal(int signal, siginfo_t* info, void*) {
  Report report;
  describe(signal, info, report);
  report.write_to(STDERR_FILENO);
  if (has_report_path.load(std::memory_order_acquire)) {
    const int file = ::open(report_path.data(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file >= 0) {
      report.write_to(file);
      ::close(file);
    }
  }
  // SA_RESETHAND has put the default action back; returning repeats a fault, abort() and a signal
  // sent by kill() have to be raised again.
  raise(signal);
}

}  // namespace

void note_code_owner(std::string_view name, uintptr_t begin, uintptr_t end) {
  const uint32_t at = owner_claims.fetch_add(1, std::memory_order_relaxed);
  if (at >= kCodeOwnersMax) return;
  const size_t size = name.size() < kNameBytesMax ? name.size() : kNameBytesMax;
  std::memcpy(owners[at].name.data(), name.data(), size);
  owners[at].begin = begin;
  owners[at].end = end;
  // In order: plugins are opened one after another.
  owner_count.store(at + 1, std::memory_order_release);
}

std::string_view code_owner_of(const void* address) {
  const CodeOwner* owner = find_owner(address);
  return owner == nullptr ? std::string_view() : std::string_view(owner->name.data());
}

CodeOwnerScope::CodeOwnerScope(const char* name) : before_(current_owner) {
  current_owner = name;
}

CodeOwnerScope::~CodeOwnerScope() {
  current_owner = before_;
}

void catch_fatal_signals() {
  std::array<void*, 1> warm{};
  backtrace(warm.data(), 1);  // loads the unwinder now, not inside the handler
  stack_t stack{};
  stack.ss_sp = handler_stack.data();
  stack.ss_size = handler_stack.size();
  sigaltstack(&stack, nullptr);
  struct sigaction action {};
  action.sa_sigaction = on_fatal_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | static_cast<int>(SA_RESETHAND) | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT}) {
    sigaction(signal, &action, nullptr);
  }
}

void set_crash_report_file(const std::string& path) {
  has_report_path.store(false, std::memory_order_release);
  if (path.empty() || path.size() >= report_path.size()) return;
  std::memcpy(report_path.data(), path.c_str(), path.size() + 1);
  has_report_path.store(true, std::memory_order_release);
}

}  // namespace mortise::platform
