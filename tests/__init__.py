"""The tests. A folder that has an `__init__.py` is a package that several of them share."""
