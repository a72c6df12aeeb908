# SPDX-License-Identifier: Apache-2.0

# hldsim_outside_test(NAME): the cases of NAME_test.py, which run the program and its objects as a user does.
function(hldsim_outside_test name)
    get_target_property(kernel hld_kernel HLDSIM_OBJECT)
    get_target_property(detector hld_detector HLDSIM_OBJECT)
    add_test(NAME outside_${name}
             COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/${name}_test.py --root ${PROJECT_SOURCE_DIR}
                     --build ${PROJECT_BINARY_DIR} --hldsim $<TARGET_FILE:hldsim> --kernel ${kernel}
                     --detector ${detector} --folder ${CMAKE_CURRENT_BINARY_DIR}/${name})
    set_tests_properties(outside_${name} PROPERTIES LABELS scenario TIMEOUT 600)
endfunction()
