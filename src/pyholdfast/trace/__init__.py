"""Reads the traces that hosts record, and shows them.

`file_layout` reads a file, and `model` turns it into threads, holds and waits. The other modules
write: `summary` text for the terminal, including what stands out, `html` and `svg` pictures,
`perfetto` and `speedscope` files for other tools; `exporters` chooses among them.
"""
