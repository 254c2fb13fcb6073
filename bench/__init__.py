"""Benchmarks: how fast, how large and how steep, beside other programs on the same records in the same run.

``make bench`` measures small stores, ``make bench-full`` stores of up to 100,000 cases; both write ``results.json``
here and ``docs/performance.md`` from it. Nothing here is a test of the program, and nothing of it is installed.
"""
