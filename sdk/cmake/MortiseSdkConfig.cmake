# SPDX-License-Identifier: Apache-2.0
#
# find_package(MortiseSdk 0.1): what a plugin outside of Mortise's own tree is built with.
#
#   cmake -S engine-mine -B build -DMortiseSdk_DIR=<here>
#
# Gives mortise::sdk (headers), mortise_add_plugin(), mortise_add_unit_test() and
# mortise_warnings().  Serves from the installed place and from a checkout alike.  What the caller
# has set already stays as it is:
#
#   MORTISE_PLUGIN_OUTPUT_DIR  the plugin lands in a folder of its name below; build/plugins
#   MORTISE_TESTS              whether tests are built; ON where doctest is installed
include_guard()

find_path(MORTISE_SDK_INCLUDE_DIR mortise/entry.h NO_DEFAULT_PATH REQUIRED
  PATHS "${CMAKE_CURRENT_LIST_DIR}/../include" "${CMAKE_CURRENT_LIST_DIR}/../../../include")
add_library(mortise_sdk INTERFACE)
add_library(mortise::sdk ALIAS mortise_sdk)
target_include_directories(mortise_sdk INTERFACE "${MORTISE_SDK_INCLUDE_DIR}")
target_compile_features(mortise_sdk INTERFACE cxx_std_20)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT DEFINED MORTISE_PLUGIN_OUTPUT_DIR)
  set(MORTISE_PLUGIN_OUTPUT_DIR "${CMAKE_BINARY_DIR}/plugins")
endif()
if(NOT DEFINED MORTISE_TESTS)
  find_path(MORTISE_DOCTEST_INCLUDE_DIR doctest/doctest.h)
  if(MORTISE_DOCTEST_INCLUDE_DIR)
    set(MORTISE_TESTS ON)
  else()
    set(MORTISE_TESTS OFF)
    message(STATUS "doctest is not installed: tests are left out")
  endif()
endif()

include("${CMAKE_CURRENT_LIST_DIR}/MortiseWarnings.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/MortisePlugin.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/MortiseTest.cmake")
enable_testing()
