"""What people read, and the programs that draw or show it."""
