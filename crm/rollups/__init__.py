"""Sums kept by the database beside its rows: `from crm.rollups.comparing import RollUp, register_rollup`."""
