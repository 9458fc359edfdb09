"""Import (数据导入): tables of other systems, judged row by row, in pieces, at any time again."""
