from django.dispatch import Signal

# `email`: somebody gave a wrong password for this address, which may have no account. Sent after the answer has left,
# so that what receivers do for an account that exists cannot be told from the time the answer takes.
sign_in_refused = Signal()
