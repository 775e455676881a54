// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a data directory become a running database, and quiet files again?
//
//   <directory>/mortise.toml     the operator's settings
//   <directory>/system.toml      ALTER SYSTEM
//   <directory>/lock             held while the instance is open; the holder's process id
//   <directory>/last_crash       a fatal signal's report, until a start has logged it
//   <directory>/storage/         pages, log and bootstrap catalog
//
//   open    lock, runtime, boot plugins, storage and recovery, services of the data, then the
//           phases storage, query, services, edge
//   close   the reverse; a crash at any moment leaves what open accepts
//
// Invariants
//   N1  One instance per directory (the lock) and per process (Runtime, U1).
//   N2  A failure of open leaves nothing running, and the directory as a crash would.
//
// Threads: [control]

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kernel/base/function_ref.hpp"
#include "kernel/platform/io.hpp"
#include "kernel/plugin/runtime.hpp"

namespace mortise::catalog {
class Database;
}

namespace mortise {

struct InstanceOptions {
  std::string directory;
  plugin::Folders folders;
  std::string set = "default";
  std::vector<std::pair<std::string, std::string>> settings;  // from the command line
  // The last phase to start: without `edge` nobody listens.
  plugin::Phase last_phase = plugin::Phase::edge;
  bool logs_to_stderr = false;
};

class Instance {
 public:
  // Makes the directory (its parent exists; it may be there if it is empty, or left over from a
  // making that was cut off) with empty storage and a commented mortise.toml, and opens it.  The
  // directory counts as made when `prepare` has succeeded; a failure leaves nothing behind.
  // `duplicate` when something is in it.
  static Result<std::unique_ptr<Instance>> create(platform::IoBackend& io, InstanceOptions options,
                                                  FunctionRef<Status(Instance&)> prepare);
  // `busy` 55006: somebody has it open, with the process id; `not_found`: not a data directory.
  static Result<std::unique_ptr<Instance>> open(platform::IoBackend& io, InstanceOptions options);
  // Without close(): as a crash.
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  Status close();
  // For a process that has to end while close() waits for somebody: writes the log to disk, so that
  // everything that was acknowledged or could be is found by recovery.  Nothing else is ended; the
  // process is to exit then.  [any, concurrent with close()]
  Status make_durable();

  plugin::Runtime& runtime();
  catalog::Database& database();
  const mortise_host_t* host();
  const std::string& directory() const;

 private:
  struct State;
  void stop_phases_above_boot();
  explicit Instance(std::unique_ptr<State> state);
  static Result<std::unique_ptr<Instance>> open_whole(platform::IoBackend& io,
                                                      InstanceOptions options);
  std::unique_ptr<State> state_;
};

// The services that an instance adds when its storage is open, for the resolver.
std::vector<plugin::HostService> database_services();

// Program exit codes by what the user can do; docs/reference/exit-codes.md.
inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 2;      // command line, settings, manifests
inline constexpr int kExitInUse = 3;      // data directory or port taken
inline constexpr int kExitDirectory = 4;  // no data directory, another format, damaged
inline constexpr int kExitPermission = 5;
inline constexpr int kExitDiskFull = 6;
int exit_code_of(const Status& failure);

// One line for people: message, then detail and hint.
std::string to_line(const Status& failure);

}  // namespace mortise
