// SPDX-License-Identifier: Apache-2.0
#include "kernel/base/version.hpp"

namespace mortise {

std::string_view version() {
  return MORTISE_VERSION;
}

}  // namespace mortise
