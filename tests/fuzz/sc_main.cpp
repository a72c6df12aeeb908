// SPDX-License-Identifier: Apache-2.0
// libsystemc wants it, libFuzzer has its own main().
extern "C" int sc_main(int /*argc*/, char* /*argv*/[]) { return 0; }
