"""Generates C++ headers from what `hints` has read.

`types` is the table of types, `layout` the order in which C++ needs them. `records`, `classes` and
`functions` each write their part, `emit` the whole header, `output` the file.
"""
