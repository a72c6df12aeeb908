# SPDX-License-Identifier: Apache-2.0

# hldsim_layer(NAME DEPENDS a b ...): one static library of all *.cpp in this folder, depending on lower layers only.
function(hldsim_layer name)
    cmake_parse_arguments(layer "" "" "DEPENDS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
    if(sources)
        add_library(${name} STATIC ${sources})
        target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
        target_link_libraries(${name} PUBLIC ${layer_DEPENDS} PRIVATE hldsim_options)
        string(FIND ${CMAKE_CURRENT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/tools/ at_tools)
        if(HLDSIM_SANITIZE AND at_tools EQUAL 0)  # what runs for each access is in models/ and the shim
            target_link_libraries(${name} PRIVATE hldsim_cheap_options)
            hldsim_precompiled(${name} commands)
        else()
            hldsim_precompiled(${name} layers)
        endif()
    else()
        add_library(${name} INTERFACE)
        target_include_directories(${name} INTERFACE ${PROJECT_SOURCE_DIR})
        target_link_libraries(${name} INTERFACE ${layer_DEPENDS})
    endif()
endfunction()

# hldsim_test(NAME DEPENDS a b ... LABELS l m ... [COSTLY]): one Catch2 executable of all *_test.cpp (and helpers) in this
# folder. COSTLY: its own code, not that of the layers, is most of its work, and worth an optimiser. A preset may compile
# the files of a folder as one: the names in a file's anonymous namespace are no other file's.
function(hldsim_test name)
    cmake_parse_arguments(test "COSTLY" "" "DEPENDS;LABELS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
    if(NOT sources)
        return()
    endif()
    add_executable(${name} ${sources})
    target_link_libraries(${name} PRIVATE hldsim_test_support ${test_DEPENDS} hldsim_options)
    if(NOT test_COSTLY)
        target_link_libraries(${name} PRIVATE hldsim_test_options)
        hldsim_precompiled(${name} tests)
    endif()
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES LABELS "${test_LABELS}" ENVIRONMENT "SYSTEMC_DISABLE_COPYRIGHT_MESSAGE=1")
endfunction()
