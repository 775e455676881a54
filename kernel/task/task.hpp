// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what is a piece of work?
//
// A function and its context, no more, so that it crosses the ABI and fits a queue.  Whoever makes
// a task owns the context until the task has run.
//
// Threads: values.

#include <cstdint>

namespace mortise::task {

struct Task {
  void (*run)(void* context) = nullptr;
  void* context = nullptr;
};

enum class Priority : uint8_t { high, normal, background };
inline constexpr uint32_t kPriorityCount = 3;

}  // namespace mortise::task
