"""Commands of those who look at the state branch: what it says, whether it holds, the branch as a whole."""
