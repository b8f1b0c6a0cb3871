"""What Stripe keeps: sessions, payments, refunds, disputes and prices, and their moves."""
