"""What is wrong, who is told of it, and what is written about it afterwards."""
