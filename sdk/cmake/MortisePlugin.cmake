# SPDX-License-Identifier: Apache-2.0
#
# mortise_add_plugin(name
#   PROVIDES mortise.index/1 ...      interfaces it offers; each adds its conformance suite
#   NEEDS    mortise.page/1 ...       interfaces it asks for
#   SOURCES  plugin.cpp ...           listed, not globbed: a new file is a decision
#   [TESTS   tests/x_test.cpp ...]    doctest files, linked with the sources (without the .so)
#   [FUZZ    tests/x_fuzz.cpp ...]    libFuzzer programs (clang builds only)
#   [BENCH   bench/x_bench.cpp ...]   Google Benchmark programs
#   [LIBRARIES target ...]            the plugin's own third-party dependencies
#   [INCLUDES dir ...])
#
# The same door for first-party and third-party plugins: hidden visibility, one exported symbol,
# nothing of ours linked but the SDK's headers.  PROVIDES and NEEDS are compared with
# plugin.toml by the loader's test, so that the manifest cannot drift from the build.
set(MORTISE_PLUGIN_MAP "${CMAKE_CURRENT_LIST_DIR}/mortise_plugin.map")

function(mortise_add_plugin name)
  cmake_parse_arguments(arg "" ""
    "PROVIDES;NEEDS;SOURCES;TESTS;FUZZ;BENCH;LIBRARIES;INCLUDES" ${ARGN})
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR
      "mortise_add_plugin(${name}): unknown arguments '${arg_UNPARSED_ARGUMENTS}'")
  endif()
  if(NOT arg_SOURCES)
    message(FATAL_ERROR "mortise_add_plugin(${name}): SOURCES is empty")
  endif()
  get_filename_component(folder "${CMAKE_CURRENT_SOURCE_DIR}" NAME)
  if(NOT folder STREQUAL name)
    message(FATAL_ERROR
      "mortise_add_plugin(${name}): the folder is called '${folder}'; they must be the same")
  endif()
  if(NOT EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/plugin.toml")
    message(FATAL_ERROR "mortise_add_plugin(${name}): plugin.toml is missing")
  endif()

  # Compiled once, used by the library and by its unit tests.
  add_library(${name}-objects OBJECT ${arg_SOURCES})
  mortise_warnings(${name}-objects)
  target_link_libraries(${name}-objects PUBLIC mortise::sdk PRIVATE ${arg_LIBRARIES})
  target_include_directories(${name}-objects
    PUBLIC ${CMAKE_CURRENT_SOURCE_DIR} PRIVATE ${arg_INCLUDES})
  target_compile_options(${name}-objects PRIVATE -fvisibility=hidden -fvisibility-inlines-hidden)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${name}-objects PRIVATE -fno-gnu-unique)
  endif()

  add_library(${name} MODULE $<TARGET_OBJECTS:${name}-objects>)
  set_target_properties(${name} PROPERTIES
    PREFIX ""
    LIBRARY_OUTPUT_DIRECTORY "${MORTISE_PLUGIN_OUTPUT_DIR}/${name}")
  target_link_libraries(${name} PRIVATE mortise::sdk ${arg_LIBRARIES})
  target_link_options(${name} PRIVATE
    -Wl,-z,now -Wl,-z,relro -Wl,-z,nodelete -Wl,-z,noexecstack -Wl,-Bsymbolic
    -Wl,--exclude-libs,ALL -Wl,--build-id=sha1 -Wl,--version-script=${MORTISE_PLUGIN_MAP})
  if(NOT MORTISE_SANITIZE)
    target_link_options(${name} PRIVATE -Wl,--no-undefined)
  endif()
  set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS "${MORTISE_PLUGIN_MAP}")
  add_custom_command(TARGET ${name} POST_BUILD
    COMMAND ${CMAKE_COMMAND} -E copy_if_different
      "${CMAKE_CURRENT_SOURCE_DIR}/plugin.toml" "${MORTISE_PLUGIN_OUTPUT_DIR}/${name}/plugin.toml")
  set_property(GLOBAL APPEND PROPERTY MORTISE_PLUGINS ${name})
  set_property(GLOBAL PROPERTY MORTISE_PLUGIN_PROVIDES_${name} "${arg_PROVIDES}")
  set_property(GLOBAL PROPERTY MORTISE_PLUGIN_NEEDS_${name} "${arg_NEEDS}")

  # "mortise.codec/1" brings the suite in tests/conformance/codec, where there is one: suite.cmake
  # there sets suite_sources and suite_libraries; without it, plugin_suite.cpp is all.
  set(suites "")
  set(libraries_of_suites "")
  foreach(interface ${arg_PROVIDES})
    string(REGEX REPLACE "^mortise\\.([a-z_]+)/.*$" "\\1" noun ${interface})
    set(suite_folder "${CMAKE_SOURCE_DIR}/tests/conformance/${noun}")
    set(suite_sources plugin_suite.cpp)
    set(suite_libraries "")
    include("${suite_folder}/suite.cmake" OPTIONAL)
    if(EXISTS "${suite_folder}/plugin_suite.cpp")
      list(TRANSFORM suite_sources PREPEND "${suite_folder}/")
      list(APPEND suites ${suite_sources})
      list(APPEND libraries_of_suites ${suite_libraries})
    endif()
  endforeach()
  list(REMOVE_DUPLICATES suites)
  if(arg_TESTS OR suites)
    mortise_add_unit_test(${name}-test
      SOURCES ${arg_TESTS} ${suites} $<TARGET_OBJECTS:${name}-objects>
      LIBRARIES ${arg_LIBRARIES} ${libraries_of_suites} LABELS plugin)
    if(TARGET ${name}-test)
      target_include_directories(${name}-test PRIVATE ${CMAKE_CURRENT_SOURCE_DIR} ${arg_INCLUDES})
    endif()
  endif()
  if(arg_FUZZ AND MORTISE_TESTS AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    foreach(source ${arg_FUZZ})
      get_filename_component(stem ${source} NAME_WE)
      add_executable(${name}-${stem} ${source} $<TARGET_OBJECTS:${name}-objects>)
      target_include_directories(${name}-${stem}
        PRIVATE ${CMAKE_CURRENT_SOURCE_DIR} ${CMAKE_SOURCE_DIR})
      target_link_libraries(${name}-${stem} PRIVATE mortise::sdk ${arg_LIBRARIES})
      target_compile_options(${name}-${stem} PRIVATE -fsanitize=fuzzer)
      target_link_options(${name}-${stem} PRIVATE -fsanitize=fuzzer)
    endforeach()
  endif()
  if(arg_BENCH AND MORTISE_BENCH)
    find_package(benchmark QUIET)
    if(benchmark_FOUND)
      foreach(source ${arg_BENCH})
        get_filename_component(stem ${source} NAME_WE)
        add_executable(${name}-${stem} ${source} $<TARGET_OBJECTS:${name}-objects>)
        target_include_directories(${name}-${stem}
          PRIVATE ${CMAKE_CURRENT_SOURCE_DIR} ${CMAKE_SOURCE_DIR})
        target_link_libraries(${name}-${stem}
          PRIVATE mortise::sdk benchmark::benchmark_main ${arg_LIBRARIES})
      endforeach()
    endif()
  endif()
endfunction()

# mortise_skip_plugin(name reason): the plugin's dependency is not installed; says so and goes on,
# but not where MORTISE_COMPLETE wants every plugin.
function(mortise_skip_plugin name reason)
  if(MORTISE_COMPLETE)
    message(FATAL_ERROR "plugin ${name} cannot be built: ${reason}")
  endif()
  message(STATUS "plugin ${name} is left out: ${reason}")
endfunction()
