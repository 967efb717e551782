# Which requests this version of holdfast fulfils. Headers fit every machine, so the size of
# a pointer is not compared. Before 1.0, a new minor version may break what the last one had.

file(STRINGS "${CMAKE_CURRENT_LIST_DIR}/../../../include/holdfast/version.hpp" _holdfast_lines
     REGEX "#define HOLDFAST_VERSION_(MAJOR|MINOR|PATCH) [0-9]+")
foreach(_holdfast_part IN ITEMS MAJOR MINOR PATCH)
  string(REGEX MATCH "VERSION_${_holdfast_part} ([0-9]+)" _holdfast_match "${_holdfast_lines}")
  set(_holdfast_${_holdfast_part} "${CMAKE_MATCH_1}")
endforeach()
set(PACKAGE_VERSION "${_holdfast_MAJOR}.${_holdfast_MINOR}.${_holdfast_PATCH}")

set(_holdfast_family "${_holdfast_MAJOR}")
set(_holdfast_wanted "${PACKAGE_FIND_VERSION_MAJOR}")
if(_holdfast_MAJOR EQUAL 0)
  string(APPEND _holdfast_family ".${_holdfast_MINOR}")
  string(APPEND _holdfast_wanted ".${PACKAGE_FIND_VERSION_MINOR}")
endif()

set(PACKAGE_VERSION_COMPATIBLE FALSE)
set(PACKAGE_VERSION_EXACT FALSE)
if(PACKAGE_FIND_VERSION_RANGE)
  set(_holdfast_below_end FALSE)
  if((PACKAGE_FIND_VERSION_RANGE_MAX STREQUAL "INCLUDE"
      AND PACKAGE_VERSION VERSION_LESS_EQUAL PACKAGE_FIND_VERSION_MAX)
     OR (PACKAGE_FIND_VERSION_RANGE_MAX STREQUAL "EXCLUDE"
         AND PACKAGE_VERSION VERSION_LESS PACKAGE_FIND_VERSION_MAX))
    set(_holdfast_below_end TRUE)
  endif()
  if(_holdfast_below_end AND PACKAGE_VERSION VERSION_GREATER_EQUAL PACKAGE_FIND_VERSION_MIN)
    set(PACKAGE_VERSION_COMPATIBLE TRUE)
  endif()
elseif(NOT PACKAGE_FIND_VERSION)
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
elseif(PACKAGE_VERSION VERSION_EQUAL PACKAGE_FIND_VERSION)
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
  set(PACKAGE_VERSION_EXACT TRUE)
elseif(PACKAGE_VERSION VERSION_GREATER PACKAGE_FIND_VERSION
       AND _holdfast_family STREQUAL _holdfast_wanted)
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
endif()
