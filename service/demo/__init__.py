"""The demo of service: one module per subject, imported in the order in which they are filled."""
