"""The folder for ``PKG_CONFIG_PATH``."""
