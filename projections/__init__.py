"""The read side's folds: one file per read model, the tables it owns, its version."""
