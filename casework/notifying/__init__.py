"""How notices reach people (通知送达): outlets, messages on their way, arrival, dead letters."""
