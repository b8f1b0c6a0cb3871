"""Workflows run by Step Functions."""
