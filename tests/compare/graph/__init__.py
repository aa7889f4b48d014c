"""The graph against its peers, through Python, on 100,000 real embeddings (and a million made ones).

`contenders/` has one file for each library: how it is built, opened, searched, and with which settings. `rows/` has
one file for each promise: what is measured, and what is wanted. Every measurement runs in a process of its own
(`process.py` starts it, `worker.py` is it); the functions of a row that take a contender run there.
"""
