"""The ledger: every legally significant step, once, in order, provable.

An entry is written in the transaction of the step that it describes, so there is no step without
its entry and no entry without its step. Sequencing gives it a place in the Merkle tree; from then
on the tree's signed checkpoint commits to it. Personal data never enters: people and vehicles
appear as salted commitments whose salt can be erased.
"""
