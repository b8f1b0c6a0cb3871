"""Photos and video: Pillow and PyAV."""
