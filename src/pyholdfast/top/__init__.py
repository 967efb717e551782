"""A look at running hosts, by the pages of counters that they keep in shared memory.

The layers within: `pages` finds a host's page; `change` compares two looks; `screen` and `metrics`
write. Reads files only: no ptrace, no root.
"""
