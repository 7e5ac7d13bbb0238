"""The page family: list, detail, edit, delete and action pages, and what they are made of. See docs/pages.md."""
