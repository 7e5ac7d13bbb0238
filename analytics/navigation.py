"""Analytics in the sidebar, on the first page of the day, and beside the records of others."""
