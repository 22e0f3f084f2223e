"""How close the synthetic tables are to the real ones, each figure beside its real-against-real value."""
