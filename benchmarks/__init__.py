"""What it costs: each module measures one thing and prints it (`python -m benchmarks.NAME`)."""
