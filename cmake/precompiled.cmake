# SPDX-License-Identifier: Apache-2.0
# With HLDSIM_PRECOMPILED the headers of libraries are parsed once a build instead of once a file: of all files, or (value
# "tests") of the tests alone. The layers of the release build do without: it gains nothing there. A missing #include
# shows in the presets dev and clang alone.
set(HLDSIM_COSTLY_HEADERS <algorithm> <array> <cstdint> <functional> <map> <memory> <optional> <ostream> <set> <sstream>
                          <string> <variant> <vector> <systemc> <nlohmann/json.hpp>)

# hldsim_precompiled(TARGET WHAT): WHAT is layers, commands or tests; those of one kind share their options.
function(hldsim_precompiled target what)
    if(NOT HLDSIM_PRECOMPILED OR (HLDSIM_PRECOMPILED STREQUAL "tests" AND NOT what STREQUAL "tests"))
        return()
    endif()
    set(holder hldsim_precompiled_${what})
    if(NOT TARGET ${holder})
        file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/${holder}.cpp CONTENT "// holds precompiled headers\n")
        add_library(${holder} OBJECT ${CMAKE_BINARY_DIR}/${holder}.cpp)
        target_link_libraries(${holder} PRIVATE hldsim_options PkgConfig::SYSTEMC nlohmann_json::nlohmann_json)
        target_precompile_headers(${holder} PRIVATE ${HLDSIM_COSTLY_HEADERS})
        if(what STREQUAL commands)
            target_link_libraries(${holder} PRIVATE hldsim_cheap_options)
        elseif(what STREQUAL tests)
            target_link_libraries(${holder} PRIVATE hldsim_test_options)
            target_include_directories(${holder} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
            target_link_libraries(${holder} PRIVATE Catch2::Catch2)
            target_precompile_headers(${holder} PRIVATE ${PROJECT_SOURCE_DIR}/tests/support/catch.hpp)
        endif()
    endif()
    target_precompile_headers(${target} REUSE_FROM ${holder})
    # All as models/: clang takes no header that was precompiled with -fPIC for a file compiled with -fPIE.
    foreach(one ${holder} ${target})
        set_target_properties(${one} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
        target_compile_options(${one} PRIVATE -fPIE)
    endforeach()
endfunction()
