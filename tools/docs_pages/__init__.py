"""Makes the pages of docs/reference from the sources that they describe."""
