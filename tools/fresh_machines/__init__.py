"""The modules of tools/fresh_machine.py: Debian trees, and the steps that are tried in them."""
