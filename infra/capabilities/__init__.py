"""
What each function may do and which variables it reads, a module a capability.

Each module has one function, `equip_…`: all that a function of the capability may do stands there,
in one block, and nowhere else.
"""
