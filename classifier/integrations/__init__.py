"""Spillway where users already are: one module for each package that it works with."""
