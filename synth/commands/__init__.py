"""One thin module a command of `synth`, imported when the command is called."""
