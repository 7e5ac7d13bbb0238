"""The demo of sales: one module per subject, imported in the order in which they are filled."""
