"""What becomes of the work on a task: claims, reports, publications, failures, pull requests."""
