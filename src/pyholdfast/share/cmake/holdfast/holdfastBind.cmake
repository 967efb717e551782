# holdfast_bind(<target> FROM <module.py>... [ROOT <folder>] [LANGUAGE CXX|C] [QUIET])
#
# Makes a header of each Python module, for <target> to include by the module's path with .hpp:
# pricing.py is "pricing.hpp", and below ROOT, shop/pricing.py is "shop/pricing.hpp". A header is made
# again when its module changes, or a neighbour that its hints name, and is written only if its text
# changes: an edit within a function compiles nothing.
#
# With LANGUAGE C the headers are for C, and end in .h; the target needs holdfast::c. ROOT is
# the folder that will be on sys.path; without it, that is the folder around the module's package.

if(POLICY CMP0116)
  cmake_policy(SET CMP0116 NEW)  # whole paths in dependency files
endif()

get_filename_component(_holdfast_bind_package "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
get_filename_component(_holdfast_bind_site "${_holdfast_bind_package}/.." ABSOLUTE)
set_property(GLOBAL PROPERTY holdfast_bind_site "${_holdfast_bind_site}")

if(NOT COMMAND holdfast_bind)
  function(holdfast_bind target)
    cmake_parse_arguments(PARSE_ARGV 1 bind "QUIET" "ROOT;LANGUAGE" "FROM")
    if(NOT bind_FROM OR bind_UNPARSED_ARGUMENTS)
      message(FATAL_ERROR "holdfast_bind(${target}): usage: holdfast_bind(<target> FROM <module.py>...)")
    endif()
    if(NOT TARGET ${target})
      message(FATAL_ERROR "holdfast_bind(${target}): there is no target of that name; add it first")
    endif()
    if(NOT bind_LANGUAGE)
      set(bind_LANGUAGE CXX)
    endif()
    if(NOT bind_LANGUAGE MATCHES "^(CXX|C)$")
      message(FATAL_ERROR "holdfast_bind(${target}): there is no LANGUAGE '${bind_LANGUAGE}'; use CXX or C")
    endif()
    set(runner "${Python_EXECUTABLE}")
    set(suffix .hpp)
    set(options --language c++)
    if(bind_LANGUAGE STREQUAL "C")
      set(suffix .h)
      set(options --language c)
      if(NOT runner)
        set(runner python3)  # such a project looks for no Python
      endif()
    endif()
    if(NOT runner)
      message(FATAL_ERROR "holdfast_bind(${target}): there is no Python to read the module with; call "
                          "find_package(holdfast) without the component headers, or "
                          "find_package(Python COMPONENTS Interpreter)")
    endif()
    if(bind_QUIET)
      list(APPEND options --quiet)
    endif()
    get_property(site GLOBAL PROPERTY holdfast_bind_site)
    set(folder "${CMAKE_CURRENT_BINARY_DIR}/holdfast/${target}")
    set(stamps "")
    foreach(module IN LISTS bind_FROM)
      get_filename_component(module "${module}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
      if(NOT EXISTS "${module}")
        message(FATAL_ERROR "holdfast_bind(${target}): there is no '${module}'")
      endif()
      set(rooted "")
      if(bind_ROOT)
        get_filename_component(root "${bind_ROOT}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
        set(rooted --root "${root}")
      else()
        get_filename_component(root "${module}" DIRECTORY)
        while(EXISTS "${root}/__init__.py")
          get_filename_component(root "${root}" DIRECTORY)
        endwhile()
      endif()
      file(RELATIVE_PATH name "${root}" "${module}")
      string(REGEX REPLACE "(/__init__)?\\.pyi?$" "" name "${name}")
      _holdfast_find_modules(${target} "${root}")
      string(REGEX REPLACE "/.*" "" top "${name}")
      if(NOT name MATCHES "/" AND NOT EXISTS "${root}/${top}/__init__.py")
        set(top "${name}.py")  # a module of its own, in no package
      endif()
      set_property(TARGET ${target} APPEND PROPERTY HOLDFAST_MODULES "${root}/${top}")
      set(header "${folder}/${name}${suffix}")
      set(stamp "${folder}/${name}${suffix}.stamp")
      get_filename_component(place "${header}" DIRECTORY)
      file(MAKE_DIRECTORY "${place}")
      # The stamp says that the header is up to date; the header itself is touched only if it changes.
      if(CMAKE_VERSION VERSION_GREATER_EQUAL 3.20)
        set(followed DEPFILE "${folder}/${name}${suffix}.d")
      else()
        get_filename_component(around "${module}" DIRECTORY)
        file(GLOB followed CONFIGURE_DEPENDS "${around}/*.py")
      endif()
      add_custom_command(
        OUTPUT "${stamp}"
        BYPRODUCTS "${header}"
        COMMAND
          "${runner}" -I -c
          "import sys; sys.path.insert(0, sys.argv.pop(1)); from pyholdfast.cli import main; sys.exit(main())"
          "${site}" bind "${module}" -o "${header}" ${options} ${rooted} --depfile "${folder}/${name}${suffix}.d"
          --depfile-target "${stamp}"
        COMMAND "${CMAKE_COMMAND}" -E touch "${stamp}"
        DEPENDS "${module}"
        ${followed}
        COMMENT "holdfast bind ${name}${suffix}"
        VERBATIM)
      list(APPEND stamps "${stamp}")
    endforeach()
    set(number 0)
    while(TARGET ${target}_holdfast_bind_${number})
      math(EXPR number "${number} + 1")
    endwhile()
    add_custom_target(${target}_holdfast_bind_${number} DEPENDS ${stamps})
    add_dependencies(${target} ${target}_holdfast_bind_${number})
    target_include_directories(${target} PRIVATE "${folder}")
  endfunction()
endif()
