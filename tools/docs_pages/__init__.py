"""The pages of docs/reference, made from the sources they describe."""
