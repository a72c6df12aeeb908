# SPDX-License-Identifier: Apache-2.0
add_library(hldsim_options INTERFACE)
target_compile_options(hldsim_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Werror
                                                -fno-omit-frame-pointer)
# gcc's -Wconversion leaves changes of sign alone in C++, clang's does not: one set of rules for both.
target_compile_options(hldsim_options INTERFACE $<$<CXX_COMPILER_ID:Clang>:-Wno-sign-conversion>)
if(HLDSIM_ASSERTIONS)
    # Never _GLIBCXX_DEBUG: it links silently against libsystemc and then crashes.
    target_compile_definitions(hldsim_options INTERFACE _GLIBCXX_ASSERTIONS)
endif()
if(HLDSIM_SANITIZE)
    target_compile_options(hldsim_options INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all)
    target_link_options(hldsim_options INTERFACE -fsanitize=address,undefined)
endif()
if(HLDSIM_FUZZ)
    target_compile_options(hldsim_options INTERFACE -fsanitize=fuzzer-no-link,address,undefined
                                                    -fno-sanitize-recover=all)
    target_link_options(hldsim_options INTERFACE -fsanitize=address,undefined)
endif()
# What tests and commands do is cheap, to compile them is not, least of all where a sanitizer looks at each expression. The
# layers keep what the preset says.
add_library(hldsim_cheap_options INTERFACE)
target_compile_options(hldsim_cheap_options INTERFACE $<$<CONFIG:RelWithDebInfo>:-O1> $<$<BOOL:${HLDSIM_SANITIZE}>:-O0>)
add_library(hldsim_test_options INTERFACE)
target_compile_options(hldsim_test_options INTERFACE $<$<CONFIG:RelWithDebInfo>:-O0> $<$<BOOL:${HLDSIM_SANITIZE}>:-O0>)
# Some sixty programs are linked, most of their debug information again and again: binutils' other linker takes half as
# long.
find_program(HLDSIM_GOLD ld.gold)
if(HLDSIM_GOLD)
    target_link_options(hldsim_options INTERFACE -fuse-ld=gold)
endif()
