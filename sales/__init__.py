"""Leads, deals, products, quotes, contracts and receipts."""
