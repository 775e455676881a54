# SPDX-License-Identifier: Apache-2.0
#
# The back half: physical planning and execution.  Included by the plugin's CMakeLists.txt.
set(execution_sources
  plan/columns_read.cpp plan/unnest.cpp plan/estimate.cpp plan/pushdown.cpp plan/join_order.cpp
  plan/conditions.cpp plan/lower.cpp plan/lower_scan.cpp plan/lower_join.cpp
  plan/lower_index_join.cpp plan/lower_change.cpp plan/lower_window.cpp
  execute/statement_run.cpp execute/value_text.cpp execute/row_writer.cpp execute/change.cpp
  execute/newest_rows.cpp execute/lock_rows.cpp execute/upsert.cpp execute/window.cpp
  execute/window_frame.cpp execute/window_call.cpp execute/window_aggregate.cpp
  execute/window_functions.cpp
  execute/copy_fields.cpp execute/copy_in.cpp execute/copy_out.cpp
  execute/operator.cpp execute/scan.cpp execute/sources_of_rows.cpp execute/project.cpp
  execute/hash_join.cpp execute/index_join.cpp execute/nested_loop.cpp execute/aggregate.cpp
  execute/sort_order.cpp execute/sort.cpp execute/set_operation.cpp
  execute/vector/group_table.cpp execute/expression/widen.cpp
  execute/vector/memory.cpp execute/vector/batch.cpp execute/vector/value_order.cpp
  execute/vector/row_store.cpp execute/vector/rows_kept.cpp
  execute/expression/reference.cpp execute/expression/evaluation.cpp execute/expression/call.cpp
  execute/expression/boolean.cpp execute/expression/conditional.cpp
  execute/expression/in_list.cpp execute/expression/array.cpp execute/expression/subquery.cpp
  execute/expression/compile.cpp)
set(execution_tests
  tests/fake_host.cpp tests/fake_functions.cpp tests/execute_join_test.cpp
  tests/execute_query_test.cpp tests/execute_change_test.cpp tests/copy_fields_test.cpp)
