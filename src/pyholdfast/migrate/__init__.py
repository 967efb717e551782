"""From manual pairs to guards: `holdfast migrate`.

What is a pair, the proof says (`pyholdfast.check`); what becomes of it is decided and written here.
Nothing is rewritten that the proof does not know to be one pair.
"""
