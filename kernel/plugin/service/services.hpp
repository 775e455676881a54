// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do the kernel's modules look from the other side of the ABI?
//
// One file per interface; each is a thin table of C functions over a kernel module.  The tables
// have no context argument, so there is one set of backends per process, and one open instance per
// process.
//
// Invariants
//   S1  Between install and remove the backends stay as they are; the tables may be called then
//   only.
//   S2  What a plugin submitted is attributed to it by the address of its function: wait_for_tasks
//       returns when none of its tasks is queued or running.
//
// Threads: install and remove [control]; the tables as their headers say.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/config/settings.hpp"
#include "kernel/memory/account.hpp"
#include "kernel/observe/activity.hpp"
#include "kernel/observe/metrics.hpp"
#include "kernel/plugin/resolver.hpp"
#include "kernel/task/blocking_pool.hpp"
#include "kernel/task/network.hpp"
#include "kernel/task/timers.hpp"
#include "kernel/task/worker_pool.hpp"

namespace mortise::plugin {

// All outlive the installation.
struct ServiceBackends {
  config::Settings* settings = nullptr;
  observe::Metrics* metrics = nullptr;
  observe::Activities* activities = nullptr;
  memory::MemoryAccount* memory = nullptr;  // the instance's account
  task::WorkerPool* workers = nullptr;
  task::BlockingPool* blocking = nullptr;
  task::Timers* timers = nullptr;
  task::Network* network = nullptr;
  // Budgets of accounts that plugins open below the instance under their own name.
  std::map<std::string, uint64_t, std::less<>> memory_limits;
};

// `busy` when an instance is open in this process already.
Status install_services(ServiceBackends backends);
// Gives back what plugins left behind: accounts, listeners, timers.
void remove_services();
// Precondition: installed.
const ServiceBackends& service_backends();

struct ServiceTable {
  std::string interface_id;  // "mortise.log/1"
  const void* table;         // begins with mortise_header_t
};
// log, memory, settings, metrics, sync, task, io, activity.
std::vector<ServiceTable> basic_services();

// Waits until no task that `owner`'s code submitted is queued or running (S2).
void wait_for_tasks(std::string_view owner);

// One memory account of the tree that plugins see.
struct AccountSample {
  std::string name;  // "instance / sql-engine / query 17"
  uint64_t used_bytes;
  uint64_t peak_bytes;
  uint64_t budget_bytes;  // UINT64_MAX = none
};
std::vector<AccountSample> account_samples();

// The tables, one per file.
const void* log_table();
const void* memory_table();
const void* settings_table();
const void* metrics_table();
const void* sync_table();
const void* task_table();
const void* io_table();
const void* activity_table();

}  // namespace mortise::plugin
