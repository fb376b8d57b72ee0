"""Nothing: shows that the emulator starts."""
