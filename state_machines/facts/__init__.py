"""Facts that guards read, narrow and typed: the back office gathers them and logs them.

A guard names the facts it needs by the types of its parameters, so each type says one thing only.

One file a topic, as for the guards that read them.
"""
