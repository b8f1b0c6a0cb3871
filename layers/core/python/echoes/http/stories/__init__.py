"""The autopilot's proposal."""
