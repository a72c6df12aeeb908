/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plain store, and at once an NMI to CPU 1 by the kernel's own way to send one:
 * its handler says whether it saw the store.
 */
#include <asm/apic.h>
#include <asm/nmi.h>
#include <linux/compiler.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/printk.h>

static int stored;

static int seen(unsigned int type, struct pt_regs* regs) {
    pr_info("ipi: the receiver sees %d\n", READ_ONCE(stored));
    return NMI_HANDLED;
}

static int __init ipi_init(void) {
    int ret = register_nmi_handler(NMI_LOCAL, seen, 0, "ipi");

    if (ret)
        return ret;
    WRITE_ONCE(stored, 1);
    apic->send_IPI(1, NMI_VECTOR);
    return 0;
}

static void __exit ipi_exit(void) { unregister_nmi_handler(NMI_LOCAL, "ipi"); }

module_init(ipi_init);
module_exit(ipi_exit);
MODULE_LICENSE("GPL");
