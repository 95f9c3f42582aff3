"""What happened: every change of the state is the answer to one of these, or to time passing."""
