"""Tables as spreadsheets write and read them (表格)."""
