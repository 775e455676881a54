// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which plugins can run together, in which order, and why not the others?
//
// Works on manifests only.  The answer is a plan: every plugin that can run, in start order, with
// the provider that meets each of its needs; and for each root cause of those that cannot, one
// Problem that says what is missing and what is there instead.
//
// Order: by phase; inside a phase providers before those who need or want them, then after/before
// of author and operator, then by name.
//
// Invariants
//   R1  An interface and slot has one provider.
//   R2  A provider stands before everybody whose need it meets.
//   R3  Every wanted plugin is either in `entries` or named by exactly one Problem.
//   R4  Equal inputs give equal plans, whatever the order of the inputs.
//
// Threads: pure functions.

#include <string>
#include <vector>

#include "kernel/plugin/inventory.hpp"
#include "kernel/plugin/manifest.hpp"

namespace mortise::plugin {

// What the kernel itself provides, and from which phase on.
struct HostService {
  InterfaceRef offer;
  Phase since = Phase::boot;
};

struct Binding {
  InterfaceRef need;
  std::string provider;  // a plugin's name, or "kernel"
  bool is_optional = false;
};

struct PlanEntry {
  const AuthorManifest* author = nullptr;
  const OperatorManifest* operator_manifest = nullptr;  // null: the defaults
  std::vector<Binding> bindings;
};

struct Problem {
  std::string plugin;
  std::string text;                     // what is missing and what is there
  std::vector<std::string> dependants;  // cannot run because of it, nearest first
  std::vector<std::string> required;    // of plugin and dependants, those that are required
};

struct Plan {
  std::vector<PlanEntry> entries;  // start order
  std::vector<Problem> problems;
  std::vector<std::string> disabled;  // in the set, but switched off by the operator

  // False when a plugin that is required cannot run.
  bool is_startable() const;
};

// Pointers in the plan point into `inventory`.
Plan resolve(const Inventory& inventory, const std::vector<HostService>& services,
             const Version& sdk_version);

// For people: the order with its bindings, then the problems.
std::string to_text(const Plan& plan);
// "index-x needs mortise.page/2; the kernel has mortise.page/1 (also left out: index-y)"
std::string to_text(const Problem& problem);

}  // namespace mortise::plugin
