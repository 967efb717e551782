"""The rooms of tools/ci.py: the environments of its parts, running them, and what became of tests."""
