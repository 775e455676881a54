// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: who and where are we, and has somebody asked us to stop?
//
// Threads: [any, concurrent]

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mortise/cpp/basic_sync.hpp"
#include "mortise/cpp/result.hpp"

namespace mortise::platform {

int32_t process_id();
// Of the effective user; the number as text when it has no name.
std::string user_name();
bool is_superuser();
Result<std::string> executable_path();
std::string host_name();
std::optional<std::string> environment(const std::string& name);
// Where temporary files go: $TMPDIR or /tmp.
std::string temporary_directory();
// Is there a process with this number?
bool is_process_alive(int32_t process_id);
// Sends SIGTERM.  `not_found` when there is no such process.
Status ask_process_to_stop(int32_t process_id);

// Lets the process have as many open files as the system allows it.
void raise_descriptor_limit();

// The exit code of a process that was told to stop more than once.
inline constexpr int kExitImpatient = 130;
// From the call on SIGTERM and SIGINT no longer end the process but are counted; the third one ends
// it on the spot.  SIGPIPE and SIGXFSZ are ignored.
void catch_stop_signals();
// How many have come.  Two or more: the user is impatient.
uint32_t stop_signal_count();
// Waits until the count is more than `seen` or the deadline has passed; answers the count.
uint32_t wait_for_stop_signal(uint32_t seen, uint64_t deadline_ns = kNoDeadline);
// Counts as a signal, but never ends the process.
void raise_stop_signal();

// An empty directory that is gone with everything in it at the end of the scope.  For tests.
class TemporaryDirectory {
 public:
  static Result<TemporaryDirectory> create(std::string_view prefix);
  TemporaryDirectory(TemporaryDirectory&& other) noexcept;
  TemporaryDirectory& operator=(TemporaryDirectory&& other) noexcept;
  ~TemporaryDirectory();

  const std::string& path() const { return path_; }

 private:
  explicit TemporaryDirectory(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace mortise::platform
