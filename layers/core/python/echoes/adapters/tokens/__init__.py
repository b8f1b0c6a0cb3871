"""Tokens: who may say who somebody is, and how we find out."""
