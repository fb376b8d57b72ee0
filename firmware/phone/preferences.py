"""Preferences for calls; the settings in phone.json's `calls` have the same names."""


class Preferences:
    """The defaults.

    call_waiting        whether a further call rings during a call; otherwise it is refused as busy
    most_calls          maximum number of calls; one more is refused as busy
    hold_reminder_s     how often the phone reminds of a held call while no other is heard, in s; 0: never
    follow_transfers    whether the other side of a call may transfer us
    dtmf                how digits are sent: "rtp", "info", or "auto": by RTP if agreed on, else by INFO
    media_timeout_s     a call without sound from the other side ends after so many s; 0: never
    forward_always, forward_busy, forward_no_answer
                        numbers that calls are forwarded to, None: no forwarding
    no_answer_s         seconds of ringing before forward_no_answer
    """

    call_waiting = True
    most_calls = 4
    hold_reminder_s = 60
    follow_transfers = True
    dtmf = "auto"
    media_timeout_s = 0
    forward_always = None
    forward_busy = None
    forward_no_answer = None
    no_answer_s = 20
