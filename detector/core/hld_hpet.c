// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The HPET timer of the hard-lockup detector.
 *
 * The timer works in 32-bit mode whatever it can do, so that each register is
 * one 4-byte access: no comparator and no message is ever half written. All
 * distances are modulo 2^32.
 *
 * References: IA-PC HPET Specification 1.0a.
 */
#define pr_fmt(fmt) "hld: " fmt

#include <linux/bits.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/printk.h>

#include <asm/hpet.h>

#include "hld.h"

#define HLD_FS_PER_NS 1000000U

/* A deadline is kept if it is at least so far ahead when programming begins. */
#define HLD_GUARD_NS 20000U

static u32 hld_timer_read(struct hld_timer *timer, unsigned int offset)
{
	return readl(timer->regs + offset);
}

static void hld_timer_write(struct hld_timer *timer, unsigned int offset, u32 value)
{
	writel(value, timer->regs + offset);
}

static u64 hld_timer_ticks(const struct hld_timer *timer, u64 ns)
{
	return div_u64(ns * HLD_FS_PER_NS, timer->tick_fs);
}

static bool hld_timer_usable(struct hld_timer *timer, unsigned int number, u32 wanted)
{
	return (hld_timer_read(timer, HPET_Tn_CFG(number)) & wanted) == wanted;
}

/*
 * Without a choice of the user: the first timer which is periodic and can send
 * messages. A timer which the user names needs to send messages only.
 */
static int hld_timer_choose(struct hld_timer *timer, int number)
{
	unsigned int count, i;

	count = (hld_timer_read(timer, HPET_ID) & HPET_ID_NUMBER) >> HPET_ID_NUMBER_SHIFT;
	count++;

	if (number >= 0) {
		if (number >= count) {
			pr_err("no HPET timer %d, there are %u\n", number, count);
			return -EINVAL;
		}
		if (!hld_timer_usable(timer, number, HPET_TN_FSB_CAP)) {
			pr_err("HPET timer %d cannot send messages\n", number);
			return -ENODEV;
		}
		timer->number = number;
		return 0;
	}

	for (i = 0; i < count; i++) {
		if (hld_timer_usable(timer, i, HPET_TN_FSB_CAP | HPET_TN_PERIODIC_CAP)) {
			timer->number = i;
			return 0;
		}
	}

	pr_err("no HPET timer is periodic and can send messages; timer= names another one\n");
	return -ENODEV;
}

/**
 * hld_timer_probe - Map the HPET, choose a timer and quieten it
 * @timer:	The timer
 * @base:	Physical address of the HPET
 * @number:	Index of the timer, or -1 for the first suitable one
 *
 * On a kernel which uses the HPET itself, name a timer which it leaves free.
 *
 * Return: 0, or a negative error code, after a message which says why.
 */
int hld_timer_probe(struct hld_timer *timer, unsigned long base, int number)
{
	u32 conf;
	int ret;

	timer->regs = ioremap(base, HPET_MMAP_SIZE);
	if (!timer->regs)
		return -ENOMEM;

	timer->tick_fs = hld_timer_read(timer, HPET_PERIOD);
	if (timer->tick_fs < HPET_MIN_PERIOD || timer->tick_fs > HPET_MAX_PERIOD) {
		pr_err("no HPET at %#lx\n", base);
		ret = -ENODEV;
		goto unmap;
	}

	ret = hld_timer_choose(timer, number);
	if (ret)
		goto unmap;

	timer->periodic = hld_timer_usable(timer, timer->number, HPET_TN_PERIODIC_CAP);
	hld_timer_stop(timer);

	/* The other bits belong to the platform and to other users. */
	conf = hld_timer_read(timer, HPET_CFG);
	if (!(conf & HPET_CFG_ENABLE))
		hld_timer_write(timer, HPET_CFG, conf | HPET_CFG_ENABLE);

	return 0;

unmap:
	hld_timer_release(timer);
	return ret;
}

/**
 * hld_timer_release - Unmap the HPET
 * @timer:	The timer; it has been stopped
 */
void hld_timer_release(struct hld_timer *timer)
{
	iounmap(timer->regs);
	timer->regs = NULL;
}

/**
 * hld_timer_set_period - Set the time between two NMIs
 * @timer:	The timer; it is stopped
 * @ns:		The time in nanoseconds
 *
 * Half the range of the comparator is the limit, as a deadline which has passed
 * must be told from one which is yet to come.
 *
 * Return: 0, or -ERANGE.
 */
int hld_timer_set_period(struct hld_timer *timer, u64 ns)
{
	u64 ticks;

	if (ns < 2 * HLD_GUARD_NS || ns > U64_MAX / HLD_FS_PER_NS)
		goto range;

	ticks = hld_timer_ticks(timer, ns);
	if (ticks > S32_MAX)
		goto range;

	timer->period = ticks;
	return 0;

range:
	pr_err("the HPET timer cannot send an NMI each %llu ns\n", ns);
	return -ERANGE;
}

/**
 * hld_timer_set_data - Write the data half of the message
 * @timer:	The timer; it is stopped
 * @data:	Data of the message
 *
 * The data is the same for all targets. With it written here, once and for all,
 * moving the target is a single write.
 */
void hld_timer_set_data(struct hld_timer *timer, u32 data)
{
	hld_timer_write(timer, HPET_Tn_ROUTE(timer->number), data);
}

/**
 * hld_timer_route - Write the address half of the message
 * @timer:	The timer; it may be running
 * @address:	Address of the message
 *
 * One posted write: a match is sent either to the old or to the new target, and
 * the message of a match which came before the write arrived is not recalled.
 */
void hld_timer_route(struct hld_timer *timer, u32 address)
{
	hld_timer_write(timer, HPET_Tn_ROUTE(timer->number) + 4, address);
}

/**
 * hld_timer_rearm - Set the next deadline of a timer which is not periodic
 * @timer:	The timer
 *
 * Called by the handler. The deadline follows from the last one: that keeps the
 * grid, and no read of the HPET stalls the NMI. If the write arrives after its
 * own deadline the timer is silent until the counter has wrapped around.
 */
void hld_timer_rearm(struct hld_timer *timer)
{
	timer->deadline += timer->period;
	hld_timer_write(timer, HPET_Tn_CMP(timer->number), timer->deadline);
}

/*
 * Periodic mode takes two writes of the comparator: the one after SETVAL is the
 * next deadline, the other one the period. Parts exist which need some time in
 * between (2.3.9.2.2 and AMD-8111 disagree on what the first write does; this
 * order suits both).
 */
static void hld_timer_program(struct hld_timer *timer, u32 deadline)
{
	u32 conf = HPET_TN_32BIT | HPET_TN_FSB;
	unsigned int n = timer->number;

	if (timer->periodic) {
		conf |= HPET_TN_PERIODIC;
		hld_timer_write(timer, HPET_Tn_CFG(n), conf | HPET_TN_SETVAL);
		hld_timer_write(timer, HPET_Tn_CMP(n), deadline);
		udelay(1);
		hld_timer_write(timer, HPET_Tn_CMP(n), timer->period);
	} else {
		hld_timer_write(timer, HPET_Tn_CFG(n), conf);
		timer->deadline = deadline;
		hld_timer_write(timer, HPET_Tn_CMP(n), deadline);
	}

	hld_timer_write(timer, HPET_Tn_CFG(n), conf | HPET_TN_ENABLE);
}

/*
 * The comparator matches on equality. A deadline which passed while it was
 * being programmed, by preemption or an SMI, would come one wrap-around later:
 * minutes. So look once more, and take the next instant of the grid.
 */
static void hld_timer_program_ahead(struct hld_timer *timer, u32 deadline)
{
	s32 guard = hld_timer_ticks(timer, HLD_GUARD_NS);

	for (;;) {
		u32 now = hld_timer_read(timer, HPET_COUNTER);

		while ((s32)(deadline - now) < guard)
			deadline += timer->period;

		hld_timer_program(timer, deadline);

		if ((s32)(deadline - hld_timer_read(timer, HPET_COUNTER)) > 0)
			return;

		hld_timer_stop(timer);
	}
}

/**
 * hld_timer_start - Start the timer, the first NMI comes one period from now
 * @timer:	The timer; its route has been written
 */
void hld_timer_start(struct hld_timer *timer)
{
	hld_timer_program_ahead(timer, hld_timer_read(timer, HPET_COUNTER) + timer->period);
}

/*
 * ICH9 and ICH10 may answer the first read after a write of the comparator with
 * the old value. Read twice, as it is not known here whether anybody has read it
 * since the last write.
 */
static u32 hld_timer_comparator(struct hld_timer *timer)
{
	hld_timer_read(timer, HPET_Tn_CMP(timer->number));

	return hld_timer_read(timer, HPET_Tn_CMP(timer->number));
}

/**
 * hld_timer_resume - Let a stopped timer go on with the deadlines it had
 * @timer:	The timer; its route has been written
 *
 * The comparator still holds the old deadline. Keeping it means that stopping
 * and resuming again and again, faster than the period, does not silence the
 * timer. The status bit is cleared in case the part remembers a match from the
 * time in between.
 */
void hld_timer_resume(struct hld_timer *timer)
{
	u32 deadline = hld_timer_comparator(timer);

	hld_timer_write(timer, HPET_STATUS, BIT(timer->number));
	hld_timer_program_ahead(timer, deadline);
}

/**
 * hld_timer_stop - Stop the timer
 * @timer:	The timer
 *
 * The write is posted: the timer may send one more message before it arrives,
 * and the messages sent before are not recalled.
 */
void hld_timer_stop(struct hld_timer *timer)
{
	u32 conf = HPET_TN_32BIT | HPET_TN_FSB;

	if (timer->periodic)
		conf |= HPET_TN_PERIODIC;

	hld_timer_write(timer, HPET_Tn_CFG(timer->number), conf);
}

/**
 * hld_timer_flush - Wait until the timer has stopped
 * @timer:	The timer, after hld_timer_stop()
 *
 * The read pushes the write before it, and its completion does not pass the
 * messages which the timer sent before. So when it returns no message can leave
 * any more and each one has left the HPET. It may still be on its way to the
 * local APIC, or pending there, or being served.
 */
void hld_timer_flush(struct hld_timer *timer)
{
	hld_timer_read(timer, HPET_Tn_CFG(timer->number));
}

/**
 * hld_timer_since_match - Time since the last match of the timer
 * @timer:	The timer, stopped or running
 *
 * A periodic comparator is advanced by its match, the other kind stands until
 * the handler arms it again: in both cases a comparator ahead of the counter
 * tells that the last match was one period before it.
 *
 * Return: ticks since the last match.
 */
u32 hld_timer_since_match(struct hld_timer *timer)
{
	u32 comparator = hld_timer_comparator(timer);
	s32 passed = hld_timer_read(timer, HPET_COUNTER) - comparator;

	return passed < 0 ? timer->period + passed : passed;
}
