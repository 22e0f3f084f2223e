"""What a model knows, told to people who decide whether it may leave: each statistic, its support and its losses."""
