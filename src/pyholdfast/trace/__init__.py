"""Traces: read what a host recorded, and show it.

The layers within: `format` reads a file; `model` turns it into threads, holds and waits; `findings` says
what stands out; the others write: `summary` for the terminal, `html` and `svg` pictures, `perfetto` and
`speedscope` for other tools.
"""
