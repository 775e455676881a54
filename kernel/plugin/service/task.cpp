// SPDX-License-Identifier: Apache-2.0
#include "kernel/task/task.hpp"

#include <array>
#include <memory>
#include <new>

#include "kernel/platform/fatal_signal.hpp"
#include "kernel/platform/mutex.hpp"
#include "kernel/plugin/service/services.hpp"
#include "kernel/task/task_group.hpp"
#include "mortise/cpp/boundary.hpp"
#include "mortise/cpp/plugin.hpp"
#include "mortise/iface/task.h"

namespace mortise::plugin {

namespace {

// How many tasks of each owner are queued or running (S2).  Owners are found by the address of the
// task's function; a word per owner, so that waiting is parking on it.
class TaskCounts {
 public:
  std::atomic<uint32_t>* count_of(std::string_view owner) {
    const uint32_t known = known_.load(std::memory_order_acquire);
    for (uint32_t i = 0; i < known; ++i) {
      if (names_[i] == owner) return &counts_[i];
    }
    platform::Lock lock(mutex_);
    for (uint32_t i = known; i < known_.load(std::memory_order_relaxed); ++i) {
      if (names_[i] == owner) return &counts_[i];
    }
    const uint32_t at = known_.load(std::memory_order_relaxed);
    if (at == names_.size()) return &counts_.back();
    names_[at] = owner;
    known_.store(at + 1, std::memory_order_release);
    return &counts_[at];
  }

 private:
  platform::Mutex mutex_{platform::LockRank::leaf};
  std::atomic<uint32_t> known_{0};
  std::array<std::string, platform::kCodeOwnersMax + 1> names_;
  std::array<std::atomic<uint32_t>, platform::kCodeOwnersMax + 2> counts_{};
};

TaskCounts& task_counts() {
  static TaskCounts counts;
  return counts;
}

// A task on its way, with whom to tell of its end.
struct Ticket {
  mortise_task_run_t run;
  void* context;
  std::atomic<uint32_t>* count;
};

void finish(std::atomic<uint32_t>* count) {
  if (count->fetch_sub(1, std::memory_order_acq_rel) == 1) platform::park_wake_all(*count);
}

void serve(void* context) {
  const Ticket ticket = *static_cast<Ticket*>(context);
  delete static_cast<Ticket*>(context);
  ticket.run(ticket.context);
  finish(ticket.count);
}

template <typename Submit>
Status submit_ticket(mortise_task_run_t run, void* context, Submit&& submit) {
  std::atomic<uint32_t>* count =
      task_counts().count_of(platform::code_owner_of(reinterpret_cast<const void*>(run)));
  auto ticket = std::make_unique<Ticket>(Ticket{run, context, count});
  count->fetch_add(1, std::memory_order_relaxed);
  const Status submitted = submit(task::Task{serve, ticket.get()});
  if (submitted.is_ok()) {
    (void)ticket.release();
  } else {
    finish(count);
  }
  return submitted;
}

uint32_t MORTISE_CALL workers_count() {
  return service_backends().workers->worker_count();
}

mortise_status_t MORTISE_CALL submit(uint32_t priority, mortise_task_run_t run, void* context,
                                     mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    const auto wanted =
        static_cast<task::Priority>(std::min(priority, uint32_t{MORTISE_PRIORITY_BACKGROUND}));
    return submit_ticket(run, context, [&](task::Task task) {
      return service_backends().workers->submit(wanted, task);
    });
  });
}

mortise_status_t MORTISE_CALL submit_blocking(mortise_task_run_t run, void* context,
                                              mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    return submit_ticket(
        run, context, [&](task::Task task) { return service_backends().blocking->submit(task); });
  });
}

mortise_status_t MORTISE_CALL parallel(uint64_t morsels_count, uint32_t workers_max,
                                       mortise_morsel_run_t run, void* context,
                                       mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    task::ParallelOptions options;
    options.helper_count_max = workers_max;
    return task::parallel_for(*service_backends().workers, morsels_count, options,
                              [&](uint64_t morsel, uint32_t slot) -> Status {
                                ErrorSlot reason;
                                return reason.status(run(context, morsel, slot, reason.get()));
                              });
  });
}

mortise_status_t MORTISE_CALL timer_start(uint64_t delay_ns, uint64_t period_ns,
                                          mortise_task_run_t run, void* context,
                                          mortise_timer_t* timer, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    MORTISE_TRY_ASSIGN(
        const task::TimerId id,
        service_backends().timers->add(delay_ns, period_ns, [run, context] { run(context); }));
    *timer = static_cast<mortise_timer_t>(id);
    return {};
  });
}

void MORTISE_CALL timer_stop(mortise_timer_t timer) {
  service_backends().timers->stop(static_cast<task::TimerId>(timer));
}

constexpr mortise_iface_task_t kTable = {header_of<mortise_iface_task_t>(),
                                         workers_count,
                                         submit,
                                         submit_blocking,
                                         parallel,
                                         timer_start,
                                         timer_stop};

}  // namespace

const void* task_table() {
  return &kTable;
}

void wait_for_tasks(std::string_view owner) {
  std::atomic<uint32_t>& count = *task_counts().count_of(owner);
  for (;;) {
    const uint32_t left = count.load(std::memory_order_acquire);
    if (left == 0) return;
    platform::park_wait(count, left);
  }
}

}  // namespace mortise::plugin
