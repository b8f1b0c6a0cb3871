"""Never deployed: the local cloud and the simulators."""
