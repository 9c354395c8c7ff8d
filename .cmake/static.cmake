# ROLLCALL_STATIC: programs have gRPC, Protobuf, Abseil, RocksDB and their malloc linked in, instead of loading
# 55 shared objects that find each other through tables (docs/adr/0017). OpenSSL and the C library stay
# shared: they are what a distribution mends. Include this before find_package, call
# rollcall_link_statically() after it.
#
# librollcall-client.so shares gRPC with the program that loads it, so it is not made in such a build.

option(ROLLCALL_STATIC "Link gRPC, Protobuf, Abseil and RocksDB statically (needs lld)" OFF)
if(ROLLCALL_STATIC)
  if(NOT LLD)
    message(FATAL_ERROR "ROLLCALL_STATIC needs lld, which takes archives in any order")
  endif()
  set(Protobuf_USE_STATIC_LIBS ON)
endif()

# Puts the archive in the place of each shared object.
function(rollcall_link_statically)
  if(NOT ROLLCALL_STATIC)
    return()
  endif()
  get_property(imported DIRECTORY PROPERTY IMPORTED_TARGETS)
  list(FILTER imported INCLUDE REGEX "^(absl|gRPC)::|^RocksDB::rocksdb-shared$")
  foreach(target IN LISTS imported)
    get_target_property(type ${target} TYPE)
    if(NOT type STREQUAL "SHARED_LIBRARY")
      continue()
    endif()
    get_target_property(configuration ${target} IMPORTED_CONFIGURATIONS)
    get_target_property(shared ${target} IMPORTED_LOCATION_${configuration})
    string(REGEX REPLACE "\\.so[.0-9]*$" ".a" archive "${shared}")
    if(NOT EXISTS "${archive}")
      message(FATAL_ERROR "ROLLCALL_STATIC: there is no ${archive}")
    endif()
    set_target_properties(${target} PROPERTIES IMPORTED_LOCATION_${configuration} "${archive}")
  endforeach()
  if(TARGET RocksDB::rocksdb)
    # What the archive needs: the shared object says it itself.
    get_target_property(needed RocksDB::rocksdb INTERFACE_LINK_LIBRARIES)
    set_target_properties(RocksDB::rocksdb-shared PROPERTIES INTERFACE_LINK_LIBRARIES "${needed}")
  endif()
endfunction()

# The terms of what is linked into a package's programs.
function(rollcall_static_terms component)
  if(NOT ROLLCALL_STATIC)
    return()
  endif()
  foreach(package libgrpc-dev libprotobuf-dev libabsl-dev librocksdb-dev libgoogle-perftools-dev)
    set(terms "/usr/share/doc/${package}/copyright")
    if(EXISTS "${terms}")
      install(FILES "${terms}" RENAME "${package}" COMPONENT ${component}
        DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/rollcall-${component}/static")
    endif()
  endforeach()
endfunction()
