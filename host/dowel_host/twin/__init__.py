"""The board, simulated where the firmware touches it, and the people who wear it."""
