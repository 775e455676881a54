# SPDX-License-Identifier: Apache-2.0
set(suite_sources plugin_suite.cpp concurrency_suite.cpp crash_suite.cpp subject.cpp ../world.cpp
  ../values.cpp)
set(suite_libraries mortise::kernel)
