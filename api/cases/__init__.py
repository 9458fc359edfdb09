"""Cases and their steps: routes, pages, what a form begins with."""
