"""Keymap: the keys with the same meaning on every screen. All other keys go to the screen."""

# (key, method of Shell).
ANYWHERE = (
    ("speaker", "speaker"),
    ("mute", "mute"),
    ("volume_up", "louder"),
    ("volume_down", "softer"),
    ("redial", "redial"),
    ("messages", "messages"),
    ("hold", "hold"),
    ("transfer", "transfer"),
    ("conference", "conference"),
    ("line1", "choose_line"),
    ("line2", "choose_line"),
    ("line3", "choose_line"),
    ("line4", "choose_line"),
)

SOFTKEYS = ("soft1", "soft2", "soft3", "soft4")
DIGITS = "0123456789*#"
