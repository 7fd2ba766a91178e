# SPDX-License-Identifier: MIT
"""The cases in which an answer must be right: one definition for the tests, for old kernels and for the table."""
