"""The bundled catalogue: what ``bundle.py`` loads."""
