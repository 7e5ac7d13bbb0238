"""Who may do what in sales. One module per subject; `POLICIES` is what the app registers."""

POLICIES = ()
