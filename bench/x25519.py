"""Sealing and opening one record of 8 KB by pyrage, to an X25519 key; run by a Python that has it.

Prints the median in seconds, as ``seal`` does for ours.
"""

import json
import secrets
import statistics
import sys
import time

import pyrage

record, key = secrets.token_bytes(8 * 1024), pyrage.x25519.Identity.generate()
spent = []
for _ in range(300):
    start = time.perf_counter()
    pyrage.decrypt(pyrage.encrypt(record, [key.to_public()]), [key])
    spent.append(time.perf_counter() - start)
json.dump({"pyrage": statistics.median(spent)}, sys.stdout)
