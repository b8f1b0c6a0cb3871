"""Joins finished clips, joints, cards and music into one mp4 file."""
