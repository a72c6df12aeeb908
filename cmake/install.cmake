# SPDX-License-Identifier: Apache-2.0
# What a user of an installed hldsim finds beside programs and objects, and the Debian package.
#
#   cmake --install build/release --prefix DIR      DIR/bin/hldsim finds all of it from its own place
#   cpack --config build/release/CPackConfig.cmake  hldsim_VERSION_amd64.deb
install(DIRECTORY scenarios DESTINATION share/hldsim FILES_MATCHING PATTERN "*.yaml" PATTERN "README.md"
        PATTERN profiles EXCLUDE)
install(DIRECTORY scenarios/profiles DESTINATION share/hldsim FILES_MATCHING PATTERN "*.yaml")
install(FILES tools/harness/report/run.schema.json DESTINATION share/hldsim)
install(FILES README.md DESTINATION share/doc/hldsim)
install(FILES LICENSE DESTINATION share/doc/hldsim RENAME copyright)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME hldsim)
set(CPACK_PACKAGE_VENDOR "the hldsim authors")
set(CPACK_PACKAGE_CONTACT "the hldsim authors <hldsim@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "simulator for NMI hard-lockup detectors on HPET, LAPIC and many CPUs")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)  # the program; the objects are no targets and keep the debug information that reports need
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# hldsim-cc: the compiler whose instrumentation was measured, and the tools that it calls.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "python3, gcc-12, binutils")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Runs the unmodified C of a hard-lockup detector on cycle-accurate models of
HPET, MSI, local APICs and NMI delivery, finds its races, and says how wide
they are.")
include(CPack)
