# find_package(holdfast) for CMake 3.18 and later.
#
#   find_package(holdfast REQUIRED)                     headers, and a Python to embed
#   find_package(holdfast REQUIRED COMPONENTS headers)  headers only; looks for no Python
#   find_package(holdfast REQUIRED COMPONENTS c)        holdfast.h and its library; for no Python
#
# Targets
#   holdfast::headers  the headers; what an extension module or a plug-in needs
#   holdfast::embed    that, and Python itself; what a program needs
#   holdfast::compiled that, with the runtime's bodies compiled once for the whole project, so that
#                      a program compiles in a fraction of the time
#   holdfast::c        the C interface: a program that finds a Python when it starts
#
# Functions
#   holdfast_add_executable(<target> [<source>...])  a program that contains Python; it links
#                                                    holdfast::compiled, or, where the variable
#                                                    HOLDFAST_HEADER_ONLY is true, holdfast::embed
#   holdfast_bind(<target> FROM <module.py>... [ROOT <folder>] [LANGUAGE CXX|C] [QUIET])
#                                                    typed C++ or C headers from type hints
#   holdfast_add_backends(<target> [ALL | PYTHON <path>...])
#                                                    backends for holdfast::c, in the folder
#                                                    holdfast-backends beside the target
#   holdfast_install(<target> DESTINATION <folder> [REQUIREMENTS <file>...] ...)
#                                                    a program with its Python, for cmake --install
#                                                    and CPack
#
# Which Python: Python_EXECUTABLE if set (also by an earlier find_package(Python)), else
# Python_ROOT_DIR, else what `holdfast config --python` says, run in the project's folder:
# HOLDFAST_PYTHON, the active environment, a .venv beside the project.

cmake_minimum_required(VERSION 3.18)
include(CMakeFindDependencyMacro)

if(NOT CMAKE_CXX_COMPILER_LOADED AND holdfast_FIND_COMPONENTS STREQUAL "c")
  enable_language(CXX)  # the library behind the C interface is C++
endif()
if(NOT CMAKE_CXX_COMPILER_LOADED)
  set(holdfast_FOUND FALSE)
  set(holdfast_NOT_FOUND_MESSAGE "holdfast is for C++: call project(... LANGUAGES CXX) first")
  return()
endif()

set(_holdfast_embed TRUE)
if(holdfast_FIND_COMPONENTS)
  foreach(_holdfast_component IN LISTS holdfast_FIND_COMPONENTS)
    if(NOT _holdfast_component MATCHES "^(headers|embed|c)$")
      set(holdfast_FOUND FALSE)
      set(holdfast_NOT_FOUND_MESSAGE
          "there is no component '${_holdfast_component}'; use headers, embed or c")
      return()
    endif()
  endforeach()
  if(NOT "embed" IN_LIST holdfast_FIND_COMPONENTS)
    set(_holdfast_embed FALSE)
  endif()
endif()

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_dependency(Threads)

get_filename_component(_holdfast_include "${CMAKE_CURRENT_LIST_DIR}/../../../include" ABSOLUTE)
if(NOT TARGET holdfast::headers)
  add_library(holdfast::headers INTERFACE IMPORTED)
  set_target_properties(
    holdfast::headers PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${_holdfast_include}"
                                 INTERFACE_COMPILE_FEATURES cxx_std_17)
  target_link_libraries(holdfast::headers INTERFACE Threads::Threads ${CMAKE_DL_LIBS})
endif()

if(_holdfast_embed AND NOT TARGET holdfast::embed)
  include("${CMAKE_CURRENT_LIST_DIR}/holdfastPython.cmake")
endif()

# An ordinary library of the project: global, unlike the imported targets, and so made once.
if(_holdfast_embed AND NOT TARGET holdfast_compiled)
  add_library(holdfast_compiled STATIC EXCLUDE_FROM_ALL "${_holdfast_include}/holdfast/compiled.cpp")
  add_library(holdfast::compiled ALIAS holdfast_compiled)
  target_link_libraries(holdfast_compiled PUBLIC holdfast::embed)
  target_compile_definitions(
    holdfast_compiled
    PUBLIC HOLDFAST_COMPILED
    PRIVATE "HOLDFAST_DEFAULT_PYTHON=\"${Python_EXECUTABLE}\"")
  set_target_properties(holdfast_compiled PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_compile_options(holdfast_compiled PRIVATE "$<$<CONFIG:>:-O2>")  # where no build type says it
endif()

if(NOT COMMAND _holdfast_find_modules)
  # The built program looks for modules in the folder of its first source, as under `holdfast run`,
  # and in those that are named. Bundles have their own copies.
  function(_holdfast_find_modules target)
    get_target_property(known ${target} HOLDFAST_MODULE_FOLDERS)
    if(NOT known)
      set(known "")
      get_target_property(sources ${target} SOURCES)
      get_target_property(folder ${target} SOURCE_DIR)
      if(sources)
        list(GET sources 0 first)
        get_filename_component(first "${first}" ABSOLUTE BASE_DIR "${folder}")
        get_filename_component(folder "${first}" DIRECTORY)
      endif()
      list(APPEND known "${folder}")
      set(between ":")
      if(WIN32)
        set(between "|")  # paths there have colons
      endif()
      set(folders "$<JOIN:$<TARGET_PROPERTY:${target},HOLDFAST_MODULE_FOLDERS>,${between}>")
      target_compile_definitions(${target} PRIVATE "HOLDFAST_DEFAULT_MODULES=\"${folders}\"")
    endif()
    list(APPEND known ${ARGN})
    list(REMOVE_DUPLICATES known)
    set_target_properties(${target} PROPERTIES HOLDFAST_MODULE_FOLDERS "${known}")
  endfunction()
endif()

if(NOT COMMAND holdfast_add_executable)
  # A program that contains Python, and finds the same Python again at run time.
  function(holdfast_add_executable target)
    if(NOT TARGET holdfast::embed)
      message(FATAL_ERROR "holdfast_add_executable(${target}): find_package(holdfast) was "
                          "called without the component embed")
    endif()
    add_executable(${target} ${ARGN})
    if(HOLDFAST_HEADER_ONLY)
      target_link_libraries(${target} PRIVATE holdfast::embed)
    else()
      target_link_libraries(${target} PRIVATE holdfast::compiled)
    endif()
    target_compile_definitions(
      ${target} PRIVATE "HOLDFAST_DEFAULT_PYTHON=\"${Python_EXECUTABLE}\"")
    _holdfast_find_modules(${target})
  endfunction()
endif()

include("${CMAKE_CURRENT_LIST_DIR}/holdfastBind.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/holdfastC.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/holdfastInstall.cmake")

# Without a build type CMake passes no -O at all, and nothing says so: attaches take several times as long.
get_property(_holdfast_multi GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
get_property(_holdfast_said GLOBAL PROPERTY HOLDFAST_SAID_NO_BUILD_TYPE)
if(NOT _holdfast_multi AND NOT _holdfast_said AND "${CMAKE_BUILD_TYPE}" STREQUAL ""
   AND NOT "${CMAKE_CXX_FLAGS}" MATCHES "(^| )-O")
  set_property(GLOBAL PROPERTY HOLDFAST_SAID_NO_BUILD_TYPE TRUE)
  message(NOTICE "holdfast: CMAKE_BUILD_TYPE is not set, so your targets are compiled without optimisation; "
                 "pass -DCMAKE_BUILD_TYPE=RelWithDebInfo")
endif()

foreach(_holdfast_component IN LISTS holdfast_FIND_COMPONENTS)
  set(holdfast_${_holdfast_component}_FOUND TRUE)
endforeach()
