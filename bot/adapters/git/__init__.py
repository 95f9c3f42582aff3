"""Git as the program uses it: the state's store, its past, changes of projects' repositories."""
