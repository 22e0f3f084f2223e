"""Let `python -m synth` do what the `synth` command does."""

from synth.cli import main

if __name__ == "__main__":
    main()
