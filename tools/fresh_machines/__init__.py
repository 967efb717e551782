"""The rooms of tools/fresh_machine.py: Debian's trees, and what is tried in them."""
