"""Guards: the conditions of steps, pure, each answering with a reason and the article.

A published revision never changes (`nuoxin check` compares digests); a new rule is a new revision.

One file a topic; a process imports the ones it composes.
"""
