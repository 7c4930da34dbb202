# bw_migrations(TARGET NAMESPACE FOLDER): the *.sql files of FOLDER, in name order, as
# `std::span<const bw::postgres::Migration> bw::NAMESPACE::migrations()`, declared in the header
# "bellwether/postgres/migrate.hpp" users' own code. The SQL is compiled in, so a binary always has its own schema.
function(bw_migrations target namespace folder)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.sql)
  list(SORT files)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${namespace}_migrations.cpp)
  set(text "#include \"bellwether/postgres/migrate.hpp\"\n\nnamespace bw::${namespace} {\n\n")
  string(APPEND text "std::vector<postgres::Migration> migrations() {\n  return {\n")
  foreach(f ${files})
    get_filename_component(name ${f} NAME_WE)
    file(READ ${f} sql)
    string(APPEND text "    {\"${namespace}\", \"${name}\", R\"__SQL__(${sql})__SQL__\"},\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${f})
  endforeach()
  string(APPEND text "  };\n}\n\n}  // namespace bw::${namespace}\n")
  file(CONFIGURE OUTPUT ${out} CONTENT "${text}" @ONLY)
  target_sources(${target} PRIVATE ${out})
endfunction()
