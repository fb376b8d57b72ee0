"""Preferences: what the person wants of calls; the settings in `calls` have the same names."""


class Preferences:
    """What holds where nothing is set.

    call_waiting        whether a further call is told during one; otherwise it meets a busy phone
    most_calls          calls at once; one more meets a busy phone
    hold_reminder_s     how often the phone reminds of a held call that nobody talks over, 0: never
    follow_transfers    whether the other side of a call may send us on to somebody else
    forward_always, forward_busy, forward_no_answer
                        numbers that calls are sent on to, None: they are not
    no_answer_s         how long it rings before forward_no_answer
    """

    call_waiting = True
    most_calls = 4
    hold_reminder_s = 60
    follow_transfers = True
    forward_always = None
    forward_busy = None
    forward_no_answer = None
    no_answer_s = 20
