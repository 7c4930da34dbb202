# Protobuf and gRPC code, generated into the build folder, never committed.
find_program(PROTOC protoc REQUIRED)
find_program(GRPC_CPP_PLUGIN grpc_cpp_plugin REQUIRED)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(PROTOBUF REQUIRED IMPORTED_TARGET protobuf)
pkg_check_modules(GRPCPP REQUIRED IMPORTED_TARGET grpc++)
find_path(GOOGLEAPIS_DIR google/api/annotations.proto
  PATHS /usr/share/gocode/src/github.com/grpc-ecosystem/grpc-gateway/third_party/googleapis
  NO_DEFAULT_PATH REQUIRED)

set(BW_PROTO_ROOT ${CMAKE_SOURCE_DIR}/proto)
set(BW_PROTO_OUT ${CMAKE_BINARY_DIR}/proto-gen)

# _bw_protoc(OUT_VAR GRPC on|off ROOT folder PROTOS path…): commands that generate C++ below
# BW_PROTO_OUT.
function(_bw_protoc out grpc root)
  set(sources)
  foreach(proto ${ARGN})
    string(REGEX REPLACE "\\.proto$" "" stem ${proto})
    set(made ${BW_PROTO_OUT}/${stem}.pb.cc ${BW_PROTO_OUT}/${stem}.pb.h)
    set(args --cpp_out=${BW_PROTO_OUT})
    if(grpc)
      list(APPEND made ${BW_PROTO_OUT}/${stem}.grpc.pb.cc ${BW_PROTO_OUT}/${stem}.grpc.pb.h)
      list(APPEND args --grpc_out=${BW_PROTO_OUT} --plugin=protoc-gen-grpc=${GRPC_CPP_PLUGIN})
    endif()
    add_custom_command(OUTPUT ${made}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${BW_PROTO_OUT}
      COMMAND ${PROTOC} -I${BW_PROTO_ROOT} -I${GOOGLEAPIS_DIR} ${args} ${root}/${proto}
      DEPENDS ${root}/${proto}
      COMMENT "protoc ${proto}" VERBATIM)
    list(APPEND sources ${made})
  endforeach()
  set(${out} ${sources} PARENT_SCOPE)
endfunction()

# bw_proto_library(NAME [GRPC] [ROOT folder] PROTOS path… [DEPS bw_x…]): the generated code of the
# protos, layer 3. Paths are relative to ROOT, which is proto/ unless told. Warnings in generated
# code are not ours to mend.
function(bw_proto_library name)
  cmake_parse_arguments(A "GRPC" "ROOT" "PROTOS;DEPS" ${ARGN})
  if(NOT A_ROOT)
    set(A_ROOT ${BW_PROTO_ROOT})
  endif()
  _bw_protoc(sources "${A_GRPC}" ${A_ROOT} ${A_PROTOS})
  add_library(${name} STATIC EXCLUDE_FROM_ALL ${sources})  # built where something links it
  set_target_properties(${name} PROPERTIES BW_LAYER 3 BW_SERVICE "")
  target_compile_options(${name} PRIVATE -w)
  target_include_directories(${name} SYSTEM PUBLIC ${BW_PROTO_OUT})
  target_link_libraries(${name} PUBLIC ${A_DEPS} PkgConfig::PROTOBUF Threads::Threads)
  if(A_GRPC)
    target_link_libraries(${name} PUBLIC PkgConfig::GRPCPP)
  endif()
endfunction()
