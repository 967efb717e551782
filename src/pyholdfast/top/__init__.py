"""Shows running hosts, from the counters that they keep in shared memory.

`pages` finds a host's page, `change` compares two readings, `screen` and `prometheus` write. It only
reads files: no ptrace, no root.
"""
