// SPDX-License-Identifier: Apache-2.0

#include "instance.hpp"

namespace mortise::sql_functions {

Instance& instance() {
  static Instance the_one;
  return the_one;
}

}  // namespace mortise::sql_functions
