"""What holds work back: switches, budgets, and the rules for queues that grow and work that fails."""
