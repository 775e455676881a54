# SPDX-License-Identifier: Apache-2.0
set(suite_sources plugin_suite.cpp filter_suite.cpp isolation_suite.cpp crash_suite.cpp store.cpp
  plugin_provider.cpp ../world.cpp ../values.cpp)
set(suite_libraries mortise::kernel)
