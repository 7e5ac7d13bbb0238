"""Reports: what they say, who may ask for them, and how they become files. docs/reports.md."""
