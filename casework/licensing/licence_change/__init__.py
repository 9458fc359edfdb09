"""Changes, replacements and corrections of licences (许可证变更、补发、更正)."""
