"""A catalog written for others to read: SQL, a diagram, a folder of Table Schemas, a table in the terminal."""
