# A project that knows of Rollcall nothing but its package.
cmake_minimum_required(VERSION 3.25)
project(outside LANGUAGES CXX)
find_package(rollcall REQUIRED)
add_executable(outside main.cc)
target_link_libraries(outside PRIVATE rollcall::client)
