"""Sub-commands that `training` adds to `classify`, through the entry-point group `spillway.commands`.

Their modules import nothing heavy: scikit-learn comes in only when one of them runs.
"""
