"""Prints what a run came to, and fails on any finding. Usage: verdict.py REPORT LEAST."""

import json
import sys


def main(path, least):
    with open(path, encoding="utf-8") as file:
        report = json.load(file)
    cases, operations = report["test_cases"], report["operations"]
    rates = report["valid_rates"]
    accepted = {call: sum(phase["accepted"] for phase in phases.values()) for call, phases in rates.items()}
    for call, count in sorted(accepted.items()):
        print(f"{count:6d} accepted  {call}" if count else f" NEVER accepted  {call}: seed.py or sense.py could help")
    findings = len(report["failures"]) + len(report["errors"])
    print(
        f"{cases['generated']} cases against {operations['tested']} of {operations['total']} calls in "
        f"{report['running_time']:.0f} s, seed {report['seed']}: {findings} findings, {report['filtered']} refusals of "
        "valid data for a business reason"
    )
    for warning, calls in report["warnings"].items():
        if calls:
            print(f"{warning}: {', '.join(calls)}")
    if not report["complete"] or findings:
        sys.exit(1)
    if cases["generated"] < int(least) or operations["tested"] < operations["total"]:
        sys.exit(f"too few: at least {least} cases, and every call")


if __name__ == "__main__":
    main(*sys.argv[1:])
