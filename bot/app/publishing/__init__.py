"""Making outside what accepted reports describe: looked up first, then made or continued."""
