/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A driver whose HPET timer interrupts CPU 2: by a fixed vector, or, as the series
 * of 2018 wanted it, by an NMI. It says who handled what. The test sets the
 * comparator; here the timer is made ready to send.
 */
#include <asm/apic.h>
#include <asm/hpet.h>
#include <asm/nmi.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/irq.h>
#include <linux/irqnr.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/smp.h>
#include <linux/string.h>

static bool as_nmi;
module_param(as_nmi, bool, 0444);
MODULE_PARM_DESC(as_nmi, "the interrupt is delivered as NMI");

static bool broadcast;
module_param(broadcast, bool, 0444);
MODULE_PARM_DESC(broadcast, "each interrupt sends an NMI to all CPUs but the own one, by shorthand");

static irqreturn_t handle(int irq, void* dev_id) {
    pr_info("fixed: handled on CPU %d\n", smp_processor_id());
    if (broadcast)
        apic->send_IPI_allbutself(NMI_VECTOR);
    return IRQ_HANDLED;
}

static int find_irq(void) {
    int irq;

    for (irq = 0; irq < nr_irqs; irq++) {
        const struct irq_data* data = irq_get_irq_data((unsigned int)irq);

        if (data && data->chip && data->chip->name && strstr(data->chip->name, "HPET-MSI") && !data->hwirq)
            return irq;
    }
    return -ENODEV;
}

static int __init fixed_init(void) {
    void __iomem* page = ioremap(hpet_address, 0x400);
    int irq = find_irq();
    int ret;

    if (irq < 0)
        return irq;
    irq_set_affinity((unsigned int)irq, cpumask_of(2));
    ret = request_irq((unsigned int)irq, handle, as_nmi ? IRQF_DELIVER_AS_NMI : 0, "fixed", handle);
    if (ret)
        return ret;
    writel(HPET_TN_ENABLE | HPET_TN_FSB, page + HPET_Tn_CFG(0));
    writel(HPET_CFG_ENABLE, page + HPET_CFG);
    return 0;
}
module_init(fixed_init);
