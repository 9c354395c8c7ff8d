# One folder, one target, one layer: the shape of the tree, checked when configuring.
#
#   rollcall_module(LAYER n [DEPS rollcall_a …] [LIBS external …] [PCH])
#     makes the static library rollcall_<folder> of all *.cc in the current folder. A module may link only
#     modules of strictly lower layers; an upward or sideways edge stops the configuration.
#   rollcall_tests(DEPS … [LIBS …] [LABEL unit])
#     makes one test executable of all *_test.cc (and helpers) in the current folder.

function(rollcall_target_name out)
  file(RELATIVE_PATH folder "${PROJECT_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}")
  string(REGEX REPLACE "^(server|client-sdk)/" "" folder "${folder}")
  string(MAKE_C_IDENTIFIER "rollcall_${folder}" name)
  set(${out} "${name}" PARENT_SCOPE)
endfunction()

function(rollcall_check_layers target layer)
  foreach(dep IN LISTS ARGN)
    if(NOT TARGET ${dep})
      message(FATAL_ERROR "${target}: there is no module ${dep} (yet): add_subdirectory it first")
    endif()
    get_target_property(dep_layer ${dep} ROLLCALL_LAYER)
    if(dep_layer STREQUAL "dep_layer-NOTFOUND")
      message(FATAL_ERROR "${target}: ${dep} is not a module with a layer; name it under LIBS")
    endif()
    if(NOT dep_layer LESS layer)
      message(FATAL_ERROR
        "${target} (layer ${layer}) may not link ${dep} (layer ${dep_layer}): a module links only "
        "strictly lower layers; see docs/architecture.md")
    endif()
  endforeach()
endfunction()

function(rollcall_module)
  cmake_parse_arguments(M "PCH" "LAYER" "DEPS;LIBS" ${ARGN})
  rollcall_target_name(name)
  file(GLOB sources CONFIGURE_DEPENDS *.cc)
  file(GLOB headers CONFIGURE_DEPENDS *.h)
  rollcall_check_layers(${name} ${M_LAYER} ${M_DEPS})
  if(sources)
    add_library(${name} STATIC ${sources} ${headers})
    target_link_libraries(${name} PUBLIC ${M_DEPS} ${M_LIBS})
    target_link_libraries(${name} PRIVATE rollcall_warnings)
    if(M_PCH)
      target_precompile_headers(${name} REUSE_FROM rollcall_pch)
    endif()
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ${M_DEPS} ${M_LIBS})
  endif()
  set_target_properties(${name} PROPERTIES ROLLCALL_LAYER ${M_LAYER})
  set_property(GLOBAL APPEND PROPERTY ROLLCALL_HEADERS ${headers})
endfunction()

# Under a sanitizer a test takes up to twenty times as long: its time limit is five times as long, for no
# test needs more than a fourth of it without one.
function(rollcall_patience seconds)
  if(ROLLCALL_SANITIZE)
    math(EXPR longer "${${seconds}} * 5")
    set(${seconds} ${longer} PARENT_SCOPE)
  endif()
endfunction()

function(rollcall_tests)
  cmake_parse_arguments(T "PCH" "LABEL;TIMEOUT" "DEPS;LIBS" ${ARGN})
  file(RELATIVE_PATH folder "${PROJECT_SOURCE_DIR}/tests" "${CMAKE_CURRENT_SOURCE_DIR}")
  string(MAKE_C_IDENTIFIER "${folder}_test" name)
  file(GLOB sources CONFIGURE_DEPENDS *.cc)
  file(GLOB tests CONFIGURE_DEPENDS *_test.cc)
  if(NOT tests)
    return()
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE ${T_DEPS} ${T_LIBS} GTest::gmock GTest::gtest_main
                                        rollcall_warnings)
  target_compile_definitions(${name} PRIVATE
    ROLLCALL_SOURCE_DIR="${PROJECT_SOURCE_DIR}" ROLLCALL_BIN_DIR="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
  if(T_PCH)
    # As the precompiled header was made, or it does not fit.
    target_compile_options(${name} PRIVATE -fPIC)
    target_precompile_headers(${name} REUSE_FROM rollcall_pch)
  endif()
  if(NOT T_LABEL)
    set(T_LABEL unit)
  endif()
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 120)
  endif()
  rollcall_patience(T_TIMEOUT)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST
    PROPERTIES LABELS ${T_LABEL} TIMEOUT ${T_TIMEOUT})
endfunction()

# Links gperftools' malloc into a program, where it is installed. A registration costs a node 145 µs of
# processor time with it and 204 µs with glibc's: its memory is taken on one thread and given back on
# another. Sanitizers bring a malloc of their own.
if(ROLLCALL_STATIC)
  set(malloc libtcmalloc_minimal.a)
endif()
find_library(ROLLCALL_TCMALLOC NAMES ${malloc} tcmalloc_minimal)
mark_as_advanced(ROLLCALL_TCMALLOC)
function(rollcall_fast_malloc program)
  if(ROLLCALL_TCMALLOC AND NOT ROLLCALL_SANITIZE)
    # It calls nothing of it by name.
    target_link_options(${program} PRIVATE LINKER:--no-as-needed)
    target_link_libraries(${program} PRIVATE ${ROLLCALL_TCMALLOC})
  endif()
endfunction()
