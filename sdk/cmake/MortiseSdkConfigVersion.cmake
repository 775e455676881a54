# SPDX-License-Identifier: Apache-2.0
#
# Before 1.0 a plugin asks for the minor version that it was written for; entry.h has the number.
find_file(MORTISE_SDK_ENTRY_HEADER mortise/entry.h NO_DEFAULT_PATH REQUIRED
  PATHS "${CMAKE_CURRENT_LIST_DIR}/../include" "${CMAKE_CURRENT_LIST_DIR}/../../../include")
file(STRINGS "${MORTISE_SDK_ENTRY_HEADER}" line REGEX "#define MORTISE_SDK_VERSION ")
string(REGEX REPLACE ".*\"([0-9.]+)\".*" "\\1" PACKAGE_VERSION "${line}")
string(REGEX REPLACE "^([0-9]+\\.[0-9]+).*" "\\1" minor_found "${PACKAGE_VERSION}")
string(REGEX REPLACE "^([0-9]+\\.[0-9]+).*" "\\1" minor_wanted "${PACKAGE_FIND_VERSION}")
if(minor_found VERSION_EQUAL minor_wanted
    AND PACKAGE_VERSION VERSION_GREATER_EQUAL PACKAGE_FIND_VERSION)
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
  if(PACKAGE_VERSION VERSION_EQUAL PACKAGE_FIND_VERSION)
    set(PACKAGE_VERSION_EXACT TRUE)
  endif()
endif()
