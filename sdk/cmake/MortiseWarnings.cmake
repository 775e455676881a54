# SPDX-License-Identifier: Apache-2.0
#
# mortise_warnings(target): the warnings that every target of ours compiles with, as errors.
#
# -Wno-psabi: GCC notes about vector arguments passed between our own translation units.
# -Wno-restrict: GCC 12 sees overlapping copies in std::string's operator+ with optimisation on
#   (GCC bug 105651) where there are none.
# -Wno-error=...: what GCC 12 finds by following values through inlined code is a warning only: with
#   optimisation on it is as often wrong as right, and the sanitizer builds look for the same.
function(mortise_warnings target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -Wno-psabi)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    target_compile_options(${target} PRIVATE -Wthread-safety -Wno-sign-conversion)
  else()
    target_compile_options(${target} PRIVATE -Wno-sign-conversion -Wno-restrict
      -Wno-error=maybe-uninitialized -Wno-error=array-bounds -Wno-error=stringop-overflow
      -Wno-error=stringop-overread)
  endif()
endfunction()
