"""The version of the firmware: the only place where it stands."""

VERSION = "0.1.0"
