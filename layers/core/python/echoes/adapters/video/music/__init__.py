"""Music for films: uploads and our own tracks are checked, levelled and made to loop."""
