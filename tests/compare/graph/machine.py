"""What the figures were taken on."""

import os
from pathlib import Path


def describe():
    """Processor, cores, and the instructions for int8 that distances can use."""
    facts = dict(
        line.split(":", 1) for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if ":" in line
    )
    facts = {name.strip(): value.strip() for name, value in facts.items()}
    flags = facts.get("flags", facts.get("Features", "")).split()
    known = [name for name in ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "asimddp") if name in flags]
    name = facts.get("model name", "unknown processor")
    if "model" in facts:
        name += f" family {facts['cpu family']} model {facts['model']}"
    return f"{name}, {len(os.sched_getaffinity(0))} cores, {' '.join(known)}"


def load():
    """Processes that waited for a core during the last minute."""
    return os.getloadavg()[0]
