"""Proofs by force: what is promised for the worst moments is tried at them, on a house that runs.

They take long and are no tests: `make prove`. Each is a module here with `prove`, named in
`__main__`; it prints what it did and says whether the promise held.
"""
