# SPDX-License-Identifier: Apache-2.0
#
# Runs PROGRAM with a data directory that is not there yet, and takes it away.
file(REMOVE_RECURSE "${FOLDER}")
execute_process(COMMAND "${PROGRAM}" "${FOLDER}" RESULT_VARIABLE code)
file(REMOVE_RECURSE "${FOLDER}")
if(NOT code EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} ended with ${code}")
endif()
