"""Exchange (数据交换): what other systems tell this one, and what it tells them."""
