/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Included before the first line of a file that is compiled for the host, without instrumentation: its calls into the
 * simulator go to tests/bench/native_episode.cpp, which has neither caches nor buses.
 */
#ifndef HLDSIM_BENCH_NATIVE_H
#define HLDSIM_BENCH_NATIVE_H

#define hld_firmware native_firmware
#define hld_cpu native_cpu
#define hld_relax native_relax
#define hld_delay_ns native_delay_ns
#define hld_halt native_halt
#define hld_sti_halt native_sti_halt
#define hld_irq_disable native_irq_disable
#define hld_rdtsc native_rdtsc
#define hld_charge native_charge
#define hld_ioremap native_ioremap
#define hld_mmio_write native_mmio_write
#define hld_wrmsr native_wrmsr
#define hld_end native_end

#include <hld/prefix.h>

#endif
