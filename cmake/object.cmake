# SPDX-License-Identifier: Apache-2.0

# hldsim_object(TARGET a.c b.c ... OUTPUT name.so): one object of instrumented C, built by hldsim-cc as lib/hldsim/name.so
# in the build directory. The preset's own compiler and flags never reach it: every preset has the same objects.
#   KAPI 601        series of the kernel API
#   CORE            the project's detector: detector/{core,designs,policies} instead of a list of files
#   KERNEL target   the miniature kernel's object, whose symbols it may use
#   KERNEL_OBJECT   it is itself a miniature kernel
#   MODNAME name    KBUILD_MODNAME
#   TEST            of a test: written to the current binary directory, not installed
#   FLAGS ...       further arguments of hldsim-cc
function(hldsim_object target)
    cmake_parse_arguments(object "CORE;KERNEL_OBJECT;TEST" "OUTPUT;KAPI;KERNEL;MODNAME" "FLAGS" ${ARGN})
    set(wrapper ${PROJECT_SOURCE_DIR}/tools/hldsim-cc)
    set(folder ${CMAKE_BINARY_DIR}/lib/hldsim)
    if(object_TEST)
        set(folder ${CMAKE_CURRENT_BINARY_DIR})
    endif()
    set(output ${folder}/${object_OUTPUT})
    set(sources ${object_UNPARSED_ARGUMENTS})
    set(arguments --cache=${CMAKE_BINARY_DIR}/hldsim-cc --depfile=${output}.d -o ${output})
    if(object_KAPI)
        list(APPEND arguments --kapi=${object_KAPI})
    endif()
    if(object_MODNAME)
        list(APPEND arguments --modname=${object_MODNAME})
    endif()
    if(object_KERNEL_OBJECT)
        list(APPEND arguments --kernel-object)
    endif()
    set(depends ${wrapper} ${PROJECT_SOURCE_DIR}/detector/shim/exports.txt)
    if(object_KERNEL)
        get_target_property(kernel ${object_KERNEL} HLDSIM_OBJECT)
        list(APPEND arguments --kernel=${kernel})
        list(APPEND depends ${kernel})
    endif()
    if(object_CORE)
        file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/detector/core/*.c
             ${PROJECT_SOURCE_DIR}/detector/designs/*.c ${PROJECT_SOURCE_DIR}/detector/policies/*.c)
        list(APPEND arguments --core ${PROJECT_SOURCE_DIR}/detector)
        list(APPEND depends ${sources})
    else()
        list(APPEND arguments ${sources})
        list(APPEND depends ${sources})
    endif()
    add_custom_command(
        OUTPUT ${output}
        COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
        COMMAND ${Python3_EXECUTABLE} ${wrapper} ${arguments} ${object_FLAGS}
        DEPENDS ${depends}
        DEPFILE ${output}.d
        WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
        COMMENT "hldsim-cc ${object_OUTPUT}"
        VERBATIM)
    add_custom_target(${target} ALL DEPENDS ${output})
    set_target_properties(${target} PROPERTIES HLDSIM_OBJECT ${output})
    if(NOT object_TEST)
        install(FILES ${output} DESTINATION lib/hldsim)
    endif()
endfunction()
