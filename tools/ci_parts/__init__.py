"""The modules of tools/ci.py: environments of its parts, running them, and results of tests."""
