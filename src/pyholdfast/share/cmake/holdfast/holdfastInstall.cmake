# holdfast_install(<target> DESTINATION <folder>
#                  [REQUIREMENTS <file>...] [PACKAGES <name>...] [MODULES <path>...]
#                  [PYTHON <interpreter>] [WITHOUT_SOURCES] [COMPONENT <name>])
#
# Installs a program with its Python and everything else that it needs, as `holdfast bundle` does: for
# `cmake --install` and for CPack. The folder is the bundle's own. It gets the modules that
# holdfast_bind() made headers of, and those beside the sources that these name.
#
# REQUIREMENTS are pip's, PACKAGES are copied from the Python; PYTHON is the one for a program that finds
# its Python at run time, by default the one in use.

get_filename_component(_holdfast_install_site "${CMAKE_CURRENT_LIST_DIR}/../../../.." ABSOLUTE)
set_property(GLOBAL PROPERTY holdfast_install_site "${_holdfast_install_site}")

if(NOT COMMAND holdfast_install)
  function(holdfast_install target)
    cmake_parse_arguments(PARSE_ARGV 1 to "WITHOUT_SOURCES" "DESTINATION;PYTHON;COMPONENT"
                          "REQUIREMENTS;PACKAGES;MODULES")
    if(NOT to_DESTINATION OR to_UNPARSED_ARGUMENTS)
      message(FATAL_ERROR "holdfast_install(${target}): usage: "
                          "holdfast_install(<target> DESTINATION <folder> [REQUIREMENTS <file>...])")
    endif()
    if(NOT TARGET ${target})
      message(FATAL_ERROR "holdfast_install(${target}): there is no target of that name; add it first")
    endif()
    set(runner python3)
    if(Python_EXECUTABLE)
      set(runner "${Python_EXECUTABLE}")
    endif()
    if(NOT to_PYTHON)
      set(to_PYTHON "${runner}")
    endif()
    set(words "--name=$<TARGET_FILE_NAME:${target}>" "--python=${to_PYTHON}")
    foreach(file IN LISTS to_REQUIREMENTS)
      get_filename_component(file "${file}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
      list(APPEND words "--requirement=${file}")
    endforeach()
    foreach(name IN LISTS to_PACKAGES)
      list(APPEND words "--package=${name}")
    endforeach()
    foreach(file IN LISTS to_MODULES)
      get_filename_component(file "${file}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
      list(APPEND words "--module=${file}")
    endforeach()
    get_target_property(sources ${target} SOURCES)
    get_target_property(folder ${target} SOURCE_DIR)
    foreach(file IN LISTS sources)
      get_filename_component(file "${file}" ABSOLUTE BASE_DIR "${folder}")
      if(EXISTS "${file}")
        list(APPEND words "--source=${file}")
      endif()
    endforeach()
    if(to_WITHOUT_SOURCES)
      list(APPEND words --without-sources)
    endif()
    set(component "")
    if(to_COMPONENT)
      set(component COMPONENT "${to_COMPONENT}")
    endif()
    set(place "\${CMAKE_INSTALL_PREFIX}/${to_DESTINATION}")
    if(IS_ABSOLUTE "${to_DESTINATION}")
      set(place "${to_DESTINATION}")
    endif()
    get_property(site GLOBAL PROPERTY holdfast_install_site)
    # Modules of holdfast_bind() may be added after this call.
    set(bound "$<TARGET_PROPERTY:${target},HOLDFAST_MODULES>")
    string(REPLACE ";" "]=]\n  [=[" words "${words}")
    install(
      CODE "set(_holdfast_place \"\$ENV{DESTDIR}${place}\")
set(_holdfast_words
  [=[${words}]=])
foreach(_holdfast_module IN ITEMS $<$<BOOL:${bound}>:[=[$<JOIN:${bound},]=] [=[>]=]>)
  list(APPEND _holdfast_words \"--module=\${_holdfast_module}\")
endforeach()
message(STATUS \"Bundling: \${_holdfast_place}\")
execute_process(
  COMMAND
    [=[${runner}]=] -I -c
    [=[import sys; sys.path.insert(0, sys.argv.pop(1)); from pyholdfast.cli import main; sys.exit(main())]=]
    [=[${site}]=] bundle [=[$<TARGET_FILE:${target}>]=] \${_holdfast_words}
    -o \"\${_holdfast_place}\"
  RESULT_VARIABLE _holdfast_status)
if(NOT _holdfast_status EQUAL 0)
  message(FATAL_ERROR \"holdfast_install(${target}): no bundle was made: \${_holdfast_status}\")
endif()
file(GLOB_RECURSE _holdfast_files LIST_DIRECTORIES FALSE \"\${_holdfast_place}/*\")
list(APPEND CMAKE_INSTALL_MANIFEST_FILES \${_holdfast_files})" ${component})
  endfunction()
endif()
