# SPDX-License-Identifier: Apache-2.0
#
# mortise_add_unit_test(name SOURCES file... [LIBRARIES target...] [LABELS label...])
#
# One doctest program per module or plugin, registered with CTest under `name`.  The program's
# main stands beside this file and is compiled once for all of them, so a test file needs nothing
# but <doctest/doctest.h>.
set(MORTISE_TEST_MAIN "${CMAKE_CURRENT_LIST_DIR}/doctest_main.cpp")

function(mortise_add_unit_test name)
  if(NOT MORTISE_TESTS)
    return()
  endif()
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_SOURCES)
    message(FATAL_ERROR
      "mortise_add_unit_test(${name}): unknown arguments '${arg_UNPARSED_ARGUMENTS}' or no SOURCES")
  endif()
  # Made by the first test, so that options which the caller adds after the include reach it.
  if(NOT TARGET mortise-test-main)
    add_library(mortise-test-main OBJECT "${MORTISE_TEST_MAIN}")
    mortise_warnings(mortise-test-main)
  endif()
  add_executable(${name} ${arg_SOURCES} $<TARGET_OBJECTS:mortise-test-main>)
  mortise_warnings(${name})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE mortise::sdk ${arg_LIBRARIES})
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "unit;${arg_LABELS}" TIMEOUT 300)
endfunction()
