"""Case work for a municipal Infohus coordinator: concerns in sealed files, from intake to closing."""

__version__ = "0.2.0"
