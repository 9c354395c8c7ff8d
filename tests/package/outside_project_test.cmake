# Run by ctest; see CMakeLists.txt here.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output
    ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}/source")
run(${CMAKE_COMMAND} --install "${BUILD_DIR}" --component sdk --prefix "${WORK}/prefix")

# (Not named CMakeLists.txt in the tree, where it would be taken for a part of it.)
file(COPY_FILE "${OUTSIDE}/project.cmake" "${WORK}/source/CMakeLists.txt")
file(COPY "${OUTSIDE}/main.cc" DESTINATION "${WORK}/source")
set(flags "-Wall -Wextra -Werror")
if(SANITIZE)
  string(APPEND flags " -fsanitize=${SANITIZE}")
endif()
run(${CMAKE_COMMAND} -S "${WORK}/source" -B "${WORK}/build" -G "${GENERATOR}"
  -DCMAKE_PREFIX_PATH=${WORK}/prefix -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_CXX_FLAGS=${flags}
  "-DCMAKE_CXX_STANDARD_LIBRARIES=${TSAN_MARKS}")
run(${CMAKE_COMMAND} --build "${WORK}/build")
run("${WORK}/build/outside")
message(STATUS "${output}")

# Nothing but the SDK's own interface is visible.
file(GLOB library "${WORK}/prefix/lib*/librollcall-client.so"
                  "${WORK}/prefix/lib*/*/librollcall-client.so")
run(${NM} -D --defined-only -C "${library}")
if(NOT output MATCHES "rollcall::Client::Create")
  message(FATAL_ERROR "librollcall-client.so does not show rollcall::Client")
endif()
string(REGEX MATCHALL "[^\n]*(rollcall::v1|rollcall::base|rollcall::internal|google::|grpc::|grpc_)[^\n]*"
  leaked "${output}")
if(leaked)
  list(JOIN leaked "\n" leaked)
  message(FATAL_ERROR "librollcall-client.so shows what should be hidden:\n${leaked}")
endif()
