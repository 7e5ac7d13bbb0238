"""What the business amounts to, as far as one member sees it. One module per subject; docs/analytics.md."""
