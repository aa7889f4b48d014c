"""Reads clocks and memory of the process that calls."""

import gc
import time
from pathlib import Path


def timed(call, arguments):
    """Calls once for each argument; returns the results, and the seconds by the wall and by the processor.

    The processor's seconds are those of all threads of the process. Where they are fewer than the wall's, something
    else had the core. Python's collector rests meanwhile, as it does under `timeit`: that every answer is kept is the
    measurement's doing, and looking through all of them falls to whoever is measured then.
    """
    gc.collect()
    gc.disable()
    try:
        wall, cpu = time.perf_counter(), time.process_time()
        results = [call(argument) for argument in arguments]
        return results, time.perf_counter() - wall, time.process_time() - cpu
    finally:
        gc.enable()


def memory_mb():
    """Resident memory of this process: what only it has to pay for, and all of it with mapped pages of files."""
    size = {}
    for line in Path("/proc/self/smaps_rollup").read_text(encoding="utf-8").splitlines()[1:]:
        name, amount = line.split(":")
        size[name] = int(amount.split()[0]) * 1024 / 1e6
    # Huge pages of hugetlbfs are in none of the other sums.
    huge = size.get("Shared_Hugetlb", 0) + size.get("Private_Hugetlb", 0)
    owned = size["Anonymous"] + size.get("Pss_Shmem", 0) + huge
    return {"owned": owned, "total": size["Rss"] + huge}
