# check_headers: compiles every header alone, so none leans on what stands before it. Not part of a
# build; `make lint-all` asks for it.
set(checks)
foreach(root server client-sdk cli)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}"
       "${PROJECT_SOURCE_DIR}/${root}/*.h")
  foreach(header IN LISTS headers)
    set(check "${PROJECT_BINARY_DIR}/headers/${header}.cc")
    # Twice: the second time shows that it guards itself.
    file(CONFIGURE OUTPUT "${check}"
         CONTENT "#include \"@header@\"\n#include \"@header@\"\n" @ONLY)
    list(APPEND checks "${check}")
  endforeach()
endforeach()
add_library(check_headers OBJECT EXCLUDE_FROM_ALL ${checks})
set_target_properties(check_headers PROPERTIES UNITY_BUILD OFF)
target_include_directories(check_headers PRIVATE "${PROJECT_SOURCE_DIR}/client-sdk/include")
target_link_libraries(check_headers PRIVATE rollcall_warnings rollcall_proto_grpc
  absl::status absl::statusor absl::time absl::strings absl::flat_hash_map absl::btree
  absl::any_invocable absl::hash spdlog::spdlog nlohmann_json::nlohmann_json OpenSSL::SSL)
if(ROLLCALL_SERVER)
  target_link_libraries(check_headers PRIVATE prometheus-cpp::core Boost::headers
    RocksDB::rocksdb-shared yaml-cpp CLI11::CLI11)
endif()
