"""The promises: one file each, with `TITLE` and `run(options) -> {"promises": …, …}`.

What else `run` returns is kept as JSON beside the table, for who wants to look closer.
"""

ROWS = ("search", "build", "open", "memory", "threads", "upserts", "deletes", "filters", "hybrid", "million")
