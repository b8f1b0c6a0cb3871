"""
What each function may do and is told, a module a capability.

Each module has one function, `equip_…`: all that a function of the capability may do stands there,
in one block, and nowhere else.
"""
