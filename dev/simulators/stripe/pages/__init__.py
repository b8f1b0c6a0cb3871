"""The pages for people: the checkout and the dashboard."""
