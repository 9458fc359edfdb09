"""What the house does by itself (自动值守): one module for each duty, as plain functions.

Each works over `Office`, for the `Scope` that it is given. It takes one case per transaction and
passes over what another worker holds, so any number may run at once; run late or twice, it costs
promptness only. What fails stands aside with its error and its next try, and never blocks the rest.
"""
