"""The music of our films, made by this code: scores, instruments, a mixer, an encoder."""
