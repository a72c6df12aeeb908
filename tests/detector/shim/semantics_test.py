#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the shim's C computes, on this machine: semantics.c against plain Python, with both compilers."""

import ctypes
import random
import subprocess
import unittest

from support import COMPILERS, HERE, ShimTest

KERNEL = "nr_cpu_ids __per_cpu_offset cpu_bit_bitmap __hld_warn __hld_bug".split()
CPUS = 200  # nr_cpu_ids of host_runtime.c
U64 = (1 << 64) - 1


class Host:
    """The runtime, one for all: the first one loaded serves every object."""

    def __init__(self, test):
        library = test.directory / "host_runtime.so"
        subprocess.run(["gcc-12", "-O1", "-Wall", "-Wextra", "-Werror", "-fno-strict-aliasing", "-shared", "-fPIC",
                        str(HERE / "host_runtime.c"), "-o", str(library)], check=True)
        self.c = ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)
        self.c.test_history.restype = ctypes.c_char_p


def load(test, host, compiler, kapi):
    """semantics.c as an object of its own."""
    kernel = test.write("kernel.txt", "\n".join(KERNEL))
    test.compile(f"--cc={compiler}", f"--kapi={kapi}", f"--kernel={kernel}", HERE / "semantics.c", "-o", "semantics.so")
    c = ctypes.CDLL(str(test.directory / "semantics.so"))
    c.home.restype = ctypes.c_void_p
    host.test_per_cpu(ctypes.c_void_p(c.home()))
    host.test_start()
    return c


class Semantics:
    """The tests; each subclass has its compiler."""

    common = None

    @classmethod
    def setUpClass(cls):
        class Holder(ShimTest):
            def runTest(self):
                pass
        cls.holder = Holder()
        cls.holder.setUp()
        cls.addClassCleanup(cls.holder.doCleanups)
        Semantics.common = Semantics.common or Host(cls.holder)
        cls.host = Semantics.common.c
        cls.c = load(cls.holder, cls.host, COMPILERS[cls.family], cls.kapi)

    def setUp(self):
        self.host.test_begin(0)

    def function(self, name, result=ctypes.c_uint64, *arguments):
        function = getattr(self.c, name)
        function.restype, function.argtypes = result, arguments or None
        return function

    def history(self, number=0):
        text = self.host.test_history().decode().split()
        self.host.test_begin(number)
        return text

    # ---- sets of CPUs

    def fill(self, members):
        self.c.set_clear()
        for cpu in members:
            self.c.set_add(cpu)

    def visited(self, walk, *arguments):
        buffer = (ctypes.c_uint * 2048)()
        return list(buffer[:walk(*arguments, buffer)])

    def sets(self):
        source = random.Random(1)
        yield from ([], [0], [CPUS - 1], [63], [64], [0, 63, 64, 127, 128, CPUS - 1], list(range(CPUS)))
        for _ in range(20):
            yield sorted(source.sample(range(CPUS), source.randrange(CPUS)))

    def test_walks_visit_the_members_in_order(self):
        for members in self.sets():
            self.fill(members)
            self.assertEqual(self.visited(self.c.walk), members)
            self.assertEqual(self.c.set_weight(), len(members))
            self.assertEqual(self.c.set_first(), members[0] if members else CPUS)
            self.assertEqual(self.c.set_last(), members[-1] if members else CPUS)
            self.assertEqual(bool(self.c.set_empty() & 1), not members)
            self.assertEqual(bool(self.c.set_full() & 1), len(members) == CPUS)

    def test_next_is_the_first_member_after(self):
        for members in self.sets():
            self.fill(members)
            for cpu in (-1, 0, 1, 62, 63, 64, 65, 126, 127, 128, CPUS - 2, CPUS - 1):
                self.assertEqual(self.c.set_next(cpu), min((m for m in members if m > cpu), default=CPUS))
                self.assertEqual(self.c.set_next_zero(cpu),
                                 min((m for m in range(cpu + 1, CPUS) if m not in members), default=CPUS))
                self.assertEqual(self.c.set_any_but(cpu), min((m for m in members if m != cpu), default=CPUS))

    def test_a_wrapping_walk_begins_at_its_start_and_visits_each_member_once(self):
        for members in self.sets():
            self.fill(members)
            for start in (0, 1, 63, 64, 100, CPUS - 1, CPUS, CPUS + 1):
                expected = [m for m in members if m >= start] + [m for m in members if m < start]
                self.assertEqual(self.visited(self.c.walk_wrap, start), expected, start)
                if self.kapi < 615 and start <= CPUS:  # as the kernel's, it never ends for a start beyond that
                    self.assertEqual(self.visited(self.c.walk_wrap_by_hand, start), expected, start)

    def test_the_two_argument_next_wraps_to_the_first_and_is_the_cpu_itself_when_alone(self):
        if self.kapi < 615:
            self.skipTest("four arguments until v6.14")
        for members in self.sets():
            self.fill(members)
            for cpu in (0, 63, 64, CPUS - 1):
                after = [m for m in members if m > cpu] or members
                self.assertEqual(self.c.next_wrap(cpu), after[0] if after else CPUS)

    def test_test_and_clear_takes_a_member_once(self):
        self.fill([70])
        self.assertEqual([self.c.set_take(70) & 1, self.c.set_take(70) & 1, self.c.set_has(70) & 1], [1, 0, 0])

    def test_a_full_set_has_exactly_the_existing_cpus(self):
        self.c.set_all()
        self.assertEqual(self.visited(self.c.walk), list(range(CPUS)))

    def test_cpumask_of_has_that_cpu_alone(self):
        for cpu in range(CPUS):
            self.assertEqual(self.c.of_one_is_that_one(cpu) & 1, 1, cpu)

    # ---- arithmetic

    def test_multiply_and_divide_keeps_all_128_bits(self):
        mul_div = self.function("mul_div", ctypes.c_uint64, *[ctypes.c_uint64] * 3)
        source = random.Random(2)
        for _ in range(200):
            a, b, c = (source.getrandbits(source.randrange(1, 65)) for _ in range(3))
            c = max(c, 1)
            self.assertEqual(mul_div(a, b, c), (a * b // c) & U64, (a, b, c))

    def test_do_div_leaves_the_quotient_and_returns_the_remainder(self):
        n = ctypes.c_uint64(10**18 + 7)
        self.assertEqual(self.function("divide", ctypes.c_uint32)(ctypes.byref(n), 1000), 7)
        self.assertEqual(n.value, 10**15)

    def test_bits(self):
        weight, log = self.function("weight64", ctypes.c_uint, ctypes.c_uint64), self.function("log2_of", ctypes.c_int,
                                                                                              ctypes.c_uint64)
        for value in (1, 2, 3, 1 << 63, U64, 0x5555, 0xdeadbeefcafef00d):
            self.assertEqual(weight(value), bin(value).count("1"))
            self.assertEqual(log(value), value.bit_length() - 1)
        self.assertEqual([self.c.last_set(x) for x in (0, 1, 0x80)], [0, 1, 8])
        self.assertEqual([self.c.first_set(x) for x in (0, 1, 0x80)], [0, 1, 8])
        self.assertEqual(self.function("genmask")(63, 0), U64)
        self.assertEqual(self.function("genmask")(12, 4), 0x1ff0)
        self.assertEqual(self.c.field(0x12345678), 0x34)
        rounded = self.function("round_up_power", ctypes.c_ulong, ctypes.c_ulong)
        self.assertEqual([rounded(n) for n in (1, 2, 3, 1000, 1 << 40)], [1, 2, 4, 1024, 1 << 40])

    def test_a_range_of_time_may_wrap_and_contains_both_ends(self):
        inside = self.function("in_range", ctypes.c_bool, *[ctypes.c_uint64] * 3)
        self.assertTrue(all(inside(a & U64, -5 & U64, 5) for a in (-5, 0, 5)))
        self.assertFalse(any(inside(a & U64, -5 & U64, 5) for a in (-6, 6)))

    def test_error_pointers_are_the_last_4095_addresses(self):
        is_err = self.function("is_err", ctypes.c_bool, ctypes.c_long)
        self.assertEqual([is_err(v) for v in (-1, -4095, -4096, 0, 1)], [True, True, False, False, False])

    def test_strscpy_cuts_and_says_so(self):
        buffer, copy = ctypes.create_string_buffer(8), self.function("copy_string", ctypes.c_long)
        self.assertEqual((copy(buffer, b"four", ctypes.c_size_t(8)), buffer.value), (4, b"four"))
        self.assertEqual((copy(buffer, b"fourteen", ctypes.c_size_t(5)), buffer.value), (-7, b"four"))
        self.assertEqual(copy(buffer, b"x", ctypes.c_size_t(0)), -7)

    def test_the_bit_fields_of_a_message_address_lie_where_the_apic_reads_them(self):
        self.assertEqual(self.c.message_low(0, 0) & 0xffffffff, 0xfee00000)
        self.assertEqual(self.c.message_low(0xab, 1) & 0xffffffff, 0xfeeab004)

    # ---- atomics, per-CPU

    def test_atomics(self):
        c = self.c
        c.counter_set(5)
        self.assertEqual([c.counter_add_return(3), c.counter_fetch_or(16), c.counter_value()], [8, 8, 24])
        self.assertEqual([c.counter_add_unless(1, 24) & 1, c.counter_value()], [0, 24])
        self.assertEqual([c.counter_add_unless(1, 25) & 1, c.counter_value()], [1, 25])
        c.counter_set(1)
        self.assertEqual([c.counter_dec_if_positive(), c.counter_dec_if_positive(), c.counter_value()], [0, -1, 0])

    def test_compare_and_exchange_returns_what_was_there(self):
        word, old = ctypes.c_uint32(7), ctypes.c_uint32(1)
        self.assertEqual((self.c.swap_if(ctypes.byref(word), 6, 9), word.value), (7, 7))
        self.assertEqual((self.c.swap_if(ctypes.byref(word), 7, 9), word.value), (7, 9))
        try_swap = self.function("try_swap", ctypes.c_bool)
        self.assertFalse(try_swap(ctypes.byref(word), ctypes.byref(old), 3))
        self.assertEqual((old.value, word.value), (9, 9))
        self.assertTrue(try_swap(ctypes.byref(word), ctypes.byref(old), 3))
        self.assertEqual(word.value, 3)

    def test_each_cpu_has_its_own_copy_and_others_can_read_it(self):
        for cpu in range(4):
            self.host.test_begin(cpu)
            self.c.own_set(100 + cpu)
        for cpu in range(4):
            self.host.test_begin(cpu)
            self.assertEqual(self.c.own_get(), 100 + cpu)
            self.assertEqual([self.c.own_of(other) for other in range(4)], [100, 101, 102, 103])

    def test_operations_on_this_cpu_s_copy(self):
        c = self.c
        c.own_set(10)
        self.assertEqual([c.own_add_return(5), c.own_xchg(3), c.own_get()], [15, 15, 3])
        self.assertEqual([c.own_cmpxchg(4, 9), c.own_cmpxchg(3, 8), c.own_get()], [3, 3, 8])
        c.own_or(0x11)
        c.own_and(0xf1)
        self.assertEqual(c.own_get(), 0x11)
        c.own_sub(2)
        self.assertEqual(c.own_get(), 0xf)

    def test_a_small_copy_wraps_in_its_own_width(self):
        self.c.small_set(255)
        self.assertEqual(self.function("small_inc_return", ctypes.c_uint8)(), 0)

    # ---- locks

    def preempt(self):
        return self.function("preempt_of_this_cpu", ctypes.POINTER(ctypes.c_int))()[0]

    def test_a_free_lock_is_taken_without_waiting(self):
        before = self.preempt()
        self.c.raw_take()
        self.assertEqual((self.c.raw_is_taken() & 1, self.preempt()), (1, before + 1))
        self.c.raw_drop()
        self.assertEqual((self.c.raw_is_taken() & 1, self.preempt()), (0, before))
        self.assertEqual(self.history(), ["taken(raw)", "dropped(raw)"])

    def test_a_taken_lock_is_waited_for_and_then_taken(self):
        self.c.raw_take()
        self.history()
        owner = self.function("owner_of_raw", ctypes.c_void_p)()
        self.host.test_release_when_waiting(ctypes.c_void_p(owner))
        self.c.raw_take()
        self.host.test_release_when_waiting(None)
        self.assertEqual(self.history(), ["waits(raw)", "relax", "relax", "taken(raw)"])
        self.c.raw_drop()
        self.function("preempt_of_this_cpu", ctypes.POINTER(ctypes.c_int))()[0] -= 1
        self.history()

    def test_trylock_of_a_taken_lock_fails_and_leaves_no_trace(self):
        before = self.preempt()
        self.assertEqual(self.c.raw_try() & 1, 1)
        self.assertEqual((self.c.raw_try() & 1, self.preempt()), (0, before + 1))
        self.c.raw_drop()
        self.assertEqual(self.preempt(), before)
        self.assertEqual(self.history(), ["trylock-taken(raw)", "dropped(raw)"])

    def test_tickets_wrap(self):
        self.c.raw_set(0xffff)
        for _ in range(3):
            self.c.raw_take()
            self.assertEqual(self.c.raw_is_taken() & 1, 1)
            self.c.raw_drop()
            self.assertEqual(self.c.raw_is_taken() & 1, 0)
        self.c.raw_set(0xffff)
        self.assertEqual(self.c.raw_try() & 1, 1)
        self.c.raw_drop()
        self.assertEqual(self.c.raw_is_taken() & 1, 0)

    def test_irqsave_enables_interrupts_only_if_they_were_on(self):
        self.c.irqsave_pair()
        self.assertEqual(self.history(), ["cli", "taken(lock)", "dropped(lock)", "sti"])
        self.c.irqsave_with_irqs_off()
        self.assertEqual(self.history(), ["cli", "cli", "taken(lock)", "dropped(lock)", "sti"])

    def test_readers_share_a_lock_and_a_writer_gets_it_after_them(self):
        self.c.readers_and_writer()
        self.assertEqual(self.history(), ["read-taken(rw)"] * 2 + ["dropped(rw)"] * 2 + ["taken(rw)", "dropped(rw)"])

    def test_a_bit_of_a_word_is_a_lock(self):
        self.history()
        self.assertEqual(1010, self.c.bit_locks())
        low, high = "state.flags:0", "state.flags:3"
        taken = [f"trylock-taken({low})", f"trylock-taken({high})", f"dropped({high})", f"dropped({low})"]
        self.assertEqual(self.history(), [*taken, f"taken({low})", f"dropped({low})"])

    def test_a_reader_of_a_sequence_tries_again_where_a_writer_was(self):
        """Nobody; a writer since; one that is there still; one that was; nobody since; one that has made it invalid."""
        self.history()
        self.assertEqual("011101", f"{self.c.sequence_readers():06}")
        self.assertEqual(["taken(seq)", "dropped(seq)"], self.history())

    def test_a_latch_always_shows_a_whole_copy(self):
        self.assertEqual(11121, self.c.latch_seen())

    def test_a_guard_drops_its_lock_on_every_way_out(self):
        self.assertEqual(self.c.guarded(1), 1)
        self.assertEqual(self.c.raw_is_taken() & 1, 0)
        self.assertEqual(self.c.guarded(0), 2)
        self.assertEqual(self.c.raw_is_taken() & 1, 0)

    # ---- lists, devices, warnings

    def test_lists(self):
        self.assertEqual(self.c.list_order(), 312)
        self.assertEqual(self.c.llist_order(), 100321)

    def test_device_accesses_have_the_width_of_their_name(self):
        base = ctypes.c_void_p(0x5000)
        self.assertEqual(self.function("device", ctypes.c_uint32)(base), 0x55667788)
        self.assertEqual(self.history(), ["write4(0x5010,0x5)", "write8(0x5108,0x123456789abcdef0)", "write1(0x5000,0xff)",
                                          "read4(0x50f0)"])
        self.assertEqual(self.function("device8")(base), 0x1122334455667788)

    def test_waiting_is_in_nanoseconds(self):
        self.c.waits()
        self.assertEqual(self.history(), ["delay(3000)", "delay(7)", "delay(2000000)"])

    def test_barriers_of_devices_are_fences_and_those_between_cpus_no_instruction(self):
        self.c.fences()
        self.assertEqual(self.history(), ["mfence", "lfence", "sfence"])

    def test_the_ordered_time_stamp_is_fenced(self):
        self.assertEqual(self.function("stamps")(), 0x123456789abc)
        self.assertEqual(self.history(), ["lfence", "rdtsc"])

    def test_msrs(self):
        self.assertEqual(self.function("msr_value")(0x10), 0xaabbccdd11223344)
        self.assertEqual(self.function("msr_high", ctypes.c_uint32)(0x10), 0xaabbccdd - 0x11223344)
        self.history()
        self.function("msr_value")(0xdead)
        self.assertEqual(self.history(), ["rdmsr(0xdead)", "warn(msr.h,", "text)"])
        self.assertEqual([self.c.msr_write_safe(0x1b, 5), self.c.msr_write_safe(0xdead, 5)], [0, -5])

    def test_warnings_are_told_when_the_condition_holds(self):
        self.assertEqual(self.c.warn_twice(0), 0)
        self.assertEqual(self.history(), [])
        self.assertEqual(self.c.warn_twice(1), 6)
        told = " ".join(self.history())
        self.assertEqual((told.count("warn(semantics.c)"), told.count("warn(semantics.c, text)")), (3, 2))


class Gcc(Semantics, unittest.TestCase):
    family, kapi = "gcc", 601


class Clang(Semantics, unittest.TestCase):
    family, kapi = "clang", 601


class Newest(Semantics, unittest.TestCase):
    family, kapi = "gcc", 617


if __name__ == "__main__":
    unittest.main()
