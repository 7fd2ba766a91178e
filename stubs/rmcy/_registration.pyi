# Nothing in it is for Python: it is cimported.
