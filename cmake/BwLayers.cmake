# The layer check (ARCHITECTURE.md, "Folders"). Every target names its layer; a link to a higher layer,
# to another service, or from a pure layer to third-party code outside BW_PURE_EXTERNALS stops the configure step.
#
#   0 base domain indicators stats calendar matching account risk     plain values and mathematics
#   1 runtime                                                          machines, hosts, ports
#   2 services/<name>/core                                             pure decisions
#   3 adapters (codec kafka postgres grpc http config telemetry) and services/<name>/shell
#   4 testkit                                                          tests and tools only
#   5 apps                                                             main functions
define_property(TARGET PROPERTY BW_LAYER BRIEF_DOCS "architecture layer, 0 to 5")
define_property(TARGET PROPERTY BW_SERVICE BRIEF_DOCS "service that owns the target, or empty")

set(BW_PURE_LAYER_MAX 2)
set(BW_PURE_EXTERNALS sleef)

function(_bw_check name layer service deps externals)
  if(layer LESS_EQUAL BW_PURE_LAYER_MAX)
    foreach(e ${externals})
      if(NOT e IN_LIST BW_PURE_EXTERNALS)
        message(FATAL_ERROR "${name} (layer ${layer}) is pure and may not link third-party ${e}; "
          "move the code that needs it to an adapter (layer 3)")
      endif()
    endforeach()
  endif()
  foreach(d ${deps})
    if(NOT TARGET ${d})
      message(FATAL_ERROR "${name} depends on ${d}, which is no bellwether target declared before it; "
        "third-party libraries go under EXTERNAL")
    endif()
    get_target_property(dl ${d} BW_LAYER)
    get_target_property(ds ${d} BW_SERVICE)
    if(dl STREQUAL "dl-NOTFOUND")
      message(FATAL_ERROR "${name}: ${d} has no layer; declare it with bw_library or use EXTERNAL")
    endif()
    if(dl GREATER layer)
      message(FATAL_ERROR "${name} (layer ${layer}) may not depend on ${d} (layer ${dl})")
    endif()
    if(ds AND service AND NOT ds STREQUAL service AND layer LESS 4)
      message(FATAL_ERROR "${name} (service ${service}) may not depend on ${d} (service ${ds})")
    endif()
    if(ds AND NOT service AND layer LESS 4)
      message(FATAL_ERROR "library ${name} may not depend on ${d} of service ${ds}")
    endif()
  endforeach()
endfunction()

# bw_library(NAME LAYER n SOURCES a.cpp… [DEPS bw_x…] [EXTERNAL lib…] [SERVICE name])
# Headers stand in include/ beside the CMakeLists.txt (services: the folder itself). NAME is bw_<lib>.
function(bw_library name)
  cmake_parse_arguments(A "" "LAYER;SERVICE" "SOURCES;DEPS;EXTERNAL" ${ARGN})
  _bw_check(${name} ${A_LAYER} "${A_SERVICE}" "${A_DEPS}" "${A_EXTERNAL}")
  if(A_SOURCES)
    add_library(${name} STATIC ${A_SOURCES})
    set(scope PUBLIC)
    target_compile_options(${name} PRIVATE ${BW_WARNINGS})
  else()
    add_library(${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  set_target_properties(${name} PROPERTIES BW_LAYER ${A_LAYER} BW_SERVICE "${A_SERVICE}")
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/include)
    target_include_directories(${name} ${scope} ${CMAKE_CURRENT_SOURCE_DIR}/include)
  endif()
  if(A_SERVICE)  # services include as "<service>/core/x.hpp"
    target_include_directories(${name} ${scope} ${CMAKE_SOURCE_DIR}/services)
  endif()
  target_link_libraries(${name} ${scope} ${A_DEPS} ${A_EXTERNAL})
endfunction()

# bw_executable(NAME LAYER n SOURCES … DEPS … [EXTERNAL …] [SERVICE name]): a program in build/<preset>/bin.
function(bw_executable name)
  cmake_parse_arguments(A "" "LAYER;SERVICE" "SOURCES;DEPS;EXTERNAL" ${ARGN})
  _bw_check(${name} ${A_LAYER} "${A_SERVICE}" "${A_DEPS}" "${A_EXTERNAL}")
  add_executable(${name} ${A_SOURCES})
  target_compile_options(${name} PRIVATE ${BW_WARNINGS})
  set_target_properties(${name} PROPERTIES BW_LAYER ${A_LAYER} BW_SERVICE "${A_SERVICE}")
  target_link_libraries(${name} PRIVATE ${A_DEPS} ${A_EXTERNAL})
endfunction()

# bw_test(NAME TIER unit|sim|pg|kafka|e2e SOURCES … DEPS … [EXTERNAL …] [TIMEOUT_S n] [SERIAL])
# One Catch2 program a folder; the tier is the CTest label. main() comes from bw_test_main.
function(bw_test name)
  if(NOT BW_TESTS)
    return()
  endif()
  cmake_parse_arguments(A "SERIAL" "TIER;TIMEOUT_S" "SOURCES;DEPS;EXTERNAL" ${ARGN})
  if(NOT A_TIER MATCHES "^(unit|sim|pg|kafka|e2e)$")
    message(FATAL_ERROR "bw_test(${name}): TIER is one of unit sim pg kafka e2e, not '${A_TIER}'")
  endif()
  if(NOT A_TIMEOUT_S)
    set(A_TIMEOUT_S 300)
  endif()
  if(BW_SANITIZE OR BW_COVERAGE)
    math(EXPR A_TIMEOUT_S "${A_TIMEOUT_S} * 4")  # instrumented code is that much slower
  endif()
  add_executable(${name} ${A_SOURCES})
  target_compile_options(${name} PRIVATE ${BW_WARNINGS} -Wno-shadow)
  target_link_libraries(${name} PRIVATE bw_test_main ${A_DEPS} ${A_EXTERNAL})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS ${A_TIER} TIMEOUT ${A_TIMEOUT_S}
    ENVIRONMENT "BELLWETHER_SOURCE=${CMAKE_SOURCE_DIR};BELLWETHER_BIN=${CMAKE_BINARY_DIR}/bin")
  if(A_SERIAL)
    set_tests_properties(${name} PROPERTIES RUN_SERIAL ON)
  endif()
endfunction()
