"""What the synthetic tables give away about the persons they were learned from."""
