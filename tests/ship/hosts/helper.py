"""A module that only `facts` names: a bundle of the host needs it too."""

TEXT = b"hold fast"
