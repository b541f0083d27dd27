"""What goes on paper: bar code symbols, fonts for every script, PDF and ZPL. No settings, no database."""
