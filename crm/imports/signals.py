"""What an import tells apps that it does not know. Sent inside the tenant, in the transaction that ends the work."""

from django.dispatch import Signal

# Arguments: run (the Import). All its rows are in; or it has been undone.
import_finished = Signal()
