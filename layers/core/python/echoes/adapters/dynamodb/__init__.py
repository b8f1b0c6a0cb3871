"""Stores kept in DynamoDB, by way of PynamoDB."""
