/* SPDX-License-Identifier: Apache-2.0 */
/* The remapping unit: how it is switched on, and that an interrupt of a pin and one of a device arrive through it. */
#include "peer.h"

#define ECAP 0x10
#define GCMD 0x18
#define GSTS 0x1c
#define FSTS 0x34
#define IQT 0x88
#define IQA 0x90
#define IRTA 0xb8
#define CAP 0x08
#define ECAP_QI (1ul << 1)
#define ECAP_IR (1ul << 3)
#define TES (1u << 31)
#define QIES (1u << 26)
#define IRES (1u << 25)
#define IRTPS (1u << 24)
#define RTPS (1u << 30)

#define VECTOR 0x81u
#define TABLE_ORDER 7 /* 256 entries */
#define PRESENT 1ul
#define FIXED_TO(v, id) (PRESENT | (u64)(v) << 16 | (u64)(id) << 40)

static volatile unsigned long* table;

static volatile void* unit(u32 offset) { return hld_ioremap(hld_firmware()->dmar_address + offset, 8); }

static u64 read64(u32 offset) { return hld_mmio_read(unit(offset), 8); }

static u32 read32(u32 offset) { return (u32)hld_mmio_read(unit(offset), 4); }

/* One-shot commands are not written back; what is on stays on. */
static void command(u32 bit) {
    hld_mmio_write(unit(GCMD), 4, (read32(GSTS) & 0x96ffffffu) | bit);
    EXPECT(wait_until(read32(GSTS) & bit));
}

static bool set_up(void) {
    hld_u64 size;
    char* arena = hld_arena(&size);
    volatile unsigned long* queue;

    EXPECT(read32(FSTS) == 0);
    EXPECT(read64(ECAP) & ECAP_QI);
    EXPECT(read64(ECAP) & ECAP_IR);
    if (!(read64(ECAP) & ECAP_IR))
        return false;
    arena = (char*)(((unsigned long)arena + 0xfff) & ~0xffful);
    queue = (volatile unsigned long*)arena;
    table = (volatile unsigned long*)(arena + 0x1000);

    hld_mmio_write(unit(IQT), 8, 0);
    hld_mmio_write(unit(IQA), 8, hld_virt_to_phys((const void*)queue));
    command(QIES);
    hld_mmio_write(unit(IRTA), 8, hld_virt_to_phys((const void*)table) | TABLE_ORDER);
    command(IRTPS);
    queue[0] = 4; /* the interrupt entry cache, all of it */
    queue[1] = 0;
    hld_fence(HLD_MFENCE);
    hld_mmio_write(unit(IQT), 8, 16);
    command(IRES);
    return true;
}

void iommu_setup(void) {
    if (!set_up())
        return;
    EXPECT((read32(GSTS) & (QIES | IRTPS | IRES)) == (QIES | IRTPS | IRES));
    EXPECT(read32(FSTS) == 0);
    EXPECT((read64(CAP) >> 8 & 0x1f) != 0); /* SAGAW: some width of addresses */
    command(RTPS);
    EXPECT(read32(GSTS) & RTPS);
    EXPECT(!(read32(GSTS) & TES));
    command(TES);
    EXPECT((read32(GSTS) & (TES | IRES)) == (TES | IRES));
    hld_mmio_write(unit(GCMD), 4, read32(GSTS) & 0x96ffffffu & ~TES);
    EXPECT(wait_until(!(read32(GSTS) & TES)));
    EXPECT(read32(GSTS) & IRES);
    EXPECT(read32(FSTS) == 0);
}

/*
 * An entry of the I/O APIC in remappable format: bit 48 the format, the index in 63:49. The vector there is for the end
 * alone: the interrupt has that of the remapping entry.
 */
void iommu_ioapic(void) {
    const unsigned int pin = 14, index = 5;
    volatile void* select = hld_ioremap(hld_firmware()->ioapic_address, 4);
    volatile void* data = hld_ioremap(hld_firmware()->ioapic_address + 0x10, 4);

    if (!set_up())
        return;
    table[2 * index + 1] = 0;
    table[2 * index] = FIXED_TO(VECTOR + 2, 0);
    hld_fence(HLD_MFENCE);
    hld_mmio_write(select, 4, 0x11 + 2 * pin);
    hld_mmio_write(data, 4, index << 17 | 1u << 16);
    hld_mmio_write(select, 4, 0x10 + 2 * pin);
    hld_mmio_write(data, 4, VECTOR);
    hld_mmio_read(select, 4);
    drive_pin(pin, 1);
    EXPECT(wait_until(READ_ONCE(interrupts[0]) == 1));
    EXPECT(last_vector[0] == VECTOR + 2);
    EXPECT(read32(FSTS) == 0);
}

/* The HPET is the device with a message: the address names the entry, 19:5 the handle. */
void iommu_msi(void) {
    const unsigned long hpet = hld_firmware()->hpet_address;
    const unsigned int index = 9;
    unsigned long counter;

    if (!set_up())
        return;
    table[2 * index + 1] = 0;
    table[2 * index] = FIXED_TO(VECTOR + 1, 0);
    hld_fence(HLD_MFENCE);
    hld_mmio_write(hld_ioremap(hpet + 0x110, 8), 8, (0xfee00000ul | index << 5 | 1u << 4) << 32);
    hld_mmio_write(hld_ioremap(hpet + 0x100, 8), 4, 0x4004);
    hld_mmio_write(hld_ioremap(hpet + 0x010, 8), 4, 1);
    counter = hld_mmio_read(hld_ioremap(hpet + 0x0f0, 8), 4);
    hld_mmio_write(hld_ioremap(hpet + 0x108, 8), 8, counter + 100);
    EXPECT(wait_until(READ_ONCE(interrupts[0]) == 1));
    EXPECT(last_vector[0] == VECTOR + 1);
    EXPECT(read32(FSTS) == 0);
}
