"""What differs by place and by date: limits, calendars, lists, question bank, offices.

Data with the law behind it and the time it holds, and the readers of that data. The files here
are the shipped editions; `migrate` loads them, and the engine reads what was loaded. Imports no
other room.
"""
