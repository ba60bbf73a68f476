"""The questions: one file each, with one SQL constant, one frozen dataclass and one function, tenant first."""
