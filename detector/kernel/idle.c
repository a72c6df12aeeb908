// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What an idle CPU and a dead one wait in: HLT, or MWAIT with the hint of a
 * C-state. Linux chooses among the states by how long it expects to be idle;
 * here the command line does, once and for all.
 */
#include "kernel.h"
#include <asm/mwait.h>

#define HINT_HALT (-1)

static int idle_hint = HINT_HALT;

/* "hld.cstate=" of the command line, the simulator's word. */
bool cstate_parse(const char *word, size_t n)
{
	static const struct {
		const char *text;
		int hint;
	} words[] = {
		{ "hld.cstate=hlt", HINT_HALT }, { "hld.cstate=c1", 0x00 },
		{ "hld.cstate=c1e", 0x01 },	 { "hld.cstate=c6", 0x20 },
		{ "hld.cstate=c10", 0x60 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (!word_is(word, n, words[i].text))
			continue;
		idle_hint = words[i].hint;
		return true;
	}
	return false;
}

/*
 * Interrupts are off, and on when it returns. A store to @wake ends the wait; one
 * that came before the monitor was armed is seen by the look behind it.
 */
void idle_wait(const unsigned long *wake)
{
	if (idle_hint == HINT_HALT) {
		hld_sti_halt();
		return;
	}
	__monitor(wake, 0, 0);
	if (READ_ONCE(*wake))
		local_irq_enable();
	else
		__sti_mwait((unsigned long)idle_hint, 0);
}

/* Interrupts stay off. An NMI ends it, and whoever calls halts again. */
void dead_wait(const void *line)
{
	if (idle_hint == HINT_HALT) {
		hld_halt();
		return;
	}
	__monitor(line, 0, 0);
	__mwait((unsigned long)idle_hint, 0);
}
