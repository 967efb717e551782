# An overlay port of this checkout: vcpkg install holdfast --overlay-ports=packaging/vcpkg
set(VCPKG_POLICY_EMPTY_INCLUDE_FOLDER enabled) # the headers lie beside the CMake package

get_filename_component(checkout "${CURRENT_PORT_DIR}/../../.." ABSOLUTE)
file(INSTALL "${checkout}/src/pyholdfast" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}"
     PATTERN "__pycache__" EXCLUDE)
foreach(file holdfastConfig holdfastConfigVersion)
  file(WRITE "${CURRENT_PACKAGES_DIR}/share/${PORT}/${file}.cmake"
       "include(\"\${CMAKE_CURRENT_LIST_DIR}/pyholdfast/share/cmake/holdfast/${file}.cmake\")\n")
endforeach()
file(INSTALL "${CURRENT_PORT_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
vcpkg_install_copyright(FILE_LIST "${checkout}/LICENSE")
