"""The whole path: a recipe read, its stages walked, each from files to files, resumed where it stopped."""
