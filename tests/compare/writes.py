"""The speed of durable writes, beside a bare file and SQLite in the same process and minutes."""

import json
from statistics import median

# A quiet disk repeats its median within this factor from round to round.
STEADY = 2.0


def report(work):
    """Prints medians and their ratios. Nothing is judged: a busy machine must not fail a build.

    The range of the rounds tells how far to trust a ratio. Where the disk was shared or throttled, every contestant
    waits for it alike, and their ratios approach 1 whatever they do themselves.
    """
    measured = json.loads((work / "writes.json").read_text(encoding="utf-8"))
    for name, figures in measured.items():
        rate = median(figures["round_per_second"])
        rounds = figures["round_us"]
        latency = f"{median(rounds):6.0f} us a write (rounds {min(rounds):.0f} to {max(rounds):.0f})" if rounds else ""
        print(f"writes  {name:<22}{rate:8.0f} a second  {latency}")

    ours, bare, sqlite = (measured[name]["round_us"] for name in ("vectlite", "bare file", "SQLite"))
    many, one = (measured[name]["round_per_second"] for name in ("vectlite, 16 threads", "vectlite"))
    for text, ratios, wanted in (
        ("speed of the bare file", [b / o for b, o in zip(bare, ours)], 0.85),
        ("speed of SQLite", [s / o for s, o in zip(sqlite, ours)], 1.0),
        ("speed of one thread, by 16 threads", [m / o for m, o in zip(many, one)], 5),
    ):
        print(f"writes  {median(ratios):.2f} x the {text} (rounds {min(ratios):.2f} to {max(ratios):.2f}; wanted {wanted})")
    if max(bare) > STEADY * min(bare):
        print("writes  no verdict: even the bare file was not steady; measure again while nothing else runs")
