# Compiler flags and output folders, the same for every target.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

option(BW_TESTS "build the tests" ON)
option(BW_BENCH "build the benchmarks" OFF)
set(BW_SANITIZE "" CACHE STRING "sanitizers, for example address,undefined or thread")
option(BW_COVERAGE "instrument for line coverage" OFF)
# One instruction set for every machine that shall give the same bytes (docs/determinism.md).
set(BW_MARCH "x86-64-v3" CACHE STRING "value of -march")

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # One cache for all checkouts: paths below the source folder are hashed relative to the build folder.
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# -ffp-contract=off: a fused multiply-add on one machine and not on another would change results.
# -ffile-prefix-map: no build path in the binary, and one ccache for all checkouts.
add_compile_options(-march=${BW_MARCH} -ffp-contract=off -fno-fast-math
  -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
set(BW_WARNINGS -Wall -Wextra -Wconversion -Wshadow -Wnon-virtual-dtor -Werror)

if(BW_SANITIZE)
  add_compile_options(-fsanitize=${BW_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${BW_SANITIZE})
endif()
if(BW_COVERAGE)
  add_compile_options(--coverage -fprofile-update=atomic)
  add_link_options(--coverage)
endif()
