"""DynamoDB stores, through PynamoDB."""
