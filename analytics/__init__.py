"""Datasets, dashboards, reports and models. Reads the other apps; nothing reads it."""
