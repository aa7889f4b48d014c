"""The speed of durable writes, beside a bare file and SQLite in the same process and minutes."""

import json


def report(work):
    """Prints medians and their ratios. Nothing is judged: a busy machine must not fail a build."""
    measured = json.loads((work / "writes.json").read_text(encoding="utf-8"))
    for name, figures in measured.items():
        median = figures["median_us"]
        latency = f"{median:8.0f} us a write, " if median is not None else " " * 21
        print(f"writes  {name:<20}{latency}{figures['per_second']:8.0f} a second")

    ours, bare, sqlite = (measured[name]["median_us"] for name in ("vectlite", "bare file", "SQLite"))
    many = measured["vectlite, 16 threads"]["per_second"] / measured["vectlite"]["per_second"]
    print(f"writes  {bare / ours:.2f} x the bare file (wanted 0.85), {sqlite / ours:.2f} x SQLite (wanted 1.0)")
    print(f"writes  16 threads {many:.1f} x one (wanted 5)")
