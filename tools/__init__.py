"""Builders and operators' programs: layers, lock files, the OpenAPI document, exports, checks."""
