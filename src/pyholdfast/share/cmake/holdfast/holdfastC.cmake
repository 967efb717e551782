# The C interface: the target holdfast::c, and backends beside a program.

if(NOT TARGET holdfast_c)
  add_library(holdfast_c STATIC EXCLUDE_FROM_ALL
              "${CMAKE_CURRENT_LIST_DIR}/../../../c/library/library.cpp")
  add_library(holdfast::c ALIAS holdfast_c)
  target_include_directories(holdfast_c SYSTEM PUBLIC "${_holdfast_include}")
  target_compile_features(holdfast_c PRIVATE cxx_std_17)
  target_compile_definitions(holdfast_c PRIVATE HF_BUILDING INTERFACE HF_STATIC)
  target_link_libraries(holdfast_c PUBLIC Threads::Threads ${CMAKE_DL_LIBS})
  set_target_properties(holdfast_c PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET
                                                                           hidden)
  target_compile_options(holdfast_c PRIVATE "$<$<CONFIG:>:-O2>")  # where no build type says it
endif()

if(NOT COMMAND holdfast_add_backends)
  get_filename_component(_holdfast_c_site "${CMAKE_CURRENT_LIST_DIR}/../../../.." ABSOLUTE)
  set(_holdfast_c_site "${_holdfast_c_site}" CACHE INTERNAL "the folder with pyholdfast")

  # Makes backends when the target is built: for the Python in use, for those named, or for all.
  function(holdfast_add_backends target)
    cmake_parse_arguments(PARSE_ARGV 1 asked "ALL" "" "PYTHON")
    if(asked_UNPARSED_ARGUMENTS)
      message(FATAL_ERROR "holdfast_add_backends(${target}): unknown: ${asked_UNPARSED_ARGUMENTS}")
    endif()
    _holdfast_find_modules(${target})
    set(runner python3)
    if(Python_EXECUTABLE)
      set(runner "${Python_EXECUTABLE}")
    endif()
    set(choices "")
    if(asked_ALL)
      set(choices "--all")
    endif()
    foreach(python IN LISTS asked_PYTHON)
      list(APPEND choices "--python=${python}")
    endforeach()
    if(NOT choices)
      set(choices "--python=${runner}")
    endif()
    foreach(choice IN LISTS choices)
      add_custom_command(
        TARGET ${target}
        POST_BUILD
        COMMAND
          "${runner}" -I -c
          "import sys; sys.path.insert(0, sys.argv.pop(1)); from pyholdfast.cli import main; sys.exit(main())"
          "${_holdfast_c_site}" backend "${choice}" -o
          "$<TARGET_FILE_DIR:${target}>/holdfast-backends"
        VERBATIM)
    endforeach()
  endfunction()
endif()
