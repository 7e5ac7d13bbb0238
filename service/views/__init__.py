"""One module per subject, imported here so that their list pages are known to workers too."""
