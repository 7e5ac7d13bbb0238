"""Tickets, queues, service levels and articles."""
