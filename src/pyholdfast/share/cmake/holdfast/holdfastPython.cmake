# Chooses the Python to embed, lets FindPython find its parts, and compares.
#
# FindPython alone may answer with another Python than the one asked for, without a word: a
# version manager's shim, or a build with another ABI. A program made of two Pythons compiles,
# links, and goes wrong at run time, so any difference stops the configuration here.

# Ask holdfast itself. It is plain Python: any interpreter of 3.10 or later can run it,
# also the one that is asked about.
if(Python_EXECUTABLE)
  set(_holdfast_choice --python "${Python_EXECUTABLE}")
elseif(Python_ROOT_DIR)
  set(_holdfast_choice "")
  foreach(_holdfast_name IN ITEMS bin/python3 bin/python Scripts/python.exe python.exe)
    if(NOT _holdfast_choice AND EXISTS "${Python_ROOT_DIR}/${_holdfast_name}")
      set(_holdfast_choice --python "${Python_ROOT_DIR}/${_holdfast_name}")
    endif()
  endforeach()
  if(NOT _holdfast_choice)
    message(FATAL_ERROR "holdfast: Python_ROOT_DIR holds no Python: '${Python_ROOT_DIR}'")
  endif()
else()
  set(_holdfast_choice "")
endif()

get_filename_component(_holdfast_package "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
get_filename_component(_holdfast_site "${_holdfast_package}/.." ABSOLUTE)
set(_holdfast_prefix "")
if(_holdfast_site MATCHES "/lib[^/]*/python[^/]*/site-packages$")
  get_filename_component(_holdfast_prefix "${_holdfast_site}/../../.." ABSOLUTE)
endif()
set(_holdfast_runners "")
foreach(_holdfast_folder IN ITEMS "$ENV{VIRTUAL_ENV}" "$ENV{CONDA_PREFIX}" "${_holdfast_prefix}")
  foreach(_holdfast_name IN ITEMS bin/python3 bin/python Scripts/python.exe python.exe)
    if(_holdfast_folder AND EXISTS "${_holdfast_folder}/${_holdfast_name}")
      list(APPEND _holdfast_runners "${_holdfast_folder}/${_holdfast_name}")
    endif()
  endforeach()
endforeach()
list(APPEND _holdfast_runners ${Python_EXECUTABLE} python3 python)

set(_holdfast_answer "")
foreach(_holdfast_runner IN LISTS _holdfast_runners)
  execute_process(
    COMMAND
      "${_holdfast_runner}" -I -c
      "import sys; sys.path.insert(0, sys.argv.pop(1)); from pyholdfast.cli import main; sys.exit(main())"
      "${_holdfast_site}" config --cmake ${_holdfast_choice}
    WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}"
    RESULT_VARIABLE _holdfast_status
    OUTPUT_VARIABLE _holdfast_answer
    ERROR_VARIABLE _holdfast_error)
  if(_holdfast_status EQUAL 0)
    break()
  endif()
  set(_holdfast_answer "")
  if(_holdfast_error MATCHES "^HF[0-9][0-9][0-9] ")
    message(FATAL_ERROR "${_holdfast_error}")  # holdfast ran, and says what is wrong
  endif()
endforeach()
if(NOT _holdfast_answer)
  message(FATAL_ERROR "holdfast: no Python 3.10 or later could be run to look for the Python to "
                      "embed; set Python_EXECUTABLE to one")
endif()
# Sets holdfast_python_{executable,version,free_threaded,library,link_options,compile_options}.
file(WRITE "${CMAKE_BINARY_DIR}/holdfast/python.cmake" "${_holdfast_answer}")
include("${CMAKE_BINARY_DIR}/holdfast/python.cmake")

# In the cache, so that a later run of CMake from another shell stays with this Python.
set(Python_EXECUTABLE "${holdfast_python_executable}" CACHE FILEPATH "the Python to embed")
if(NOT DEFINED Python_FIND_ABI AND CMAKE_VERSION VERSION_GREATER_EQUAL 3.30)
  # Since 3.30, a free-threaded Python is passed over unless it is asked for.
  set(Python_FIND_ABI "ANY" "ANY" "ANY" "${holdfast_python_free_threaded}")
  find_dependency(Python COMPONENTS Interpreter Development.Embed)
  unset(Python_FIND_ABI)
else()
  find_dependency(Python COMPONENTS Interpreter Development.Embed)
endif()

if(NOT Python_VERSION VERSION_EQUAL holdfast_python_version)
  message(FATAL_ERROR "holdfast: asked for Python ${holdfast_python_version} "
                      "(${holdfast_python_executable}), but FindPython took ${Python_VERSION} "
                      "(${Python_EXECUTABLE}); set Python_EXECUTABLE before find_package(Python)")
endif()
get_filename_component(_holdfast_wanted "${holdfast_python_library}" REALPATH)
set(_holdfast_found "")
# On Windows the library is the DLL; programs are linked with another file, which names it.
foreach(_holdfast_library IN LISTS Python_LIBRARIES Python_RUNTIME_LIBRARY_RELEASE)
  get_filename_component(_holdfast_library "${_holdfast_library}" REALPATH)
  list(APPEND _holdfast_found "${_holdfast_library}")
endforeach()
if(holdfast_python_library AND NOT _holdfast_wanted IN_LIST _holdfast_found)
  message(FATAL_ERROR "holdfast: Python ${holdfast_python_version} (${holdfast_python_executable}) "
                      "has the library ${holdfast_python_library}, but FindPython took "
                      "${Python_LIBRARIES}; delete the build folder, or set Python_LIBRARY")
endif()

add_library(holdfast::embed INTERFACE IMPORTED)
target_link_libraries(holdfast::embed INTERFACE holdfast::headers Python::Python)
# Python::Python has its headers as system headers.
target_compile_options(holdfast::embed INTERFACE ${holdfast_python_compile_options})
# What only programs need: to be found by their shared libraries, and to find libpython.
target_link_options(
  holdfast::embed INTERFACE
  "$<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:${holdfast_python_link_options}>")
