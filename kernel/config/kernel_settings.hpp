// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what can the operator tell the kernel itself?
//
// One table, because a setting is a promise to users: it is easier to keep promises that stand side
// by side.  Modules get their values through their options structs, filled by the instance.
//
// Threads: pure functions.

#include <string>
#include <vector>

#include "kernel/config/settings.hpp"

namespace mortise::config {

// Every setting of the kernel, in the order of the reference page.
const std::vector<SettingSpec>& kernel_settings();

// Declares all of them.
Status declare_kernel_settings(Settings& settings);

// docs/reference/settings.md: a table per part, kernel first.
std::string settings_page(const Settings& settings);

// The commented mortise.toml that a new data directory gets: every setting with its default.
std::string settings_template(const Settings& settings);

}  // namespace mortise::config
