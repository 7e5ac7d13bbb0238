"""Segments, campaigns, journeys and forms."""
