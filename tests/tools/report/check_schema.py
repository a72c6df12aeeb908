# SPDX-License-Identifier: Apache-2.0
"""check_schema.py SCHEMA SAMPLE: the sample (which report_tests hold to the program's bytes) is valid, and bent ones not."""
import copy
import json
import sys

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is missing: skipped")
    sys.exit(77)


def bent(sample):
    """Name and copy of the sample with one thing wrong."""
    def change(name, act):
        runs = copy.deepcopy(sample)
        act(runs)
        return name, runs

    yield change("no outcome", lambda runs: runs[0].pop("outcome"))
    yield change("another schema", lambda runs: runs[0].update(schema="hldsim.run/2"))
    yield change("an instant as a number", lambda runs: runs[0].update(end_fs=35000000000000000))
    yield change("an instant with decimals", lambda runs: runs[0]["findings"][0].update(at_fs="1.5"))
    yield change("an unknown phase", lambda runs: runs[0]["findings"][0].update(phase="gone"))
    yield change("an unknown hop", lambda runs: runs[0]["findings"][0]["token"][0].update(hop="flying"))
    yield change("a chance with a comma", lambda runs: runs[0]["windows"][0].update(chance_per_event="4,62e-09"))
    yield change("a statistic as a number", lambda runs: runs[0]["stats"].update({"nmi.taken": 12}))
    yield change("one run instead of a list", lambda runs: runs.clear() or runs.append("x"))


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    with open(sys.argv[2], encoding="utf-8") as file:
        sample = json.load(file)
    validator = jsonschema.Draft7Validator(schema)
    validator.check_schema(schema)
    failures = [f"sample.json: {error.json_path}: {error.message}" for error in validator.iter_errors(sample)]
    failures += [f"the schema takes {name}" for name, runs in bent(sample) if validator.is_valid(runs)]
    print("\n".join(failures) or "valid")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
