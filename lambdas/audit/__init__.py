"""The books: checked and anchored every night, and watched for tampering."""
