# SPDX-License-Identifier: Apache-2.0
"""`regs` and `decode` know every device, every form of output says the same, and a value is taken apart bit by bit."""
import json
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

DEVICES = ["amdvi", "amdvi-memory", "chipset", "hpet", "ioapic", "lapic", "lapic-msr", "msi", "pic", "pit",
           "pmu", "vtd", "vtd-memory"]

# Register, value, its fields other than 0. The values are put together by hand from the specifications.
VALUES = [
    ("hpet.TIM0_CONF", 0x40c, {"Tn_INT_ENB_CNF": 1, "Tn_TYPE_CNF": 1, "Tn_INT_ROUTE_CNF": 2}),
    # Vector 51h, level, active low, masked, to APIC 3: 82093AA, 3.2.4.
    ("ioapic.RTE5", 3 << 56 | 1 << 16 | 1 << 15 | 1 << 13 | 0x51,
     {"DEST": 3, "MASK": 1, "TRIGGER": 1, "INTPOL": 1, "VECTOR": 0x51}),
    # SDM vol. 3A, 10.11: an NMI to APIC 2.
    ("msi.ADDRESS", 0xfee02000, {"RANGE": 0xfee, "DEST": 2}),
    ("msi.DATA", 0x400, {"DELMOD": 4}),
    # VT-d 5.10, 9.9: present, NMI, to 4, source fa:0f.0 checked.
    ("vtd-memory.IRTE_LO", 4 << 32 | 4 << 5 | 1, {"DST": 4, "DLM": 4, "P": 1}),
    ("vtd-memory.IRTE_HI", 1 << 18 | 0xfa78, {"SVT": 1, "SID": 0xfa78}),
    # 9.10: the same bits mean something else with IM = 1.
    ("vtd-memory.IRTE_LO", 1 << 38 | 0x33 << 16 | 1 << 15 | 1 << 14 | 1,
     {"PDAL": 1, "VV": 0x33, "IM": 1, "URG": 1, "P": 1}),
    # 6.5.2: entries 8 to 11 of the cache; a wait that writes 1 and fences.
    ("vtd-memory.IEC_DESCRIPTOR_LO", 8 << 32 | 2 << 27 | 1 << 4 | 4, {"IIDX": 8, "IM": 2, "G": 1, "TYPE": 4}),
    ("vtd-memory.WAIT_DESCRIPTOR_LO", 1 << 32 | 1 << 6 | 1 << 5 | 5, {"STDATA": 1, "FN": 1, "SW": 1, "TYPE": 5}),
    ("vtd-memory.MSI_ADDRESS", 0xfee00000 | 7 << 5 | 1 << 4 | 1 << 3, {"FEE": 0xfee, "HANDLE": 7, "FORMAT": 1, "SHV": 1}),
    ("vtd.IRTA", 0x1000 | 1 << 11 | 15, {"IRTA": 1, "EIME": 1, "S": 15}),
    # 48882, 2.2.2: an HPET's entry, 512 interrupt remapping entries at 20_0000h, NMIs pass.
    ("amdvi-memory.DTE_2", 2 << 60 | 1 << 58 | 0x200000 | 9 << 1 | 1,
     {"IntCtl": 2, "NMIPass": 1, "IntTabRootPtr": 0x8000, "IntTabLen": 9, "IV": 1}),
    # 2.2.5: fixed, vector 51h, to APIC 3, in both sizes.
    ("amdvi-memory.IRTE", 0x51 << 16 | 3 << 8 | 1, {"Vector": 0x51, "Destination": 3, "RemapEn": 1}),
    ("amdvi-memory.IRTE_LO", 3 << 8 | 1, {"Destination": 3, "RemapEn": 1}),
    ("amdvi-memory.IRTE_HI", 0x51, {"Vector": 0x51}),
    # 2.5: an IO_PAGE_FAULT of an interrupt of 00:14.0.
    ("amdvi-memory.EVENT_LO", 2 << 60 | 1 << 51 | 0xa0, {"CODE": 2, "I": 1, "DeviceID": 0xa0}),
    ("amdvi.CONTROL", 1 << 17 | 1 << 12 | 5, {"GAEn": 1, "CmdBufEn": 1, "EventLogEn": 1, "IommuEn": 1}),
    ("lapic.LVT_PMI", 0x400, {"MODE": 4}),
    # SDM vol. 3A, 10.4.4: as the boot CPU's firmware leaves it, and in x2APIC mode.
    ("lapic.IA32_APIC_BASE", 0xfee00900, {"PAGE": 0xfee00, "EN": 1, "BSP": 1}),
    ("lapic-msr.IA32_APIC_BASE", 0xfee00c00, {"PAGE": 0xfee00, "EN": 1, "EXTD": 1}),
    ("lapic.IA32_TSC_DEADLINE", 0x123456789a, {"DEADLINE": 0x123456789a}),
    # 10.12.9: an NMI to id 40h, in one MSR of 64 bits; 10.12.10.2: the logical id of APIC 25h.
    ("lapic.ICR", 0x40 << 32 | 1 << 14 | 4 << 8, {"DESTINATION": 0x40, "LEVEL": 1, "MODE": 4}),
    ("lapic.X2APIC_LDR", 2 << 16 | 1 << 5, {"CLUSTER": 2, "MEMBER": 0x20}),
    ("pic.ICW1", 0x11, {"ICW1": 1, "IC4": 1}),
    ("pit.CONTROL", 0x34, {"RW": 3, "M": 2}),
    ("pmu.IA32_FIXED_CTR_CTRL", 0x9, {"EN0": 1, "PMI0": 1}),
    ("chipset.NMI_SC", 0xa0, {"SERR_NMI_STS": 1, "TMR2_OUT_STS": 1}),
]


class Registers(unittest.TestCase):
    def test_every_device_is_listed(self):
        self.assertEqual(DEVICES, [row["device"] for row in json.loads(w.hldsim("regs", "--json"))])

    def test_text_markdown_and_json_have_the_same_registers(self):
        for device in DEVICES:
            names = [register["name"] for register in json.loads(w.hldsim("regs", device, "--json"))["registers"]]
            self.assertTrue(names)
            text, markdown = w.hldsim("regs", device), w.hldsim("regs", device, "--markdown")
            for name in names:
                self.assertRegex(text, rf"(?m)\b{re.escape(name)}\b")
                self.assertRegex(markdown, rf"(?m)^\*\*{re.escape(name)}\*\* ")

    def test_the_fields_of_each_register_cover_it_once(self):
        for device in DEVICES:
            for register in json.loads(w.hldsim("regs", device, "--json"))["registers"]:
                for fields in [register["fields"], *(form["fields"] for form in register.get("formats", []))]:
                    bits = [bit for field in fields for bit in range(field["msb"], field["lsb"] - 1, -1)]
                    self.assertEqual(list(range(register["width"] - 1, -1, -1)), bits, f"{device}.{register['name']}")

    def test_a_value_is_taken_apart(self):
        for register, value, expected in VALUES:
            fields = json.loads(w.hldsim("decode", register, hex(value), "--json"))
            self.assertEqual(expected, {name: int(held) for name, held in fields.items() if int(held)}, register)

    def test_the_text_names_what_json_names(self):
        for register, value, expected in VALUES:
            text = w.hldsim("decode", register, str(value))
            for name in expected:
                self.assertIn(name, text)

    def test_markdown_has_the_rows_of_the_text(self):
        for register, value, _ in VALUES:
            head, *rows = w.hldsim("decode", register, str(value)).splitlines()
            bold, blank, titles, rule, *cells = w.hldsim("decode", register, str(value), "--markdown").splitlines()
            name, _, rest = head.partition(" ")
            self.assertEqual([f"**{name}** {rest}", "", "| Bits | Field | Value | Meaning |", "|---|---|---|---|"],
                             [bold, blank, titles, rule])
            self.assertEqual([row.split() for row in rows], [row.replace("|", " ").split() for row in cells], register)

    def test_every_register_of_an_x2apic_has_its_msr(self):
        # SDM vol. 3A, table 10-6.
        msrs = {"ID": "802h", "VERSION": "803h", "TPR": "808h", "PPR": "80Ah", "EOI": "80Bh", "LDR": "80Dh", "SVR": "80Fh",
                "ISRn": "810h+n", "TMRn": "818h+n", "IRRn": "820h+n", "ESR": "828h", "LVT_CMCI": "82Fh", "ICR_LOW": "830h",
                "LVT_TIMER": "832h", "LVT_THERMAL": "833h", "LVT_PMI": "834h", "LVT_LINT0": "835h", "LVT_LINT1": "836h",
                "LVT_ERROR": "837h", "INITIAL_COUNT": "838h", "CURRENT_COUNT": "839h", "DIVIDE": "83Eh", "SELF_IPI": "83Fh"}
        text = w.hldsim("regs", "lapic")
        for name, msr in msrs.items():
            self.assertRegex(text, rf"(?m)^  .*\bMSR {re.escape(msr)} +{name} ")
        for name in ("APR", "DFR", "ICR_HIGH", "RRD"):
            self.assertRegex(text, rf"(?m)^  0[0-9a-f]{{2}}h +{name} |^  310h +{name} ")
        self.assertIn("See also: hldsim regs lapic-msr", text)
        places = {one["name"]: (one["place"], one["width"])
                  for one in json.loads(w.hldsim("regs", "lapic-msr", "--json"))["registers"]}
        self.assertEqual({"IA32_APIC_BASE": ("MSR 01Bh", 64), "IA32_TSC_DEADLINE": ("MSR 6E0h", 64),
                          "X2APIC_ID": ("MSR 802h", 32), "X2APIC_LDR": ("MSR 80Dh", 32), "ICR": ("MSR 830h", 64)}, places)

    def test_columns_stay_apart_whatever_a_field_holds(self):
        for device in DEVICES:
            for register in json.loads(w.hldsim("regs", device, "--json"))["registers"]:
                name, ones = f"{device}.{register['name']}", (1 << min(register["width"], 64)) - 1
                fields = w.hldsim("decode", name, hex(ones)).splitlines()[1:]
                for line in [*fields, *(line for line in w.hldsim("regs", name).splitlines() if line.startswith("  "))]:
                    self.assertRegex(line, r"^  [\d:]+ {2,}[\w-]+(  +\S+){0,2}(  +\S.*)?$", name)
                starts = {re.match(r"  [\d:]+ +\S+ +\S+ +", line).end() for line in fields if len(line.split()) > 3}
                self.assertLessEqual(len(starts), 1, name)

    def test_what_the_profile_decides_has_no_reset_of_its_own(self):
        text = w.hldsim("regs", "hpet.GCAP_ID")
        self.assertIn("reset set by the profile", text)
        self.assertRegex(text, r"(?m)^  63:32  COUNTER_CLK_PERIOD +RO +profile +fs a tick")
        fields = {one["name"]: one["reset"] for one in json.loads(w.hldsim("regs", "hpet.TIM0_CONF", "--json"))["fields"]}
        self.assertEqual(("set by the profile", "0"), (fields["Tn_INT_ROUTE_CAP"], fields["Tn_INT_ENB_CNF"]))
        for writable in ("Tn_FSB_EN_CNF", "Tn_32MODE_CNF", "Tn_TYPE_CNF"):
            self.assertEqual("set by the profile", fields[writable], writable)
        self.assertIn("reset set by the profile", w.hldsim("regs", "hpet.TIMn_COMP"))

    def test_a_machine_of_a_profile_has_values_where_the_map_leaves_them_open(self):
        # 82801JI (ICH10) datasheet 5.28: four timers at 14.31818 MHz; 300 series PCH: eight at 24 MHz, 41666667 fs.
        for profile, period, last in (("ich10", 69841279, 3), ("desktop-2018", 41666667, 7)):
            fields = {one["name"]: one["reset"] for one in
                      json.loads(w.hldsim("regs", "hpet.GCAP_ID", "--profile", profile, "--json"))["fields"]}
            self.assertEqual((str(period), str(last)), (fields["COUNTER_CLK_PERIOD"], fields["NUM_TIM_CAP"]), profile)
            names = [one["name"] for one in json.loads(w.hldsim("regs", "hpet", "--profile", profile, "--json"))["registers"]]
            self.assertEqual((True, False), (f"TIM{last}_CONF" in names, f"TIM{last + 1}_CONF" in names), profile)
        for device in DEVICES:
            for form in ((), ("--markdown",), ("--json",)):
                said = w.hldsim("regs", device, "--profile", "amd-2020", *form)
                self.assertNotRegex(said, r"set by the profile|\| profile \||reset profile", device)

    def test_a_unit_is_shown_for_a_profile_whose_machines_have_none_by_default(self):
        text = w.hldsim("regs", "vtd.ECAP", "--profile", "desktop-2018")
        self.assertRegex(text, r"(?m)^  4 +EIM +RO +1 +1: 32-bit destination ids$")

    def test_the_row_of_a_name_without_number_is_the_first_instance(self):
        self.assertEqual(w.hldsim("regs", "hpet.TIM0_CONF", "--profile", "ich10"),
                         w.hldsim("regs", "hpet.TIMn_CONF", "--profile", "ich10"))

    def test_what_a_profile_has_not_is_refused_at_its_name(self):
        self.assertIn("a machine of profile 'ich10' has no hpet.TIM4_CONF",
                      self.refused("regs", "hpet.TIM4_CONF", "--profile", "ich10"))
        self.assertIn("did you mean 'ich10'?", self.refused("regs", "hpet", "--profile", "ich1"))
        self.assertIn("no such file", self.refused("regs", "hpet", "--profile", "./ich10.yaml"))
        self.assertIn("--profile is about the registers of one device", self.refused("regs", "--profile", "ich10"))

    def refused(self, *arguments):
        ran = subprocess.run([w.Place.hldsim, *arguments], capture_output=True, text=True, check=False, timeout=w.SECONDS_MAX)
        self.assertEqual((2, ""), (ran.returncode, ran.stdout), arguments)
        return ran.stderr

    def test_the_name_that_was_meant_is_offered(self):
        for wrong, meant in (("vtd.irta", "IRTA"), ("ioapic.RTE0_LOW", "RTE0"), ("ioapic.rte7", "RTE7"), ("HPET", "hpet"),
                             ("lapic.icr", "ICR"), ("hpet.tim0_cnf", "TIM0_CONF"), ("lapic.ICR_LO", "ICR_LOW")):
            for command in (["regs", wrong], ["decode", wrong, "1"]):
                self.assertIn(f"did you mean '{meant}'?", self.refused(*command))
        self.assertNotIn("did you mean", self.refused("regs", "vtd.SOMETHING_ELSE"))

    def test_a_number_may_be_written_as_the_tables_write_it(self):
        wanted = w.hldsim("decode", "vtd.IRTA", "0xa100f")
        for same in ("A100Fh", "0A100Fh", "0a100fH", "0XA100F", "659471"):
            self.assertEqual(wanted, w.hldsim("decode", "vtd.IRTA", same))
        for wrong in ("A100F", "h", "0xA1h", "1g", "0x", ""):
            self.assertIn(f"'{wrong}' is no value", self.refused("decode", "vtd.IRTA", wrong))


if __name__ == "__main__":
    w.main(__doc__)
